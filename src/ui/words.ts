import { durationText, localDay, localTime } from '../session/clock.ts';
import type { Gravity } from '../session/gravity.ts';
import type { ChargerStanding, Progress } from '../view/viewer.ts';
import type { Span } from './line.ts';
import { SEVERITIES } from './theme.ts';

/** A count with its thousands apart; `toLocaleString` would load the languages of the world for it, at the first screen. */
export function grouped(amount: number): string {
  return String(amount).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** How many of something, in words. */
export function count(amount: number, noun: string): string {
  return `${grouped(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** A rate, as exact as its size makes sense. */
export function rateText(rate: number): string {
  if (rate >= 100) return grouped(Math.round(rate));
  return rate >= 10 ? rate.toFixed(1) : rate < 0.005 ? '0' : rate.toFixed(2);
}

/** A large number in little room: 12,345, 123 k, 1.2 M. */
export function shortCount(amount: number): string {
  if (amount < 100_000) return grouped(amount);
  return amount < 1e6 ? `${Math.round(amount / 1e3)} k` : `${(amount / 1e6).toFixed(1)} M`;
}

/** How far something is, in words. */
export function progressText({ done, of }: Progress): string {
  return of > 0 ? `${Math.min(99, Math.floor((done / of) * 100))} %` : `${grouped(done)} rows`;
}

/** What stands at a charger, on one line: connectors by their statuses, then transactions. */
export function standingText({ connectors, transactions }: ChargerStanding, nowUs: number | null): string {
  const byStatus = new Map<string, string[]>();
  for (const { connector, status } of connectors) {
    // Connector 0 is the charger itself: it goes without saying while others tell theirs.
    if (connector === 0 && connectors.length > 1) continue;
    byStatus.set(status, [...(byStatus.get(status) ?? []), String(connector ?? '?')]);
  }
  const parts = [...byStatus].map(([status, numbers]) => `${numbers.join(',')} ${status}`);
  for (const { id, connector, sinceUs } of transactions) {
    const since = nowUs === null ? '' : ` for ${durationText(Math.max(0, nowUs - sinceUs))}`;
    parts.push(`⚡ transaction ${id}${connector === null ? '' : ` on ${connector}`}${since}`);
  }
  return parts.join(' · ');
}

/** Sign and look of a gravity; a blank for none. */
export function gravitySpan(gravity: Gravity | null): Span {
  return gravity === null
    ? { text: ' ' }
    : { text: SEVERITIES[gravity].sign, tone: SEVERITIES[gravity].tone };
}

/** A moment where this machine stands, with its day. */
export function momentText(us: number): string {
  return `${localDay(us)} ${localTime(us).slice(0, 8)}`;
}

const BARS = ' ▁▂▃▄▅▆▇█';

/** Numbers as a row of small bars, the greatest full; as wide as there are numbers. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 0);
  if (most === 0) return '▁'.repeat(values.length);
  return values
    .map((value) => BARS[value === 0 ? 1 : Math.max(1, Math.ceil((value / most) * 8))] ?? ' ')
    .join('');
}

/** A share (0 to 1) as a bar of so many columns. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.max(0, Math.min(1, share)) * width);
  return '█'.repeat(full) + '░'.repeat(Math.max(0, width - full));
}

/** Where a list stands, such as `7/12,000`; nothing for an empty one. */
export function placeText(index: number, total: number): string {
  return total === 0 ? '' : `${grouped(index + 1)}/${grouped(total)}`;
}

/** A text as one word of a shell. */
export function shellText(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What went wrong, in one sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
