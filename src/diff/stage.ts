import type { Alignment, Pair } from './align.ts';
import { answerOf, connectionOf, type Exchange } from './lane.ts';
import type { Fates } from './scope.ts';
import type { Stimuli } from './stimuli.ts';

/** How many calls of the charger further on or back a command may stand and still be at the same place. */
const MAX_MOVE = 2;

/** What the comparison of connections and answers found out, on which that of commands stands. */
export class Stage {
  readonly fates: Fates;
  /** What each command of the baseline may be a reaction to. */
  readonly stimuli: Stimuli;
  /** Calls of the charger whose answer became another one in kind. */
  readonly altered: ReadonlySet<Exchange>;
  /** Pairs of the charger's calls. */
  readonly calls: readonly Pair<Exchange>[];
  /** Frame ids of the paired calls, ascending. */
  readonly #baselineIds: readonly number[];
  readonly #candidateIds: readonly number[];
  readonly #counterparts: Map<Exchange, Exchange>;

  constructor(fates: Fates, stimuli: Stimuli, calls: Alignment<Exchange>, altered: ReadonlySet<Exchange>) {
    this.#baselineIds = idsOf(calls.pairs.map((pair) => pair.baseline));
    this.#candidateIds = idsOf(calls.pairs.map((pair) => pair.candidate));
    this.fates = fates;
    this.stimuli = stimuli;
    this.altered = altered;
    this.calls = calls.pairs;
    this.#counterparts = new Map(calls.pairs.map(({ baseline, candidate }) => [baseline, candidate]));
  }

  /** The candidate's counterpart of a call of the charger. */
  counterpart(call: Exchange): Exchange | undefined {
    return this.#counterparts.get(call);
  }

  /**
   * Whether two commands stand at about the same place of the conversation.
   */
  isNear({ baseline, candidate }: Pair<Exchange>): boolean {
    const [before, after] = [placeIn(this.#baselineIds, baseline), placeIn(this.#candidateIds, candidate)];
    return Math.abs(before - after) <= MAX_MOVE;
  }

  /** Those stimuli of the baseline's command that in the candidate were answered on the command's connection before it came. */
  stimuliBefore({ baseline, candidate }: Pair<Exchange>): Exchange[] {
    return this.stimuli.get(baseline)!.filter((stimulus) => {
      const call = this.counterpart(stimulus);
      const answer = call && answerOf(call);
      if (call === undefined || answer === undefined) return false;
      return connectionOf(call) === connectionOf(candidate) && answer.frame.id < candidate.call.frame.id;
    });
  }
}

function idsOf(calls: readonly Exchange[]): number[] {
  return calls.map(({ call }) => call.frame.id).sort((a, b) => a - b);
}

/** How many of these ids stand before a command. */
function placeIn(ids: readonly number[], { call }: Exchange): number {
  let [from, to] = [0, ids.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ids[middle]! < call.frame.id) from = middle + 1;
    else to = middle;
  }
  return from;
}
