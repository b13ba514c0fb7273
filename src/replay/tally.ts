import type { Frame } from '../session/frame.ts';
import type { Departure, DepartureKind } from '../session/recording.ts';
import type { Expectations } from './expectations.ts';
import type { Deed } from './happening.ts';
import type { CallStep, Orphan, Plan, RecordedCommand, Step } from './plan.ts';

/** How many reasons are told of a session that went wrong. */
const MAX_REASONS = 3;

/** What a step was left out for: a frame of the recording, and what is the matter with it. */
export interface Blame {
  kind: DepartureKind;
  frame: Pick<Frame, 'id' | 'action'>;
  reason: string | null;
}

/** What a session could not do, and why: its outcome, and where it departs from the recording. */
export class Tally {
  readonly #reasons = new Set<string>();
  readonly #departures = new Map<string, Omit<Departure, 'session'>>();
  readonly #blames = new Map<Step, Blame>();
  #notSent = 0;

  constructor({ cutFrames, orphans }: Plan) {
    for (const orphan of orphans) this.#departure(this.orphan(orphan));
    if (cutFrames === 0) return;
    this.incomplete(`${cutFrames} frames are too long: the recording has only their beginnings.`);
    this.#notSent = cutFrames;
  }

  /** The session is incomplete, for this reason too. */
  incomplete(reason: string): void {
    this.#reasons.add(reason);
  }

  /** A step is left out; a reason makes the session incomplete. */
  leftOut(step: Step, reason: string | null, blame?: Blame): void {
    if (reason !== null) this.incomplete(reason);
    if (blame) this.#blames.set(step, blame);
    if (step.kind !== 'call' && step.kind !== 'frame') return;
    this.#notSent++;
    if (blame) this.#departure(blame).notSent++;
  }

  /** What a step was left out for; undefined when it was not, or for nothing that is told. */
  blameOf(step: Step): Blame | undefined {
    return this.#blames.get(step);
  }

  /** A command that did not come. */
  command(command: RecordedCommand, expectations: Expectations): Blame {
    const kind = expectations.isDue(command) ? 'command-missing' : 'not-stimulated';
    const { id, call } = command;
    return { kind, frame: { id, action: call.action }, reason: expectations.failureOf(command) };
  }

  /** An id that was issued before the recording began. */
  orphan({ idClass, recorded, first, mode }: Orphan): Blame {
    const kind = ({ keep: 'orphan-kept', start: 'orphan-started', skip: 'orphan-skipped' } as const)[mode];
    return { kind, frame: first, reason: `${idClass} ${recorded} was issued before the recording` };
  }

  /** The charger asked again to be accepted, so often. */
  askedAgain(frame: CallStep, reason: string): void {
    this.#departure({ kind: 'asked-again', frame, reason });
  }

  /** The end of the session; commands up to this place of the recording should have come. */
  done(expectations: Expectations, reachedId: number): Deed {
    for (const command of expectations.missing()) {
      const isWanted = !command.presumed || expectations.isDue(command);
      if (isWanted && command.id <= reachedId) this.#departure(this.command(command, expectations));
    }
    const told = [...this.#reasons].slice(0, MAX_REASONS);
    if (this.#reasons.size > MAX_REASONS) told.push(`And ${this.#reasons.size - MAX_REASONS} more.`);
    const reason = told.length === 0 ? null : told.join(' ');
    const departures = [...this.#departures.values()];
    return { kind: 'done', complete: reason === null, reason, notSent: this.#notSent, departures };
  }

  #departure({ kind, frame, reason }: Blame): Omit<Departure, 'session'> {
    const key = `${kind} ${frame.id} ${reason}`;
    const known = this.#departures.get(key);
    if (known) return known;
    const departure = { kind, frame: frame.id, action: frame.action ?? '', notSent: 0, reason };
    this.#departures.set(key, departure);
    return departure;
  }
}
