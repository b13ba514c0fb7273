/** A JSON value; integers beyond 2^53 are bigints, so that a charger's 9223372036854775807 survives exactly. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** Steps into a JSON value: object keys and array indexes. */
export type Path = readonly (string | number)[];

/** A path in which `*` stands for any array index. */
export type PathPattern = readonly string[];

/**
 * Parses strict JSON (RFC 8259); throws SyntaxError. With duplicate keys the last wins. The reviver that keeps big integers
 * exact is slow, so it only runs on a text with a run of 16 digits or more.
 */
export function parseJson(text: string): Json {
  return /\d{16}/.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
}

/** Reviver: an integer that a double cannot hold exactly becomes the bigint that was written. */
function exactInteger(_key: string, value: Json, context?: { source?: string }): Json {
  const source = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** Compact JSON text of a value; bigints are written as the integers they are. */
export function writeJson(value: Json): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`);
  return `{${members.join(',')}}`;
}

/** Compact JSON text with the keys of every object sorted: equal for equal values. */
export function sortedText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join(',')}]`;
  if (!isObject(value)) return writeJson(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${sortedText(value[key]!)}`).join(',')}}`;
}

/** Whether a value is an object, no array and not null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is the empty object: an answer that says nothing. */
export function isEmptyObject(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** Whether two values are the same JSON; the order of keys does not count, an integer and a bigint never are. */
export function jsonEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]!));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key]!, b[key]!));
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: Json, path: Path): Json | undefined {
  let place: Json | undefined = value;
  for (const step of path) {
    if (place === undefined) return undefined;
    place = memberOf(place, step);
  }
  return place;
}

/** The member of an object by name or the item of an array by index; undefined when absent. */
function memberOf(value: Json, step: string | number): Json | undefined {
  if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** The same value with another one at a path that exists; the value itself is not changed. */
export function withValue(value: Json, path: Path, replacement: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === step ? withValue(item, rest, replacement) : item));
  }
  if (!isObject(value)) return value;
  return { ...value, [step]: withValue(value[step]!, rest, replacement) };
}

/** JSON Pointer of a path (RFC 6901 §3); the whole document is the empty text. */
export function pointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** All concrete paths of a value that a pattern (`*` for any array index) names, in document order. */
export function expand(value: Json, pattern: PathPattern): Path[] {
  return expandFrom(value, pattern, []);
}

function expandFrom(value: Json, pattern: PathPattern, path: Path): Path[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return [path];
  if (step === '*') {
    return Array.isArray(value) ? value.flatMap((item, i) => expandFrom(item, rest, [...path, i])) : [];
  }
  const member = memberOf(value, step);
  return member === undefined ? [] : expandFrom(member, rest, [...path, step]);
}

/** Whether a concrete path is one that the pattern names. */
export function matchesPattern(path: Path, pattern: PathPattern): boolean {
  return (
    path.length === pattern.length &&
    path.every((step, index) => (typeof step === 'number' ? pattern[index] === '*' : pattern[index] === step))
  );
}

/** Whether arrays and objects are nested deeper than `limit`; recursion over a value stays bounded by it. */
export function nestsDeeperThan(value: Json, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  for (const key in value) {
    if (nestsDeeperThan((value as JsonObject)[key]!, limit - 1)) return true;
  }
  return false;
}

/** Whether a text has so many opening brackets that it may be nested deeper than `limit`: cheaper than a walk, false is certain. */
export function mayNestDeeperThan(text: string, limit: number): boolean {
  let brackets = 0;
  for (let at = 0; at < text.length && brackets <= limit; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) brackets++;
  }
  return brackets > limit;
}
