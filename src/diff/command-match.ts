import { writeJson } from '../ocpp/json.ts';
import type { Alignment, Pair } from './align.ts';
import { groupBy } from './group.ts';
import { connectionOf, type Exchange } from './lane.ts';

/** What the matching of commands goes by. */
export interface Judge {
  /** Text that is equal for equal requests. */
  text(command: Exchange, side: 'baseline' | 'candidate'): string;
  /** Text of what identifies a request, whatever else it says. */
  key(command: Exchange): string;
  /** How many places differ, and whether that is little enough for one request that changed. */
  distance(pair: Pair<Exchange>): { places: number; similar: boolean };
  /** 0: on the counterpart connection after what stimulated it; 1: on the counterpart connection; 2: elsewhere. */
  displacement(pair: Pair<Exchange>): 0 | 1 | 2;
}

/** Groups larger than this, both sides multiplied, are matched in turn, not by likeness; each looks so many commands ahead. */
const MAX_COMBINATIONS = 10_000;
const LOOK_AHEAD = 50;

/**
 * Matches the commands of one action as multisets: first equal requests, then those with equal key fields, then those that differ
 * little, so that one change of the CSMS is one difference. When they come, early or late, does not matter.
 */
export function matchCommands(
  baseline: readonly Exchange[],
  candidate: readonly Exchange[],
  judge: Judge,
): Alignment<Exchange> {
  const alignment: Alignment<Exchange> = {
    pairs: [],
    onlyBaseline: [...baseline],
    onlyCandidate: [...candidate],
  };
  matchLevel(alignment, judge, judge.text, () => true);
  matchLevel(
    alignment,
    judge,
    (command) => judge.key(command),
    () => true,
  );
  matchLevel(
    alignment,
    judge,
    () => '',
    (pair) => judge.distance(pair).similar,
  );
  return alignment;
}

/** Matches what is left within groups of equal text, and takes it off what is left. */
function matchLevel(
  alignment: Alignment<Exchange>,
  judge: Judge,
  text: Judge['text'],
  accept: (pair: Pair<Exchange>) => boolean,
): void {
  const left = groupBy(alignment.onlyBaseline, (command) => text(command, 'baseline'));
  const right = groupBy(alignment.onlyCandidate, (command) => text(command, 'candidate'));
  const matched = new Set<Exchange>();
  for (const [key, commands] of left) {
    for (const pair of matchGroup(commands, right.get(key) ?? [], judge, accept)) {
      alignment.pairs.push(pair);
      matched.add(pair.baseline).add(pair.candidate);
    }
  }
  if (matched.size === 0) return;
  alignment.onlyBaseline = alignment.onlyBaseline.filter((command) => !matched.has(command));
  alignment.onlyCandidate = alignment.onlyCandidate.filter((command) => !matched.has(command));
}

/** Matches commands of one group: in order when there are as many on both sides, else the likest and least displaced first, and no repetition with what is none. */
function matchGroup(
  left: readonly Exchange[],
  right: readonly Exchange[],
  judge: Judge,
  accept: (pair: Pair<Exchange>) => boolean,
): Pair<Exchange>[] {
  const inOrder = zipped(left, right);
  if (left.length === right.length && inOrder.every((pair) => judge.displacement(pair) < 2 && accept(pair)))
    return inOrder;
  if (left.length * right.length > MAX_COMBINATIONS) return matchInTurn(left, right, judge).filter(accept);
  const again = new Set([...repetitions(left), ...repetitions(right)]);
  const combinations = left.flatMap((baseline) => right.map((candidate) => ({ baseline, candidate })));
  const ranked = combinations
    .filter(accept)
    .map((pair) => ({
      pair,
      places: judge.distance(pair).places,
      displacement: judge.displacement(pair),
      repeats: Number(again.has(pair.baseline) !== again.has(pair.candidate)),
    }))
    .sort(
      (a, b) =>
        a.places - b.places ||
        a.displacement - b.displacement ||
        a.repeats - b.repeats ||
        inTurn(a.pair, b.pair),
    );
  const taken = new Set<Exchange>();
  return ranked
    .map(({ pair }) => pair)
    .filter((pair) => {
      if (taken.has(pair.baseline) || taken.has(pair.candidate)) return false;
      taken.add(pair.baseline).add(pair.candidate);
      return true;
    });
}

/** The commands that say to the letter what one before them says: ids that they issue included, which are left open elsewhere. */
function repetitions(commands: readonly Exchange[]): Exchange[] {
  const known = new Set<string>();
  return commands.filter(({ call }) => {
    const text = writeJson(call.message.payload);
    return known.size === known.add(text).size;
  });
}

/** Gives each command the next one that came where it should; those that get none are paired in order. */
function matchInTurn(left: readonly Exchange[], right: readonly Exchange[], judge: Judge): Pair<Exchange>[] {
  const free = [...right];
  const waiting: Exchange[] = [];
  const pairs: Pair<Exchange>[] = [];
  for (const baseline of left) {
    const ahead = free.slice(0, LOOK_AHEAD);
    const index = ahead.findIndex((candidate) => judge.displacement({ baseline, candidate }) === 0);
    if (index < 0) waiting.push(baseline);
    else pairs.push({ baseline, candidate: free.splice(index, 1)[0]! });
  }
  return [...pairs, ...zipped(waiting, free)];
}

function zipped(left: readonly Exchange[], right: readonly Exchange[]): Pair<Exchange>[] {
  return left.slice(0, right.length).map((baseline, n) => ({ baseline, candidate: right[n]! }));
}

function inTurn(a: Pair<Exchange>, b: Pair<Exchange>): number {
  return (
    a.baseline.call.frame.id - b.baseline.call.frame.id ||
    a.candidate.call.frame.id - b.candidate.call.frame.id
  );
}

/** Whether a command passed on the counterpart of the baseline's connection. */
export function isOnCounterpart(pair: Pair<Exchange>, originals: ReadonlyMap<number, number>): boolean {
  return originals.get(connectionOf(pair.candidate)) === connectionOf(pair.baseline);
}
