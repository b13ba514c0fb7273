import type { Example, Finding } from '../../diff/finding.ts';
import { alignTexts, closeUp, type Piece, type Row } from '../../diff/side-by-side.ts';
import { visible } from '../../session/visible.ts';
import { fit, type Line, line, type Span, wrap, wrapWords } from '../line.ts';
import type { State } from '../state.ts';
import { gradeOf, type Tone } from '../theme.ts';

/** Narrower than this, the two sides stand one under the other. */
const SIDE_BY_SIDE_COLUMNS = 100;

/** Head of the detail, which does not scroll: what the finding is, where it was seen, what the two sides are. */
export function detailHead(finding: Finding, state: State, total: number, columns: number): Line[] {
  const { sign, word, tone } = gradeOf(finding);
  const where = [finding.action ?? 'connection', finding.path].filter((part) => part !== '').join(' ');
  const place = `  ${state.selected + 1} of ${total}`;
  const title: Line = [
    { text: ` ${sign} ${word} `, tone, strong: true, mark: true },
    { text: `  ${finding.kind}  `, strong: true },
    { text: visible(where), tone: 'accent' },
    { text: place, tone: 'quiet' },
  ];
  const message = wrapWords(visible(finding.message), columns - 2).slice(0, 3);
  return [
    fit(title, columns),
    ...message.map((text) => line(` ${text}`)),
    fit(line(` ${exampleText(finding, state)}`, { tone: 'quiet' }), columns),
    sidesLine(columns, state.raw),
  ];
}

/** The two payloads of one example with the difference marked, then the sessions it was seen in. */
export function detailBody(finding: Finding, state: State, columns: number): Line[] {
  const example = finding.examples[state.example];
  return [...payloadLines(finding, example, state.raw, columns), line(''), ...sessionLines(finding, columns)];
}

function exampleText(finding: Finding, state: State): string {
  const example = finding.examples[state.example];
  if (example === undefined) return `seen ×${finding.count}, no example kept`;
  const frames = `frame ${example.baselineFrame ?? 'none'} → ${example.candidateFrame ?? 'none'}`;
  const place =
    finding.examples.length > 1 ? `example ${state.example + 1} of ${finding.examples.length} (←→)  ` : '';
  return visible(`${place}${example.session}  ${frames}  seen ×${finding.count}`);
}

function sidesLine(columns: number, raw: boolean): Line {
  const mode = raw ? 'exact text' : 'laid out';
  if (columns < SIDE_BY_SIDE_COLUMNS) {
    const legend: Line = [
      { text: '── ' },
      { text: '- baseline', tone: 'baseline' },
      { text: '  ' },
      { text: '+ candidate', tone: 'candidate' },
    ];
    return rule([...legend, { text: `  ${mode} ` }], columns);
  }
  const half = paneWidth(columns) + 2;
  const left = rule([{ text: '── ' }, { text: '- baseline ', tone: 'baseline' }], half);
  const right = rule(
    [{ text: '── ' }, { text: '+ candidate ', tone: 'candidate' }, { text: ` ${mode} ` }],
    columns - half - 1,
  );
  return [...left, { text: '┬', tone: 'quiet' }, ...right];
}

function rule(spans: Line, width: number): Line {
  const used = spans.reduce((sum, span) => sum + span.text.length, 0);
  return [...spans, { text: '─'.repeat(Math.max(0, width - used)), tone: 'quiet' }];
}

/** Width of the text of one side: each has two columns of signs before it, one rule stands between. */
function paneWidth(columns: number): number {
  return Math.floor((columns - 1) / 2) - 2;
}

function payloadLines(finding: Finding, example: Example | undefined, raw: boolean, columns: number): Line[] {
  const { baselineText, candidateText } = example ?? {};
  if (baselineText === undefined && candidateText === undefined) {
    return [line('  No text was kept for this finding.', { tone: 'quiet' })];
  }
  const rows = alignTexts(baselineText, candidateText, example?.path ?? finding.path, raw);
  const lines =
    columns < SIDE_BY_SIDE_COLUMNS
      ? rows.flatMap((row) => stackedLines(row, columns))
      : closeUp(rows).flatMap((row) => pairedLines(row, columns));
  return [...absentNote(baselineText, candidateText), ...lines];
}

function absentNote(baselineText: string | undefined, candidateText: string | undefined): Line[] {
  if (baselineText !== undefined && candidateText !== undefined) return [];
  const side = baselineText === undefined ? 'baseline' : 'candidate';
  return [line(`  (the ${side} has nothing here)`, { tone: 'quiet' })];
}

/** Baseline left, candidate right. */
function pairedLines(row: Row, columns: number): Line[] {
  const width = paneWidth(columns);
  const left = sideLines(row, 'baseline', width);
  const right = sideLines(row, 'candidate', width);
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, index) => [
    ...fit(left[index] ?? [], width + 2),
    { text: '│', tone: 'quiet' as const },
    ...(right[index] ?? []),
  ]);
}

/** What is the same once, what differs twice: baseline above, candidate below. */
function stackedLines(row: Row, columns: number): Line[] {
  const sides = row.changed ? (['baseline', 'candidate'] as const) : (['baseline'] as const);
  return sides.flatMap((side) => sideLines(row, side, columns - 2));
}

function sideLines(row: Row, side: 'baseline' | 'candidate', width: number): Line[] {
  const pieces = row[side];
  if (pieces === null) return [];
  const tone: Tone = side;
  const sign = !row.changed ? '  ' : side === 'baseline' ? '- ' : '+ ';
  const look = row.changed ? { tone, strong: row.focus } : {};
  return wrap(
    pieces.map((piece) => spanOf(piece, row, tone)),
    width,
  ).map((part, index) => [{ text: index === 0 ? sign : '  ', ...look }, ...part]);
}

/** At the finding's own place changed words are inverse; differences elsewhere in the payload are coloured only. */
function spanOf(piece: Piece, row: Row, tone: Tone): Span {
  if (!row.changed) return { text: piece.text };
  return { text: piece.text, tone, strong: row.focus, mark: row.focus && piece.changed };
}

function sessionLines(finding: Finding, columns: number): Line[] {
  const total = finding.sessions.length;
  return [
    line(` Seen in ${total === 1 ? 'one charger' : `${total} chargers`}:`, { tone: 'quiet' }),
    ...finding.sessions.map((session) => fit(line(`   ${visible(session)}`), columns)),
  ];
}
