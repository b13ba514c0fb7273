import type { Chance } from '../load/chance.ts';

/** What a pattern's braces are filled with. */
export interface PatternGround {
  chance: Chance;
  /** Wall clock, ms since the epoch. */
  nowMs: number;
  /** Grows by one with each use of the pattern; `{counter}`. */
  counter: number;
  /** Number of the charger in its fleet; `{n}`. */
  number: number;
}

const HEX = '0123456789abcdef';
const ALPHANUMERIC = `0123456789abcdefghijklmnopqrstuvwxyz`;

/** Seconds from the epoch to 2000-01-01, from which EVBox counts. */
const YEAR_2000 = 946_684_800;

/**
 * Fills a pattern for identities and message ids, such as `TACW22{n:7}` or `36:{counter}`: `{n:4}` the charger's number, `{counter}`,
 * `{digits:7}`, `{hex:8}`, `{HEX:8}`, `{alnum:24}` random letters, `{uuid}` a random UUID (RFC 9562 §5.4), `{unix}` and `{y2k}` the seconds since
 * 1970 and 2000 in hex. A number is padded with zeros to its width.
 */
export function fillPattern(pattern: string, ground: PatternGround): string {
  return pattern.replace(/\{(\w+)(?::(\d+))?\}/g, (_, name: string, width: string | undefined) =>
    filling(name, Number(width ?? 0), ground),
  );
}

function filling(name: string, width: number, { chance, nowMs, counter, number }: PatternGround): string {
  const seconds = Math.floor(nowMs / 1000);
  switch (name) {
    case 'n':
      return String(number).padStart(width, '0');
    case 'counter':
      return String(counter).padStart(width, '0');
    case 'digits':
      return chance.letters(width, '0123456789');
    case 'hex':
      return chance.letters(width, HEX);
    case 'HEX':
      return chance.letters(width, HEX).toUpperCase();
    case 'alnum':
      return chance.letters(width, ALPHANUMERIC);
    case 'uuid':
      return uuid(chance);
    case 'unix':
      return seconds.toString(16);
    case 'y2k':
      return (seconds - YEAR_2000).toString(16);
    default:
      return `{${name}}`;
  }
}

/** The names that a pattern may use; anything else in braces is a mistake of whoever wrote it. */
export function unknownFillings(pattern: string): string[] {
  const known = ['n', 'counter', 'digits', 'hex', 'HEX', 'alnum', 'uuid', 'unix', 'y2k'];
  return [...pattern.matchAll(/\{(\w+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !known.includes(name));
}

function uuid(chance: Chance): string {
  const groups = [8, 4, 3, 3, 12].map((length) => chance.letters(length, HEX));
  const [first, second, third, fourth, last] = groups;
  return `${first}-${second}-4${third}-${chance.pick(['8', '9', 'a', 'b'])}${fourth}-${last}`;
}
