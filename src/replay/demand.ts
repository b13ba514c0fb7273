import { dueUs, type Pacing } from './pacing.ts';
import type { Plan } from './plan.ts';

/** How many calls the schedule of a run wants made by a time. */
export class Demand {
  /** Calls that are due in each second. */
  readonly #seconds: number[] = [];

  constructor(plans: readonly Plan[], pacing: Pacing) {
    for (const { steps } of plans) {
      for (const { kind, offsetUs } of steps) {
        if (kind !== 'call') continue;
        const second = Math.max(0, Math.floor((dueUs(pacing, offsetUs) - pacing.startUs) / 1e6));
        this.#seconds[second] = (this.#seconds[second] ?? 0) + 1;
      }
    }
  }

  /** Calls that were due so long after the start, µs; to the second. */
  by(afterUs: number): number {
    const whole = Math.floor(afterUs / 1e6);
    let sum = 0;
    for (const count of this.#seconds.slice(0, Math.max(0, whole))) sum += count ?? 0;
    return sum;
  }
}
