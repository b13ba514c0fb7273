import { SECRET_FRAGMENTS } from './secret-names.ts';

/** What a plain message says of itself. */
export type PlainMessage =
  | { type: 'call'; messageId: string; action: string }
  | { type: 'callResult' | 'callError'; messageId: string };

/**
 * Reads type, id and action of a message that is plain: valid JSON, nothing but ASCII, no escapes, and no trace of a secret.
 * Nearly all messages are, and it costs a third of decoding and searching them. Null for all others, which says nothing of them.
 */
export function plainMessage(bytes: Buffer): PlainMessage | null {
  const start = skipSpace(bytes, 0);
  if (bytes[start] !== OPEN_BRACKET) return null;
  const end = skipArray(bytes, start, 0);
  if (end === NOT_PLAIN || skipSpace(bytes, end) !== bytes.length) return null;
  const typeAt = skipSpace(bytes, start + 1);
  const type = TYPES.get(bytes[typeAt]);
  if (type === undefined) return null;
  const idAt = nextItem(bytes, typeAt + 1);
  const messageId = textAt(bytes, idAt);
  if (messageId === null) return null;
  if (type === 'callResult') return { type, messageId };
  const word = textAt(bytes, nextItem(bytes, idAt + messageId.length + 2));
  if (word === null) return null;
  return type === 'call' ? { type, messageId, action: oneOf(word) } : { type, messageId };
}

/** The actions seen so far, each once. */
const ACTIONS = new Map<string, string>();
const MAX_ACTIONS = 256;

/** The same text, and the same string as the last time: actions are kept for longer than their messages. */
function oneOf(action: string): string {
  const known = ACTIONS.get(action);
  if (known !== undefined) return known;
  if (ACTIONS.size < MAX_ACTIONS) ACTIONS.set(action, action);
  return action;
}

/** The message types by their digit; anything else, such as a string with a comma, must not be looked into as if it were one. */
const TYPES: ReadonlyMap<number | undefined, PlainMessage['type']> = new Map([
  [0x32, 'call'],
  [0x33, 'callResult'],
  [0x34, 'callError'],
]);

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Deeper than any message of a charger; what nests deeper is not plain. */
const MAX_DEPTH = 24;

/** What the functions below give for bytes that are not plain. */
const NOT_PLAIN = -1;

/**
 * All fragments are searched for at once, one bit for each character of theirs (shift-and: Baeza-Yates and Gonnet, 1992). `next` has
 * for each byte the characters that it is, and the sign bit where a plain string does not go on.
 */
const { next: NEXT, first: FIRST, last: LAST } = patternOf(SECRET_FRAGMENTS);

function patternOf(fragments: readonly string[]): { next: Int32Array; first: number; last: number } {
  const stop = 1 << 31;
  const next = new Int32Array(256).fill(stop, 0, 0x20).fill(stop, 0x7f);
  next[QUOTE] = next[0x5c] = stop;
  let [first, last, bit] = [0, 0, 0];
  for (const fragment of fragments) {
    first |= 1 << bit;
    for (const character of fragment) {
      for (const either of [character, character.toUpperCase()]) next[either.charCodeAt(0)]! |= 1 << bit;
      bit++;
    }
    last |= 1 << (bit - 1);
  }
  return { next, first, last };
}

/** The rest of a string; `at` is behind its opening quote. */
function skipString(bytes: Buffer, at: number): number {
  let found = 0;
  for (let end = bytes.length; at < end; at++) {
    const next = NEXT[bytes[at]!]!;
    if (next < 0) return bytes[at] === QUOTE ? at + 1 : NOT_PLAIN;
    found = ((found << 1) | FIRST) & next;
    if ((found & LAST) !== 0) return NOT_PLAIN;
  }
  return NOT_PLAIN;
}

/** Never looks beyond the end: one undefined among its bytes, and V8 compares all of them the slow way. */
function skipSpace(bytes: Buffer, at: number): number {
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at;
    at++;
  }
  return at;
}

function skipValue(bytes: Buffer, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return skipString(bytes, at + 1);
    case OPEN_BRACE:
      return depth < MAX_DEPTH ? skipObject(bytes, at, depth + 1) : NOT_PLAIN;
    case OPEN_BRACKET:
      return depth < MAX_DEPTH ? skipArray(bytes, at, depth + 1) : NOT_PLAIN;
    case 0x74:
      return skipWord(bytes, at, 'true');
    case 0x66:
      return skipWord(bytes, at, 'false');
    case 0x6e:
      return skipWord(bytes, at, 'null');
    default:
      return skipNumber(bytes, at);
  }
}

function skipArray(bytes: Buffer, open: number, depth: number): number {
  let at = skipSpace(bytes, open + 1);
  if (bytes[at] === CLOSE_BRACKET) return at + 1;
  for (;;) {
    at = skipValue(bytes, at, depth);
    if (at === NOT_PLAIN) return NOT_PLAIN;
    at = skipSpace(bytes, at);
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    if (bytes[at] !== COMMA) return NOT_PLAIN;
    at = skipSpace(bytes, at + 1);
  }
}

function skipObject(bytes: Buffer, open: number, depth: number): number {
  let at = skipSpace(bytes, open + 1);
  if (bytes[at] === CLOSE_BRACE) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) return NOT_PLAIN;
    at = skipString(bytes, at + 1);
    if (at === NOT_PLAIN) return NOT_PLAIN;
    at = skipSpace(bytes, at);
    if (bytes[at] !== COLON) return NOT_PLAIN;
    at = skipValue(bytes, skipSpace(bytes, at + 1), depth);
    if (at === NOT_PLAIN) return NOT_PLAIN;
    at = skipSpace(bytes, at);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    if (bytes[at] !== COMMA) return NOT_PLAIN;
    at = skipSpace(bytes, at + 1);
  }
}

/** A number (RFC 8259 §6). */
function skipNumber(bytes: Buffer, at: number): number {
  if (bytes[at] === 0x2d) at++;
  const whole = skipDigits(bytes, at);
  if (whole === at || (bytes[at] === 0x30 && whole > at + 1)) return NOT_PLAIN;
  at = whole;
  if (bytes[at] === 0x2e) {
    const fraction = skipDigits(bytes, at + 1);
    if (fraction === at + 1) return NOT_PLAIN;
    at = fraction;
  }
  if (bytes[at] !== 0x65 && bytes[at] !== 0x45) return at;
  at++;
  if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
  const exponent = skipDigits(bytes, at);
  return exponent === at ? NOT_PLAIN : exponent;
}

function skipDigits(bytes: Buffer, at: number): number {
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined || byte < 0x30 || byte > 0x39) return at;
    at++;
  }
}

function skipWord(bytes: Buffer, at: number, word: string): number {
  for (let index = 0; index < word.length; index++) {
    if (bytes[at + index] !== word.charCodeAt(index)) return NOT_PLAIN;
  }
  return at + word.length;
}

/** Where the next item of an array begins, when a comma follows at once or after white space. */
function nextItem(bytes: Buffer, at: number): number {
  const comma = skipSpace(bytes, at);
  return bytes[comma] === COMMA ? skipSpace(bytes, comma + 1) : bytes.length;
}

/** The string that begins here, at an item of bytes that are known to be plain; null when there is none. */
function textAt(bytes: Buffer, at: number): string | null {
  if (bytes[at] !== QUOTE) return null;
  let end = at + 1;
  while (bytes[end] !== QUOTE) end++;
  return bytes.toString('latin1', at + 1, end);
}
