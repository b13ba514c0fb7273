import { durationText, localDay, localTime } from '../session/clock.ts';
import type { SessionSummary } from '../session/recording.ts';
import { visible } from '../session/visible.ts';
import { cellWidth } from '../ui/cells.ts';

const HEADINGS = ['id', 'session', 'charger', 'connections', 'frames', 'calls', 'first', 'last', 'duration'];
/** Columns of numbers, which stand to the right. */
const NUMBERS = new Set([0, 3, 4, 5, 8]);

/** The sessions of a recording as an aligned table with a heading; nothing when there are none. */
export async function* sessionLines(summaries: AsyncIterable<SessionSummary>): AsyncIterable<string> {
  const rows: string[][] = [HEADINGS];
  for await (const summary of summaries) rows.push(cellsOf(summary));
  if (rows.length === 1) return;
  const widths = HEADINGS.map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, cellWidth(row[column] ?? '')), 0),
  );
  for (const row of rows)
    yield row
      .map((cell, column) => align(cell, widths[column] ?? 0, NUMBERS.has(column)))
      .join('  ')
      .trimEnd();
}

function cellsOf(summary: SessionSummary): string[] {
  const { firstAtUs, lastAtUs } = summary;
  const make = [summary.vendor, summary.model, summary.firmware].filter((part) => part !== null).join(' ');
  const isSameDay = firstAtUs !== null && lastAtUs !== null && localDay(firstAtUs) === localDay(lastAtUs);
  return [
    String(summary.id),
    visible(`${summary.endpoint}/${summary.identity}`),
    visible(make === '' ? '–' : make),
    ...[summary.connections, summary.frames, summary.calls].map((amount) => amount.toLocaleString('en')),
    firstAtUs === null ? '–' : `${localDay(firstAtUs)} ${localTime(firstAtUs)}`,
    lastAtUs === null ? '–' : `${isSameDay ? '' : `${localDay(lastAtUs)} `}${localTime(lastAtUs)}`,
    firstAtUs === null || lastAtUs === null ? '–' : durationText(lastAtUs - firstAtUs),
  ];
}

function align(text: string, width: number, toTheRight: boolean): string {
  const gap = ' '.repeat(Math.max(0, width - cellWidth(text)));
  return toTheRight ? gap + text : text + gap;
}
