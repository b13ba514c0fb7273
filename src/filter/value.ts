import { globPattern } from '../session/glob.ts';
import { FilterMistake } from './token.ts';
import type { Field } from './vocabulary.ts';

/** A moment as a filter names it: absolute, a time of every day (where this machine stands), or from the recording's start. */
export type FilterTime =
  | { type: 'absolute'; us: number }
  | { type: 'daily'; us: number }
  | { type: 'from-start'; us: number };

/** A value that a term asks for. */
export type Value =
  | { type: 'glob'; text: string; pattern: RegExp }
  | { type: 'choice'; index: number; text: string }
  | { type: 'time'; time: FilterTime }
  | { type: 'duration'; us: number };

/** Reads the text of a value of this field. Throws FilterMistake at `at`, where it stands. */
export function readValue(field: Field, text: string, at: number): Value {
  switch (field.type) {
    case 'glob':
      return { type: 'glob', text, pattern: insensitive(globPattern(text)) };
    case 'choice':
      return choiceOf(field, text, at);
    case 'time':
      return { type: 'time', time: timeOf(text, at) };
    case 'duration':
      return { type: 'duration', us: durationOf(text, at) };
  }
}

function insensitive({ source, flags }: RegExp): RegExp {
  return new RegExp(source, `${flags}i`);
}

function choiceOf({ name, choices = [] }: Field, text: string, at: number): Value {
  const index = choices.indexOf(text.toLowerCase());
  if (index >= 0) return { type: 'choice', index, text: choices[index] ?? text };
  throw new FilterMistake(at, `${name} is one of ${choices.join(', ')}, not "${text}"`);
}

function timeOf(text: string, at: number): FilterTime {
  const [, seconds] = /^\+(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (seconds !== undefined) return { type: 'from-start', us: Math.round(Number(seconds) * 1e6) };
  const [, hour, minute, second = '0'] = /^(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text) ?? [];
  if (hour !== undefined && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60) {
    return {
      type: 'daily',
      us: Math.round((Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1e6),
    };
  }
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(withTime(text)) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new FilterMistake(at, `"${text}" is no time such as 2026-11-22T07:25, 07:25:30 or +90`);
  }
  return { type: 'absolute', us: ms * 1000 };
}

/** A bare day begins at midnight where this machine stands, as its hours and minutes are meant there. */
function withTime(text: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text;
}

const UNITS: Record<string, number> = { us: 1, ms: 1e3, s: 1e6, m: 60e6 };

function durationOf(text: string, at: number): number {
  const [, number, unit = 'ms'] = /^(\d+(?:\.\d+)?)(us|ms|s|m)?$/.exec(text) ?? [];
  if (number === undefined) throw new FilterMistake(at, `"${text}" is no length of time such as 500ms or 2s`);
  return Number(number) * (UNITS[unit] ?? 1);
}
