import { type Node, parseTree } from 'jsonc-parser';
import { isObject, type Json, type Path } from './json.ts';

/**
 * Places of keys that an object of a JSON text names more than once: which of the values counts is for the reader's parser to decide
 * (RFC 8259 §4). `value` is what the text was parsed to, with as many keys as it has different ones.
 */
export function duplicateKeys(text: string, value: Json): Path[] {
  const written = text.match(/"\s*:/g)?.length ?? 0;
  if (written <= countKeys(value)) return [];
  const root = parseTree(text);
  return root === undefined ? [] : [...repeated(root, [])];
}

function countKeys(value: Json): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countKeys(item), 0);
  if (!isObject(value)) return 0;
  const members = Object.values(value);
  return members.reduce<number>((sum, member) => sum + countKeys(member), members.length);
}

function* repeated({ type, children = [] }: Node, path: Path): Generator<Path> {
  const seen = new Set<string>();
  for (const [index, child] of children.entries()) {
    if (type === 'array') yield* repeated(child, [...path, index]);
    if (type !== 'object') continue;
    const [key, member] = child.children ?? [];
    const place = [...path, String(key?.value)];
    if (seen.has(String(key?.value))) yield place;
    seen.add(String(key?.value));
    if (member !== undefined) yield* repeated(member, place);
  }
}
