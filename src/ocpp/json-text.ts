import assert from 'node:assert';
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Path } from './json.ts';

/** A value's node in the syntax tree of a JSON text: its type, value and place (`offset`, `length`). */
export type JsonNode = Node;

/** A stretch of a text, in UTF-16 units, and what is to stand there. */
export interface Splice {
  offset: number;
  length: number;
  token: string;
}

/** Syntax tree of a strict JSON text (no comments, no trailing commas); throws SyntaxError on anything else. */
export function parseNodes(text: string): JsonNode {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  if (first !== undefined) throw new SyntaxError(`${printParseErrorCode(first.error)} at ${first.offset}`);
  if (root === undefined) throw new SyntaxError('empty text');
  return root;
}

/** The exact source text of the value at a path, quotes and number spelling included; undefined when there is none. */
export function tokenAt(text: string, path: Path): string | undefined {
  const node = nodeAt(parseNodes(text), path);
  return node && text.slice(node.offset, node.offset + node.length);
}

/** The same for a place that is known to exist, mostly without parsing the text. */
export function knownTokenAt(text: string, path: Path): string | undefined {
  const place = onlyPlaceAt(text, path);
  return place ? text.slice(place.offset, place.offset + place.length) : tokenAt(text, path);
}

/** A number, text, truth value or null after the colon of a member. */
const MEMBER = /\s*:\s*(-?[\d.eE+-]+|"(?:[^"\\]|\\.)*"|true|false|null)/y;

/** Where a value's token stands in a text, in UTF-16 units. */
type Place = Pick<Splice, 'offset' | 'length'>;

/**
 * The place of a member whose name stands in the text only once, so that the text need not be parsed; undefined where that does not tell,
 * as with backslashes: they may spell the name otherwise.
 */
function onlyPlaceAt(text: string, path: Path): Place | undefined {
  const name = path.at(-1);
  if (typeof name !== 'string' || !/^\w+$/.test(name) || text.includes('\\')) return undefined;
  const at = text.indexOf(`"${name}"`);
  if (at < 0 || at !== text.lastIndexOf(`"${name}"`)) return undefined;
  MEMBER.lastIndex = at + name.length + 2;
  const token = MEMBER.exec(text)?.[1];
  return token === undefined ? undefined : { offset: MEMBER.lastIndex - token.length, length: token.length };
}

/**
 * The same JSON text with other tokens at places that exist in it and nothing else touched: white space, key order, duplicate keys and
 * number spellings stay. One inside another edit's place is an assertion.
 */
export function replaceTokens(text: string, edits: readonly { path: Path; token: string }[]): string {
  if (edits.length === 0) return text;
  let root: JsonNode | undefined;
  const splices: Splice[] = [];
  for (const { path, token } of edits) {
    let place: Place | undefined = onlyPlaceAt(text, path);
    if (!place) {
      root ??= parseNodes(text);
      place = nodeAt(root, path);
    }
    if (place) splices.push({ offset: place.offset, length: place.length, token });
  }
  return spliceText(text, splices);
}

/** Replaces stretches of a text; they may come in any order but must not overlap. */
export function spliceText(text: string, splices: readonly Splice[]): string {
  let result = '';
  let end = 0;
  for (const { offset, length, token } of splices.toSorted((a, b) => a.offset - b.offset)) {
    assert(offset >= end, 'two edits of a text overlap');
    result += text.slice(end, offset) + token;
    end = offset + length;
  }
  return result + text.slice(end);
}

/** The node at a path; of duplicate keys the last, as JSON.parse has it. */
function nodeAt(root: JsonNode, path: Path): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const step of path) {
    if (node === undefined) return undefined;
    node = typeof step === 'number' ? itemOf(node, step) : memberOf(node, step);
  }
  return node;
}

function itemOf(node: JsonNode, index: number): JsonNode | undefined {
  return node.type === 'array' ? node.children?.[index] : undefined;
}

function memberOf(node: JsonNode, key: string): JsonNode | undefined {
  if (node.type !== 'object') return undefined;
  return node.children?.findLast((property) => property.children?.[0]?.value === key)?.children?.[1];
}
