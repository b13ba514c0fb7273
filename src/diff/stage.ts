import type { Alignment, Pair } from './align.ts';
import { countBelow } from './count-below.ts';
import { groupBy } from './group.ts';
import { answerOf, connectionOf, type Exchange } from './lane.ts';
import type { Fates } from './scope.ts';
import type { Stimuli } from './stimuli.ts';

/** How many calls of the charger further on or back a command may stand and still be at the same place. */
const MAX_MOVE = 2;

/** Frame ids of the paired calls of either side, ascending. */
interface Places {
  baseline: readonly number[];
  candidate: readonly number[];
}

/** What the comparison of connections and answers found out, on which that of commands stands. */
export class Stage {
  readonly fates: Fates;
  /** What each command of the baseline may be a reaction to. */
  readonly stimuli: Stimuli;
  /** Calls of the charger whose answer became another one in kind. */
  readonly altered: ReadonlySet<Exchange>;
  /** Pairs of the charger's calls. */
  readonly calls: readonly Pair<Exchange>[];
  #places: Places | null = null;
  #answered: Map<number, Pair<Exchange>[]> | null = null;
  readonly #counterparts: Map<Exchange, Exchange>;

  constructor(fates: Fates, stimuli: Stimuli, calls: Alignment<Exchange>, altered: ReadonlySet<Exchange>) {
    this.fates = fates;
    this.stimuli = stimuli;
    this.altered = altered;
    this.calls = calls.pairs;
    this.#counterparts = new Map();
    const causes = new Set([...stimuli.values()].flat());
    for (const { baseline, candidate } of calls.pairs)
      if (causes.has(baseline)) this.#counterparts.set(baseline, candidate);
  }

  /** The candidate's counterpart of a call of the charger that a command may be a reaction to. */
  counterpart(call: Exchange): Exchange | undefined {
    return this.#counterparts.get(call);
  }

  /**
   * Whether two commands stand at about the same place of the conversation.
   */
  isNear({ baseline, candidate }: Pair<Exchange>): boolean {
    this.#places ??= {
      baseline: this.calls.map((pair) => pair.baseline.call.id).sort((a, b) => a - b),
      candidate: this.calls.map((pair) => pair.candidate.call.id).sort((a, b) => a - b),
    };
    const before = countBelow(this.#places.baseline, baseline.call.id, Number);
    const after = countBelow(this.#places.candidate, candidate.call.id, Number);
    return Math.abs(before - after) <= MAX_MOVE;
  }

  /** The pair whose answer was the candidate's last one, of those that both sides answered, on a command's connection before it. */
  lastAnsweredBefore(command: Exchange): Pair<Exchange> | undefined {
    this.#answered ??= answeredByConnection(this.calls);
    const pairs = this.#answered.get(connectionOf(command)) ?? [];
    return pairs[countBelow(pairs, command.call.id, ({ candidate }) => answerOf(candidate)!.id) - 1];
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

/** Pairs of calls that both sides answered, by the candidate's connection, in the order of the candidate's answers. */
function answeredByConnection(calls: readonly Pair<Exchange>[]): Map<number, Pair<Exchange>[]> {
  const answered = calls.filter(({ baseline, candidate }) => answerOf(baseline) && answerOf(candidate));
  answered.sort((a, b) => answerOf(a.candidate)!.id - answerOf(b.candidate)!.id);
  return groupBy(answered, ({ candidate }) => connectionOf(candidate));
}
