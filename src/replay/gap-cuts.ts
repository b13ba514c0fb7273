import type { Pacing, Speed } from './pacing.ts';
import type { Plan } from './plan.ts';

/** A pause that is cut short: what comes after it is earlier by all that was cut so far. Offsets in µs. */
interface Cut {
  afterUs: number;
  earlierUs: number;
}

/** Pauses of a recording, in which no session does anything, cut to a length; all sessions keep their phase. */
export class GapCuts {
  readonly #cuts: Cut[] = [];

  /** `offsetsUs`: when anything happens in any session, in any order. */
  constructor(offsetsUs: Float64Array, maxGapUs: number) {
    const sorted = offsetsUs.toSorted();
    let earlierUs = 0;
    for (let index = 1; index < sorted.length; index++) {
      const gapUs = sorted[index]! - sorted[index - 1]!;
      if (gapUs <= maxGapUs) continue;
      earlierUs += gapUs - maxGapUs;
      this.#cuts.push({ afterUs: sorted[index]!, earlierUs });
    }
  }

  /** Recorded time that is left out in all, µs. */
  get cutUs(): number {
    return this.#cuts.at(-1)?.earlierUs ?? 0;
  }

  /** The offset of an event with all pauses before it cut; one inside a pause moves to where the pause ends at the latest. */
  offsetUs(offsetUs: number): number {
    let [low, high] = [0, this.#cuts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cuts[middle]!.afterUs <= offsetUs) low = middle + 1;
      else high = middle;
    }
    const next = this.#cuts[low];
    const earlierUs = low === 0 ? 0 : this.#cuts[low - 1]!.earlierUs;
    const cut = offsetUs - earlierUs;
    return next === undefined ? cut : Math.min(cut, next.afterUs - next.earlierUs);
  }
}

/** The cuts that let no pause be longer than `maxGapUs` of recorded time, in which no session of the run does anything. */
export function gapCutsOf(plans: readonly Plan[], maxGapUs: number): GapCuts {
  const count = plans.reduce((sum, { steps, commands }) => sum + steps.length + commands.length, 0);
  const offsetsUs = new Float64Array(count);
  let next = 0;
  for (const { steps, commands } of plans) {
    for (const { offsetUs } of steps) offsetsUs[next++] = offsetUs;
    for (const { offsetUs } of commands) offsetsUs[next++] = offsetUs;
  }
  return new GapCuts(offsetsUs, maxGapUs);
}

/** The schedule of a run, with no pause of its own longer than `maxGapMs` (when given; at full speed there are none). */
export function pacingOf(
  plans: readonly Plan[],
  { startUs, speed, maxGapMs }: { startUs: number; speed: Speed; maxGapMs: number | undefined },
): Pacing {
  if (maxGapMs === undefined || speed === 'max') return { startUs, speed };
  return { startUs, speed, cuts: gapCutsOf(plans, maxGapMs * 1000 * speed) };
}
