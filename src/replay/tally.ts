import type { Deed } from './happening.ts';
import type { Plan, Step } from './plan.ts';

/** How many reasons are told of a session that went wrong. */
const MAX_REASONS = 3;

/** What a session could not do, and why: its outcome. */
export class Tally {
  readonly #reasons = new Set<string>();
  #notSent = 0;

  constructor({ cutFrames }: Plan) {
    if (cutFrames === 0) return;
    this.incomplete(`${cutFrames} frames are too long: the recording has only their beginnings.`);
    this.#notSent = cutFrames;
  }

  /** The session is incomplete, for this reason too. */
  incomplete(reason: string): void {
    this.#reasons.add(reason);
  }

  /** A step is left out; a reason makes the session incomplete. */
  leftOut(step: Step, reason: string | null): void {
    if (reason !== null) this.incomplete(reason);
    if (step.kind === 'call' || step.kind === 'frame') this.#notSent++;
  }

  /** The end of the session. */
  done(): Deed {
    const told = [...this.#reasons].slice(0, MAX_REASONS);
    if (this.#reasons.size > MAX_REASONS) told.push(`And ${this.#reasons.size - MAX_REASONS} more.`);
    const reason = told.length === 0 ? null : told.join(' ');
    return { kind: 'done', complete: reason === null, reason, notSent: this.#notSent };
  }
}
