import { durationText, localTime } from '../../session/clock.ts';
import { visible } from '../../session/visible.ts';
import type { ChargerStanding, LadderRow } from '../../view/viewer.ts';
import { fit, fitText, type Line, line, lineWidth, type Span } from '../line.ts';
import { SEVERITIES, type Tone } from '../theme.ts';
import { gravitySpan } from '../words.ts';

/** What stands over the rows of a ladder that is so wide. */
export function ladderHeadings(width: number): Line {
  const { beforeLane, lane } = laneOf(width);
  const middle = Math.max(0, lane - 'charger'.length - 'CSMS'.length);
  return [
    { text: fitText('   time            gap', beforeLane), tone: 'quiet' },
    { text: `charger${' '.repeat(middle)}CSMS`, tone: 'accent', strong: true },
    { text: '     took', tone: 'quiet' },
  ];
}

/** How a row is shown. */
export interface RowLook {
  width: number;
  isSelected: boolean;
  /** A finding is about it. */
  isFound: boolean;
  /** Characters of the message that are scrolled away. */
  scroll: number;
}

/** One row of a ladder: time, gap, the message between the lanes, and how long the answer took. */
export function ladderLine(row: LadderRow, { width, isSelected, isFound, scroll }: RowLook): Line {
  const { beforeLane, lane, hasConnection } = laneOf(width);
  const sign: Span = isFound ? { text: '≠', tone: 'high', strong: true } : gravitySpan(row.gravity);
  const time = localTime(row.atUs);
  const gap = row.sinceUs === null ? '' : `+${durationText(Math.max(0, row.sinceUs)).replace(' ms', 'ms')}`;
  const name = row.connection === 0 ? '' : `#${row.connection}`;
  const number = hasConnection ? ` ${name.padEnd(4)}` : '';
  const front = fitText(` ${time} ${gap.padStart(9)}${number} `, beforeLane - 2);
  const body = laneSpans(row, lane, scroll);
  const took = row.tookUs === null ? '' : durationText(row.tookUs).padStart(9);
  const spans: Line = [
    { text: isSelected ? '▸' : ' ' },
    sign,
    { text: front, tone: 'quiet' },
    ...body,
    { text: took, tone: 'quiet' },
  ];
  if (!isSelected) return spans;
  const text = spans.map((span) => span.text).join('');
  return [{ text: fitText(text, width), mark: true }];
}

/** One message between the two lanes, with an arrow from who sent it. */
function laneSpans(row: LadderRow, lane: number, scroll: number): Line {
  const tone = toneOf(row);
  const said = [row.action, row.text]
    .filter((part) => part !== '')
    .join(' ')
    .slice(scroll);
  if (row.kind === 'gap') return [{ text: fitText(`┊ ${said} `, lane), tone: 'high', strong: true }];
  const isFrame = row.kind === 'frame';
  const room = lane - 5;
  const inner: Line = [{ text: ` ${said} `, ...(tone && { tone }) }];
  const cut = lineWidth(inner) > room ? fit(inner, room) : inner;
  const rest = (isFrame ? '─' : ' ').repeat(Math.max(0, room - lineWidth(cut)));
  const [left, right] = !isFrame ? ['══', ' '] : row.sender === 'charger' ? ['──', '▶'] : ['◀─', '─'];
  return [
    { text: '│', tone: 'accent' },
    { text: left, tone: 'quiet' },
    ...cut,
    { text: `${rest}${right}`, tone: 'quiet' },
    { text: '│', tone: 'accent' },
  ];
}

/** What stands at the charger after the selected row. */
export function asideLines(standing: ChargerStanding | null, at: number | null): Line[] {
  const lines: Line[] = [line(' after this row', { tone: 'quiet' }), line('')];
  for (const { connector, status, isFault } of standing?.connectors ?? []) {
    lines.push([
      { text: ` connector ${String(connector ?? '?').padEnd(3)} ` },
      { text: visible(status), tone: isFault ? 'high' : 'good' },
    ]);
  }
  for (const { id, connector, sinceUs } of standing?.transactions ?? []) {
    lines.push(
      line(''),
      [{ text: ` ⚡ transaction ${visible(id)}`, strong: true }],
      line(`   connector ${connector ?? '?'}`),
    );
    if (at !== null) lines.push(line(`   for ${durationText(Math.max(0, at - sinceUs))}`));
  }
  if (lines.length === 2) lines.push(line(' nothing known yet', { tone: 'quiet' }));
  return lines;
}

/** Puts lines to the right of others. */
export function beside(
  left: readonly Line[],
  right: readonly Line[],
  width: number,
  columns: number,
): Line[] {
  if (columns <= width) return [...left];
  return left.map((one, index) => [
    ...one,
    { text: '│', tone: 'quiet' as const },
    ...fit(right[index] ?? [], columns - width - 1),
  ]);
}

/** How a line is divided: what stands before the lanes, and how wide they are. */
function laneOf(width: number): { beforeLane: number; lane: number; hasConnection: boolean } {
  const hasConnection = width >= 100;
  const beforeLane = hasConnection ? 32 : 26;
  return { beforeLane, lane: Math.max(24, width - beforeLane - 9), hasConnection };
}

function toneOf({ gravity, what }: LadderRow): Tone | undefined {
  if (gravity !== null) return SEVERITIES[gravity].tone;
  if (what === 'ping' || what === 'pong') return 'quiet';
  return what === 'opened' || what === 'closed' ? 'accent' : undefined;
}
