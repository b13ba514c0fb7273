import { isObject, type Json, pointer, writeJson } from '../ocpp/json.ts';
import { decodeMessage, type Message } from '../ocpp/message.ts';
import { visible } from '../session/visible.ts';

/** One line of a text laid out for reading. */
export interface LaidOutLine {
  text: string;
  /** What it shows of its message; lines of one place belong side by side. Null where only the text can tell. */
  place: string | null;
  /** JSON Pointer into the payload; null for what is not payload. */
  at: string | null;
}

type Decoded = Exclude<Message, { type: 'malformed' }>;

/**
 * A frame's text laid out: what it is, then its payload with one value a line. Keys stand in the order of `like`, the
 * other side's text, since their order means nothing. What is no OCPP-J stays as it is.
 */
export function layOut(text: string, like?: string): LaidOutLine[] {
  const message = decodeMessage(text);
  if (message.type === 'malformed') return layOutRaw(text);
  const other = like === undefined ? null : decodeMessage(like);
  const order = other === null || other.type === 'malformed' ? null : bodyOf(other);
  const body = order === null ? bodyOf(message) : inOrderOf(bodyOf(message), order);
  const head = { text: headOf(message), place: 'head', at: null };
  if (message.type !== 'callError') return [head, ...layOutJson(body)];
  const description = { text: visible(writeJson(message.errorDescription)), place: 'description', at: null };
  const details = layOutJson(body).map((line) => ({ ...line, place: `details${line.place}`, at: null }));
  return [head, description, ...details];
}

/** A text as it is, escaped where it could not be seen; its own line breaks are kept. */
export function layOutRaw(text: string): LaidOutLine[] {
  return text.split(/\r\n|\n/).map((part) => ({ text: visible(part), place: null, at: null }));
}

/** A value with one line for each scalar, as JSON without commas at line ends (they would count as differences). */
function layOutJson(value: Json, path: readonly (string | number)[] = []): LaidOutLine[] {
  const at = pointer(path);
  const key = path.at(-1);
  const name = typeof key === 'string' ? `${writeJson(key)}: ` : '';
  const begin = `${'  '.repeat(path.length)}${name}`;
  const children = childrenOf(value);
  if (children.length === 0) return [{ text: visible(begin + writeJson(value)), place: at, at }];
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return [
    { text: visible(`${begin}${open}`), place: at, at },
    ...children.flatMap(([step, child]) => layOutJson(child, [...path, step])),
    { text: `${'  '.repeat(path.length)}${close}`, place: `${at} end`, at },
  ];
}

/** The same value with its keys in the order of another, keys of its own last. */
function inOrderOf(value: Json, order: Json): Json {
  if (Array.isArray(value)) {
    return Array.isArray(order) ? value.map((item, index) => inOrderOf(item, order[index] ?? null)) : value;
  }
  if (!isObject(value) || !isObject(order)) return value;
  const known = Object.keys(order).filter((key) => Object.hasOwn(value, key));
  const own = Object.keys(value).filter((key) => !Object.hasOwn(order, key));
  const entries = [...known, ...own].map((key) => [key, inOrderOf(value[key] ?? null, order[key] ?? null)]);
  return Object.fromEntries(entries);
}

function childrenOf(value: Json): (readonly [string | number, Json])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  return isObject(value) ? Object.entries(value) : [];
}

function headOf(message: Decoded): string {
  const id = `id ${message.messageId}`;
  if (message.type === 'call') return visible(`call ${message.action}  ${id}`);
  if (message.type === 'callResult') return visible(`result  ${id}`);
  return visible(`error ${message.errorCode}  ${id}`);
}

function bodyOf(message: Decoded): Json {
  return message.type === 'callError' ? message.errorDetails : message.payload;
}
