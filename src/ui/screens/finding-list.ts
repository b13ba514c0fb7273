import type { Comparison, Finding } from '../../diff/finding.ts';
import { visible } from '../../session/visible.ts';
import { fit, fitText, type Line, line, wrapWords } from '../line.ts';
import { gradeOf } from '../theme.ts';
import { valuesLine } from '../values.ts';
import { headerLines } from './header.ts';

/** What was decided in this sitting. */
const MARKS: Record<string, string> = { accepted: '+', rejected: '×', skipped: '»' };

/** Rows under the list: a rule, two lines of the selected finding's message, its values. */
const PREVIEW_ROWS = 4;

/** Rows of the window of the list on a screen of this size, footer excluded. */
export function listRows(comparison: Comparison, columns: number, rows: number): number {
  return Math.max(1, rows - headerLines(comparison, columns, rows).length - 1 - previewRows(rows));
}

/** What of the list is shown. */
export interface FindingList {
  /** The findings that the filter lets through. */
  shown: readonly Finding[];
  top: number;
  selected: number;
  /** The filter's expression; empty for none. */
  filter: string;
}

/** Each cause followed by what follows from it; otherwise the order stays. */
export function causedOrder(findings: readonly Finding[]): Finding[] {
  const ids = new Set(findings.map(({ id }) => id));
  const following = new Map<string, Finding[]>();
  const causes: Finding[] = [];
  for (const finding of findings) {
    const { causedBy } = finding;
    if (causedBy === undefined || !ids.has(causedBy) || causedBy === finding.id) causes.push(finding);
    else following.set(causedBy, [...(following.get(causedBy) ?? []), finding]);
  }
  const taken = new Set<string>();
  const withFollowing = (finding: Finding): Finding[] => {
    if (taken.has(finding.id)) return [];
    taken.add(finding.id);
    return [finding, ...(following.get(finding.id) ?? []).flatMap(withFollowing)];
  };
  const ordered = causes.flatMap(withFollowing);
  return [...ordered, ...findings.filter(({ id }) => !taken.has(id))];
}

/** The list of findings under the verdict, with what the selected one says. */
export function findingListLines(
  comparison: Comparison,
  { shown, top, selected, filter }: FindingList,
  markOf: (finding: Finding) => string | null,
  columns: number,
  rows: number,
): Line[] {
  const header = headerLines(comparison, columns, rows);
  if (filter !== '')
    header[header.length - 1] = filterLine(filter, shown.length, comparison.findings.length, columns);
  const finding = shown[selected];
  if (finding === undefined) return [...header, ...nothingLines(comparison, filter, columns)];
  const window = listRows(comparison, columns, rows);
  const ids = new Set(shown.map(({ id }) => id));
  const list = shown.slice(top, top + window).map((one) => {
    const follows = one.causedBy !== undefined && ids.has(one.causedBy);
    return findingLine(one, { isSelected: one === finding, follows, mark: markOf(one) }, columns);
  });
  const blank = Array.from({ length: window - list.length }, () => line(''));
  const preview = previewRows(rows) === 0 ? [] : previewLines(finding, selected, shown.length, columns);
  return [...header, headings(columns), ...list, ...blank, ...preview];
}

function filterLine(filter: string, shown: number, total: number, columns: number): Line {
  return fit(
    [
      { text: ` filter: ${filter}`, tone: 'accent' },
      { text: `  ${shown} of ${total}`, tone: 'quiet' },
    ],
    columns,
  );
}

function previewRows(rows: number): number {
  return rows < 14 ? 0 : PREVIEW_ROWS;
}

/** Widths of the columns; the path takes what is left. */
function widths(columns: number): {
  grade: number;
  kind: number;
  action: number;
  path: number;
  count: number;
  sessions: number;
} {
  const fixed = { grade: 10, kind: 18, action: columns < 100 ? 20 : 30, count: 6, sessions: 9 };
  const used = fixed.grade + fixed.kind + fixed.action + fixed.count + fixed.sessions;
  return { ...fixed, path: Math.max(0, columns - used - 7) };
}

function cells(
  values: { grade: string; kind: string; action: string; path: string; count: string; sessions: string },
  columns: number,
) {
  const width = widths(columns);
  const text = [
    fitText(values.kind, width.kind),
    fitText(values.action, width.action),
    fitText(values.path, width.path),
    values.count.padStart(width.count),
    values.sessions.padStart(width.sessions),
  ].join(' ');
  return { grade: fitText(values.grade, width.grade), rest: text };
}

function headings(columns: number): Line {
  const { grade, rest } = cells(
    { grade: 'severity', kind: 'kind', action: 'action', path: 'path', count: 'count', sessions: 'chargers' },
    columns,
  );
  return line(`  ${grade} ${rest}`, { tone: 'quiet' });
}

function findingLine(
  finding: Finding,
  { isSelected, follows, mark }: { isSelected: boolean; follows: boolean; mark: string | null },
  columns: number,
): Line {
  const { sign, word, tone } = gradeOf(finding);
  const decided = mark === null ? ' ' : (MARKS[mark] ?? ' ');
  const { grade, rest } = cells(
    {
      grade: `${sign} ${word}`,
      kind: `${follows ? '└ ' : ''}${finding.kind}`,
      action: visible(finding.action ?? 'connection'),
      path: visible(finding.path),
      count: `×${finding.count}`,
      sessions: String(finding.sessions.length),
    },
    columns,
  );
  if (isSelected) return line(`▸${decided}${grade} ${rest}`, { mark: true });
  const quiet = finding.status === 'new' ? {} : { tone: 'quiet' as const };
  return [{ text: ` ${decided}` }, { text: grade, tone }, { text: ` ${rest}`, ...quiet }];
}

function previewLines(finding: Finding, index: number, total: number, columns: number): Line[] {
  const place = ` ${index + 1} of ${total} `;
  const rule = `${'─'.repeat(Math.max(0, columns - place.length - 2))}${place}──`;
  const [first = '', second = '', ...more] = wrapWords(visible(finding.message), columns - 2);
  const cut = more.length > 0 ? `${second} …` : second;
  return [line(rule, { tone: 'quiet' }), line(` ${first}`), line(` ${cut}`), valuesLine(finding, columns)];
}

function nothingLines(comparison: Comparison, filter: string, columns: number): Line[] {
  const sentence =
    filter !== ''
      ? 'The filter matches no finding. Esc takes it away, / changes it.'
      : comparison.verdict === 'incomplete'
        ? 'No differences in what could be compared. But not everything could be: press i to see what is missing.'
        : 'No differences: the candidate answered and commanded as the baseline did.';
  return [line(''), ...wrapWords(sentence, columns - 4).map((text) => line(`  ${text}`))];
}
