import { parseTime, timeStyle } from '../ocpp/time.ts';

/** A time as one side wrote it, and when that side's frame was recorded. */
export interface WrittenTime {
  text: string;
  /** µs since the epoch. */
  atUs: number;
}

/** How far two times may be apart, measured from the receipt of their frames. */
const TOLERANCE_MS = 5_000;

/**
 * How two times compare: `same` text, expected to vary (`time`: as far from its receipt as the other, within 5 s; `expiry`: both
 * in the future), spelled in another style, or another time.
 */
export function compareTimes(
  baseline: WrittenTime,
  candidate: WrittenTime,
  isExpiry: boolean,
): 'same' | 'time' | 'expiry' | 'format-changed' | 'field-changed' {
  if (baseline.text === candidate.text) return 'same';
  if (timeStyle(baseline.text) !== timeStyle(candidate.text)) return 'format-changed';
  const [before, after] = [aheadMs(baseline), aheadMs(candidate)];
  if (before === null || after === null) return 'field-changed';
  if (Math.abs(before - after) <= TOLERANCE_MS) return 'time';
  return isExpiry && before > 0 && after > 0 ? 'expiry' : 'field-changed';
}

/** How far ahead of its receipt a time is, ms. */
function aheadMs(time: WrittenTime): number | null {
  const parsed = parseTime(time.text);
  return parsed === null ? null : parsed.epochMs - time.atUs / 1_000;
}
