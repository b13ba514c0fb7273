import { diffArrays } from 'diff';
import { isObject, type Json, jsonEqual, sortedText } from '../ocpp/json.ts';

/** Indexes of two items that belong together; an absent one means that the other side has no such item. */
export interface ItemPair {
  baseline?: number;
  candidate?: number;
}

const MAX_EDITS = 1_000;

/** Whether two arrays have the same items in another order. */
export function isReordered(baseline: Json[], candidate: Json[]): boolean {
  if (baseline.length !== candidate.length || jsonEqual(baseline, candidate)) return false;
  const [left, right] = [baseline.map(sortedText).sort(), candidate.map(sortedText).sort()];
  return left.every((text, index) => text === right[index]);
}

/**
 * Which items of two arrays belong together: those with the same key field when the schema has one, those at the same index when the
 * arrays are equally long, else the longest common sequence, so that one item more or less is one difference.
 */
export function pairItems(baseline: Json[], candidate: Json[], keyField: string | null): ItemPair[] {
  const byKey = keyField === null ? null : pairByKey(baseline, candidate, keyField);
  if (byKey !== null) return byKey;
  if (baseline.length === candidate.length) return pairByIndex(baseline.length, candidate.length);
  const changes = diffArrays(baseline, candidate, { comparator: jsonEqual, maxEditLength: MAX_EDITS });
  if (changes === undefined) return pairByIndex(baseline.length, candidate.length);
  const pairs: ItemPair[] = [];
  let [b, c] = [0, 0];
  let [removed, added] = [0, 0];
  const flush = () => {
    const block = pairByIndex(removed, added);
    pairs.push(...block.map((pair) => movedBy(pair, b, c)));
    b += removed;
    c += added;
    removed = 0;
    added = 0;
  };
  for (const change of changes) {
    if (change.removed) removed += change.count;
    else if (change.added) added += change.count;
    else {
      flush();
      b += change.count;
      c += change.count;
    }
  }
  flush();
  return pairs;
}

/** Pairs by a key field; null unless every item of both arrays has a text there, each its own. */
function pairByKey(baseline: Json[], candidate: Json[], field: string): ItemPair[] | null {
  const [left, right] = [indexByKey(baseline, field), indexByKey(candidate, field)];
  if (left === null || right === null) return null;
  const pairs: ItemPair[] = [...left].map(([key, index]) => {
    const other = right.get(key);
    return other === undefined ? { baseline: index } : { baseline: index, candidate: other };
  });
  const added = [...right].filter(([key]) => !left.has(key)).map(([, index]) => ({ candidate: index }));
  return [...pairs, ...added];
}

function indexByKey(items: Json[], field: string): Map<string, number> | null {
  const indexes = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const key = isObject(item) ? item[field] : undefined;
    if (typeof key !== 'string' || indexes.has(key)) return null;
    indexes.set(key, index);
  }
  return indexes;
}

function pairByIndex(baseline: number, candidate: number): ItemPair[] {
  return Array.from({ length: Math.max(baseline, candidate) }, (_, index) => ({
    ...(index < baseline && { baseline: index }),
    ...(index < candidate && { candidate: index }),
  }));
}

function movedBy(pair: ItemPair, baseline: number, candidate: number): ItemPair {
  return {
    ...(pair.baseline !== undefined && { baseline: pair.baseline + baseline }),
    ...(pair.candidate !== undefined && { candidate: pair.candidate + candidate }),
  };
}
