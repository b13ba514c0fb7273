import { diffArrays, diffWordsWithSpace } from 'diff';
import { type LaidOutLine, layOut, layOutRaw } from './laid-out.ts';

/** Part of a text, and whether the other side has something else there. */
export interface Piece {
  text: string;
  changed: boolean;
}

/** One line of the two sides, aligned; a side that has no such line is null. */
export interface Row {
  baseline: Piece[] | null;
  candidate: Piece[] | null;
  /** The sides differ here. */
  changed: boolean;
  /** They differ at the very place that the finding is about. */
  focus: boolean;
}

/** Beyond so many edits two texts count as different throughout: finding the fewest takes time by their square. */
const MAX_LINE_EDITS = 2000;
const MAX_WORD_EDITS = 500;

/** Two frames' texts, laid out (or exact, when `raw`) and aligned line by line. `path` is the finding's JSON Pointer. */
export function alignTexts(
  baseline: string | undefined,
  candidate: string | undefined,
  path: string,
  raw: boolean,
): Row[] {
  const before = baseline === undefined ? [] : raw ? layOutRaw(baseline) : layOut(baseline);
  const after = candidate === undefined ? [] : raw ? layOutRaw(candidate) : layOut(candidate, baseline);
  const isFocus = raw ? () => true : focusOn(path);
  return pairs(before, after).map(([left, right]) => rowOf(left, right, isFocus));
}

/** The same rows in less height: what only the baseline has, beside what only the candidate has after it. */
export function closeUp(rows: readonly Row[]): Row[] {
  const closed: Row[] = [];
  let waiting: Row[] = [];
  for (const row of rows) {
    const partner = row.baseline === null ? waiting.shift() : undefined;
    if (partner) {
      partner.candidate = row.candidate;
      partner.focus ||= row.focus;
      continue;
    }
    const own = { ...row };
    closed.push(own);
    if (own.candidate !== null) waiting = [];
    else waiting.push(own);
  }
  return closed;
}

type Pair = [LaidOutLine | null, LaidOutLine | null];

/** Aligns lines by place, or by text where they have none; what one side has alone stands alone, or beside its like. */
function pairs(before: LaidOutLine[], after: LaidOutLine[]): Pair[] {
  const changes = diffArrays(before, after, { comparator: belongTogether, maxEditLength: MAX_LINE_EDITS });
  if (changes === undefined) return zip(before, after);
  const rows: Pair[] = [];
  let left = 0;
  let right = 0;
  let removed: LaidOutLine[] = [];
  for (const change of changes) {
    if (change.removed) {
      removed = before.slice(left, left + change.count);
      left += change.count;
      continue;
    }
    const lines = after.slice(right, right + change.count);
    right += change.count;
    if (change.added) {
      rows.push(...zip(removed, lines));
    } else {
      rows.push(...zip(removed, []), ...beside(before.slice(left, left + change.count), lines));
      left += change.count;
    }
    removed = [];
  }
  return [...rows, ...zip(removed, [])];
}

function belongTogether(left: LaidOutLine, right: LaidOutLine): boolean {
  return left.place === null ? left.text === right.text : left.place === right.place;
}

/** Pairs lines without a place in order; those that show different places stand alone, baseline's first. */
function zip(before: LaidOutLine[], after: LaidOutLine[]): Pair[] {
  const placed = before.some((line) => line.place !== null);
  if (placed)
    return [...before.map((line): Pair => [line, null]), ...after.map((line): Pair => [null, line])];
  return beside(before, after);
}

function beside(before: LaidOutLine[], after: LaidOutLine[]): Pair[] {
  const length = Math.max(before.length, after.length);
  return Array.from({ length }, (_, index) => [before[index] ?? null, after[index] ?? null]);
}

function rowOf(
  left: LaidOutLine | null,
  right: LaidOutLine | null,
  isFocus: (at: string | null) => boolean,
): Row {
  const changed = left?.text !== right?.text;
  const focus = changed && ((left !== null && isFocus(left.at)) || (right !== null && isFocus(right.at)));
  if (left && right) return { ...markWords(left.text, right.text), changed, focus };
  return { baseline: whole(left), candidate: whole(right), changed, focus };
}

function whole(line: LaidOutLine | null): Piece[] | null {
  return line && [{ text: line.text, changed: false }];
}

function markWords(left: string, right: string): { baseline: Piece[]; candidate: Piece[] } {
  if (left === right)
    return { baseline: [{ text: left, changed: false }], candidate: [{ text: right, changed: false }] };
  const words = diffWordsWithSpace(left, right, { maxEditLength: MAX_WORD_EDITS });
  if (words === undefined)
    return { baseline: [{ text: left, changed: true }], candidate: [{ text: right, changed: true }] };
  return {
    baseline: words
      .filter((word) => !word.added)
      .map((word) => ({ text: word.value, changed: word.removed })),
    candidate: words
      .filter((word) => !word.removed)
      .map((word) => ({ text: word.value, changed: word.added })),
  };
}

/** Whether a pointer is at or below the finding's; the whole message for an empty path, any index for a `*`. */
function focusOn(path: string): (at: string | null) => boolean {
  if (path === '') return () => true;
  const wanted = path.split('/');
  return (at) => {
    if (at === null) return false;
    const steps = at.split('/');
    return wanted.every((step, index) => step === '*' || step === steps[index]);
  };
}
