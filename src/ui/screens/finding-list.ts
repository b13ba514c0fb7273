import type { Comparison, Finding } from '../../diff/finding.ts';
import { visible } from '../../session/visible.ts';
import { fitText, type Line, line, wrapWords } from '../line.ts';
import { type State, windowTop } from '../state.ts';
import { gradeOf } from '../theme.ts';
import { valuesLine } from '../values.ts';
import { headerLines } from './header.ts';

/** Rows under the list: a rule, two lines of the selected finding's message, its values. */
const PREVIEW_ROWS = 4;

/** Rows of the window of the list on a screen of this size, footer excluded. */
export function listRows(comparison: Comparison, columns: number, rows: number): number {
  return Math.max(1, rows - headerLines(comparison, columns, rows).length - 1 - previewRows(rows));
}

/** The list of findings under the verdict, with what the selected one says. */
export function findingListLines(
  comparison: Comparison,
  state: State,
  columns: number,
  rows: number,
): Line[] {
  const header = headerLines(comparison, columns, rows);
  const { findings } = comparison;
  const selected = findings[state.selected];
  if (selected === undefined) return [...header, ...nothingLines(comparison, columns)];
  const window = listRows(comparison, columns, rows);
  const top = windowTop(state.top, state.selected, window, findings.length);
  const visibleRows = findings.slice(top, top + window);
  const list = visibleRows.map((finding) => findingLine(finding, finding === selected, columns));
  const blank = Array.from({ length: window - list.length }, () => line(''));
  const preview =
    previewRows(rows) === 0 ? [] : previewLines(selected, state.selected, findings.length, columns);
  return [...header, headings(columns), ...list, ...blank, ...preview];
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

function findingLine(finding: Finding, selected: boolean, columns: number): Line {
  const { sign, word, tone } = gradeOf(finding);
  const { grade, rest } = cells(
    {
      grade: `${sign} ${word}`,
      kind: finding.kind,
      action: visible(finding.action ?? 'connection'),
      path: visible(finding.path),
      count: `×${finding.count}`,
      sessions: String(finding.sessions.length),
    },
    columns,
  );
  if (selected) return line(`▸ ${grade} ${rest}`, { mark: true });
  const quiet = finding.status === 'new' ? {} : { tone: 'quiet' as const };
  return [{ text: '  ' }, { text: grade, tone }, { text: ` ${rest}`, ...quiet }];
}

function previewLines(finding: Finding, index: number, total: number, columns: number): Line[] {
  const place = ` ${index + 1} of ${total} `;
  const rule = `${'─'.repeat(Math.max(0, columns - place.length - 2))}${place}──`;
  const [first = '', second = '', ...more] = wrapWords(visible(finding.message), columns - 2);
  const cut = more.length > 0 ? `${second} …` : second;
  return [line(rule, { tone: 'quiet' }), line(` ${first}`), line(` ${cut}`), valuesLine(finding, columns)];
}

function nothingLines(comparison: Comparison, columns: number): Line[] {
  const sentence =
    comparison.verdict === 'incomplete'
      ? 'No differences in what could be compared. But not everything could be: press i to see what is missing.'
      : 'No differences: the candidate answered and commanded as the baseline did.';
  return [line(''), ...wrapWords(sentence, columns - 4).map((text) => line(`  ${text}`))];
}
