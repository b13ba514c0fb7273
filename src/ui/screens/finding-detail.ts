import type { Example, Finding } from '../../diff/finding.ts';
import { alignTexts, closeUp, type Piece, type Row } from '../../diff/side-by-side.ts';
import type { Rung, Surroundings } from '../../diff/surroundings.ts';
import type { Binding } from '../../session/recording.ts';
import { visible } from '../../session/visible.ts';
import { fit, type Line, line, type Span, wrap, wrapWords } from '../line.ts';
import { gradeOf, type Tone } from '../theme.ts';

/** Narrower than this, the two sides stand one under the other. */
const SIDE_BY_SIDE_COLUMNS = 100;

/** What of a finding is shown, and how. */
export interface FindingView {
  finding: Finding;
  /** Its place among those that are shown, from 0, and how many those are. */
  place: number;
  total: number;
  example: number;
  raw: boolean;
  /** What was decided in this sitting, in a word; empty for nothing. */
  mark: string;
  /** Ids that were mapped in the example's session. */
  bindings: readonly Binding[];
  /** What passed around it; null while that is read. */
  around: Surroundings | null;
}

/** Head of the detail, which does not scroll: what the finding is, where it was seen, what the two sides are. */
export function detailHead(view: FindingView, columns: number): Line[] {
  const { finding, total, raw } = view;
  const { sign, word, tone } = gradeOf(finding);
  const where = [finding.action ?? 'connection', finding.path].filter((part) => part !== '').join(' ');
  const place = `  ${view.place + 1} of ${total}${view.mark === '' ? '' : `  ${view.mark}`}`;
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
    fit(line(` ${exampleText(view)}`, { tone: 'quiet' }), columns),
    sidesLine(columns, raw),
  ];
}

/** The two payloads of one example with the difference marked, the ids that were mapped in them. */
export function payloadSection(
  { finding, example: at, raw, bindings }: FindingView,
  columns: number,
): Line[] {
  const example = finding.examples[at];
  return [...payloadLines(finding, example, raw, columns), ...mappedLines(example, bindings, columns)];
}

/** What passed around the finding in both recordings, and the chargers it was seen in. */
export function aroundSection({ finding, around }: FindingView, columns: number): Line[] {
  return [...aroundLines(around, columns), line(''), ...sessionLines(finding, columns)];
}

/** Ids of the CSMS that stand in these payloads under another value in the run: the comparison took them for the same. */
function mappedLines(example: Example | undefined, bindings: readonly Binding[], columns: number): Line[] {
  const { baselineText = '', candidateText = '' } = example ?? {};
  const has = (text: string, value: string) =>
    new RegExp(`(?<![\\w.-])${value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.-])`).test(text);
  const shown = bindings.filter(
    ({ recorded, live }) => has(baselineText, recorded) || has(candidateText, live),
  );
  if (shown.length === 0) return [];
  return [
    line(''),
    line(' Ids that were mapped:', { tone: 'quiet' }),
    ...shown.slice(0, 8).map(({ idClass, recorded, live, frame }) => {
      const origin = frame === 0 ? 'as told' : `issued in frame ${frame} of the run`;
      return fit(
        [
          { text: `   ${idClass}  ` },
          { text: `- ${visible(recorded)}`, tone: 'baseline' as const },
          { text: '  ' },
          { text: `+ ${visible(live)}`, tone: 'candidate' as const },
          { text: `  ${origin}`, tone: 'quiet' as const },
        ],
        columns,
      );
    }),
  ];
}

/** Both lanes around the finding: what the recording has, and what the run has. */
function aroundLines(around: Surroundings | null, columns: number): Line[] {
  const title = line(
    ' What passed around it, seconds from its frame (or from the charger’s frame before it):',
    { tone: 'quiet' },
  );
  if (around === null) return [title, line('   reading …', { tone: 'quiet' })];
  const { baseline, candidate } = around;
  if (baseline.length + candidate.length === 0)
    return [title, line('   nothing: it is about a connection', { tone: 'quiet' })];
  if (columns < SIDE_BY_SIDE_COLUMNS) {
    return [
      title,
      line('   - baseline', { tone: 'baseline' }),
      ...baseline.map((rung) => fit(rungLine(rung), columns)),
      line('   + candidate', { tone: 'candidate' }),
      ...candidate.map((rung) => fit(rungLine(rung), columns)),
    ];
  }
  const width = Math.floor((columns - 1) / 2);
  const [left, right] = besideEachOther(baseline, candidate);
  return [
    title,
    [
      ...fit([{ text: '   - baseline', tone: 'baseline' }], width),
      { text: '│', tone: 'quiet' },
      { text: '   + candidate', tone: 'candidate' },
    ],
    ...left.map((rung, index): Line => {
      const other = right[index];
      return [
        ...fit(rung ? rungLine(rung) : [], width),
        { text: '│', tone: 'quiet' },
        ...fit(other ? rungLine(other) : [], columns - width - 1),
      ];
    }),
  ];
}

/** Two lists brought to one height, so that the frames the finding is about stand side by side. */
function besideEachOther(
  baseline: readonly Rung[],
  candidate: readonly Rung[],
): [(Rung | undefined)[], (Rung | undefined)[]] {
  const [left, right] = [[...baseline], [...candidate]] as [(Rung | undefined)[], (Rung | undefined)[]];
  const [at, other] = [baseline, candidate].map((rungs) =>
    rungs.findIndex(({ offsetUs }) => offsetUs >= 0),
  ) as [number, number];
  const shift = Math.max(0, at) - Math.max(0, other);
  const short = shift > 0 ? right : left;
  short.unshift(...Array.from({ length: Math.abs(shift) }, () => undefined));
  while (left.length < right.length) left.push(undefined);
  while (right.length < left.length) right.push(undefined);
  return [left, right];
}

function rungLine({ offsetUs, sender, text, here }: Rung): Line {
  const seconds = `${offsetUs < 0 ? '−' : '+'}${(Math.abs(offsetUs) / 1e6).toFixed(3)}`.padStart(9);
  const arrow = sender === 'charger' ? '─▶' : '◀─';
  return [
    { text: here ? ' ▸ ' : '   ', ...(here && { tone: 'high' as const }) },
    { text: `${seconds} `, tone: 'quiet' },
    { text: `${arrow} `, tone: 'accent' },
    { text: visible(text), strong: here },
  ];
}

function exampleText({ finding, example: at }: FindingView): string {
  const example = finding.examples[at];
  if (example === undefined) return `seen ×${finding.count}, no example kept`;
  const frames = `frame ${example.baselineFrame ?? 'none'} → ${example.candidateFrame ?? 'none'}`;
  const place = finding.examples.length > 1 ? `example ${at + 1} of ${finding.examples.length} (←→)  ` : '';
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
