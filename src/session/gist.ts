import { isObject, type Json, matchesPattern, writeJson } from '../ocpp/json.ts';
import type { Call, CallResult } from '../ocpp/message.ts';
import type { Part, Path, Protocol } from '../ocpp/protocol.ts';
import { visible } from './visible.ts';

/** Beyond this a payload's gist is cut. */
const MAX_LENGTH = 100;
const MAX_DEPTH = 3;

/**
 * The key fields of a payload on one line: listed values (statuses and the like) first and bare, then the other scalars
 * as `name=value`, lists as `name[length]`. Times are left out while there is anything else to say.
 */
export function gistOf(message: Call | CallResult, action: string | null, protocol: Protocol): string {
  const part: Part = message.type === 'call' ? 'call' : 'result';
  const fields = fieldsOf(message.payload, []);
  if (action === null) return cut(fields.map(named).join(' '));
  const times = protocol.timePaths(action, part);
  const isTime = ({ path }: Field) => times.some((pattern) => matchesPattern(path, pattern));
  const isListed = ({ path }: Field) => protocol.isEnum(action, part, path);
  const telling = fields.filter((field) => !isTime(field));
  const shown = telling.length > 0 ? telling : fields;
  const listed = shown.filter(isListed).map(({ value }) => plain(value));
  const others = shown.filter((field) => !isListed(field)).map(named);
  return cut([...listed, ...others].join(' '));
}

interface Field {
  path: Path;
  value: Json;
}

/** The scalars and lists of a payload, in its order. */
function fieldsOf(value: Json, path: Path): Field[] {
  if (!isObject(value) || path.length >= MAX_DEPTH)
    return path.length === 0 && isEmpty(value) ? [] : [{ path, value }];
  return Object.entries(value).flatMap(([key, child]) => fieldsOf(child, [...path, key]));
}

function isEmpty(value: Json): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function named({ path, value }: Field): string {
  const name = String(path.at(-1) ?? '');
  if (Array.isArray(value)) return `${name}[${value.length}]`;
  return name === '' ? plain(value) : `${name}=${plain(value)}`;
}

function plain(value: Json): string {
  if (isObject(value)) return '{…}';
  return typeof value === 'string' && /^[\w.:+-]+$/.test(value) ? value : writeJson(value);
}

function cut(text: string): string {
  const safe = visible(text);
  return safe.length > MAX_LENGTH ? `${safe.slice(0, MAX_LENGTH - 1)}…` : safe;
}
