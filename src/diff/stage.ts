import type { Alignment, Pair } from './align.ts';
import { answerOf, connectionOf, type Exchange } from './lane.ts';
import type { Fates } from './scope.ts';
import type { Stimuli } from './stimuli.ts';

/** What the comparison of connections and answers found out, on which that of commands stands. */
export class Stage {
  readonly fates: Fates;
  /** What each command of the baseline may be a reaction to. */
  readonly stimuli: Stimuli;
  /** Calls of the charger whose answer became another one in kind. */
  readonly altered: ReadonlySet<Exchange>;
  /** Pairs of the charger's calls. */
  readonly calls: readonly Pair<Exchange>[];
  readonly #counterparts: Map<Exchange, Exchange>;

  constructor(fates: Fates, stimuli: Stimuli, calls: Alignment<Exchange>, altered: ReadonlySet<Exchange>) {
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
