import assert from 'node:assert';

/** A time as a charger or CSMS wrote it: the instant, and how it was spelled. */
export interface Time {
  /** Milliseconds since the epoch, fraction included (to the millisecond). */
  epochMs: number;
  /** Digits after the seconds, as written; empty when there are none. */
  fraction: string;
  /** Zone as written (`Z`, `+01:00`, `+0100`, `+01`); empty when there is none (read as UTC). */
  zone: string;
}

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)([Tt ])(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|z|([+-])(\d\d)(?::?(\d\d))?)?$/;

/** Digits of `YYYY-MM-DDTHH:MM:SS`, the part of a time that shifting rewrites. */
const SECONDS_LENGTH = 19;

/** Reads an RFC 3339 time as chargers write it (a space for the T, any number of fraction digits, no zone); null for anything else. */
export function parseTime(text: string): Time | null {
  const parts = TIME.exec(text);
  if (parts === null) return null;
  const local = localMs(parts);
  if (local === null) return null;
  const fraction = parts[8] ?? '';
  const offsetMinutes = Number(parts[11] ?? 0) * 60 + Number(parts[12] ?? 0);
  const offsetMs = (parts[10] === '-' ? -1 : 1) * offsetMinutes * 60_000;
  const fractionMs = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return { epochMs: local - offsetMs + fractionMs, fraction, zone: parts[9] ?? '' };
}

const MS_OF_400_YEARS = 146_097 * 24 * 3600 * 1000;

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Milliseconds since the epoch of the digits read as UTC; null when there is no such day or time. A leap second is the next minute. */
function localMs(parts: RegExpExecArray): number | null {
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const [hours, minutes, seconds] = [Number(parts[5]), Number(parts[6]), Number(parts[7])];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hours > 23 || minutes > 59 || seconds > 60) return null;
  // Date.UTC takes the years before 100 for those of the last century: 400 years later everything is the same.
  return Date.UTC(year + 400, month - 1, day, hours, minutes, seconds) - MS_OF_400_YEARS;
}

/**
 * The same time, whole seconds later (or earlier): separator, fraction and zone stay as written. What is no time, or would leave
 * the years 0000 to 9999, stays as it is.
 */
export function shiftTime(text: string, deltaSeconds: number): string {
  assert(Number.isInteger(deltaSeconds), 'times are shifted by whole seconds');
  const parts = TIME.exec(text);
  const local = parts && localMs(parts);
  if (parts === null || local === null || deltaSeconds === 0) return text;
  const shifted = new Date(local + deltaSeconds * 1000);
  const digits = Number.isNaN(shifted.getTime()) ? '' : shifted.toISOString();
  if (!/^\d{4}-/.test(digits)) return text;
  return digits.slice(0, 10) + parts[4] + digits.slice(11, SECONDS_LENGTH) + text.slice(SECONDS_LENGTH);
}

/**
 * How a time is spelled: its separator when that is no T, its zone (`Z`, `offset` with the form of other offsets than +hh:mm, or
 * `none`), and whether it has a fraction: none, up to milliseconds, or longer (how many digits beyond that is chance to a CSMS that
 * trims zeros). Times of equal style are the same format to a charger; null for what is no time.
 */
export function timeStyle(text: string): string | null {
  const time = parseTime(text);
  if (time === null) return null;
  const separator = text[10] === 'T' ? '' : text[10] === ' ' ? ' after a space' : ' after a t';
  return zoneStyle(time.zone) + fractionStyle(time.fraction) + separator;
}

function fractionStyle(fraction: string): string {
  if (fraction === '') return '';
  return fraction.length <= 3 ? ' with fraction' : ' with long fraction';
}

function zoneStyle(zone: string): string {
  if (zone === '') return 'none';
  if (zone === 'Z' || zone === 'z') return zone;
  return zone.includes(':') ? 'offset' : zone.length === 3 ? 'offset +hh' : 'offset +hhmm';
}
