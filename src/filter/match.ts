import type { Filter, Operator } from './filter.ts';
import type { FilterTime, Value } from './value.ts';

/** Something that a filter is asked about. What takes work is a function, and asked for only when a term needs it. */
export interface Subject {
  /** Texts by field for globs and choices, such as `charger`; a term matches when one of them does. */
  texts(field: string): readonly string[];
  /** Numbers by field: `time` and `latency`, µs; null when it has none. */
  number(field: string): number | null;
  /** Whether its text has this part (in lower case). */
  has(text: string): boolean;
}

/** What a filter's times are counted from. */
export interface Origin {
  /** Start of the recording, µs since the epoch. */
  startUs: number;
}

/** Whether a filter lets this through. */
export function matches(filter: Filter, subject: Subject, origin: Origin): boolean {
  switch (filter.type) {
    case 'all':
      return true;
    case 'and':
      return matches(filter.left, subject, origin) && matches(filter.right, subject, origin);
    case 'or':
      return matches(filter.left, subject, origin) || matches(filter.right, subject, origin);
    case 'not':
      return !matches(filter.operand, subject, origin);
    case 'text':
      return subject.has(filter.text);
    case 'term':
      return matchesTerm(filter, subject, origin);
  }
}

function matchesTerm(
  { field, operator, values }: Filter & { type: 'term' },
  subject: Subject,
  origin: Origin,
): boolean {
  const isMet = (value: Value) => meets(value, field, operator, subject, origin);
  return operator === '!=' ? values.every(isMet) : values.some(isMet);
}

function meets(value: Value, field: string, operator: Operator, subject: Subject, origin: Origin): boolean {
  if (value.type === 'time' || value.type === 'duration') {
    const number = subject.number(field);
    if (number === null) return operator === '!=';
    return value.type === 'time'
      ? isTime(number, operator, value.time, origin)
      : compares(number - value.us, operator);
  }
  const texts = subject.texts(field);
  if (value.type === 'glob') return texts.some((text) => value.pattern.test(text)) === (operator !== '!=');
  const rank = (text: string) => RANKS.indexOf(text);
  if (/[<>]/.test(operator)) return texts.some((text) => compares(rank(text) - rank(value.text), operator));
  return texts.includes(value.text) === (operator !== '!=');
}

/** Choices with an order, from the least to the most. */
const RANKS = ['low', 'medium', 'high'];

function isTime(us: number, operator: Operator, time: FilterTime, { startUs }: Origin): boolean {
  if (time.type === 'absolute') return compares(us - time.us, operator);
  if (time.type === 'from-start') return compares(us - startUs - time.us, operator);
  const date = new Date(us / 1000);
  const midnight = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime() * 1000;
  return compares(us - midnight - time.us, operator);
}

function compares(difference: number, operator: Operator): boolean {
  switch (operator) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}
