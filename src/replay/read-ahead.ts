import { setImmediate as nextTurn } from 'node:timers/promises';
import { ChargetapeError } from '../errors.ts';
import type { Frame } from '../session/frame.ts';
import { dueUs, type Pacing } from './pacing.ts';
import type { CallStep, CloseStep, FrameStep, Plan, Spoken, Step } from './plan.ts';

/** What is said is read this long before it is due, µs of the run. */
const AHEAD_US = 1_000_000;

/** How often what is due next is looked for, ms. */
const LOOK_MS = 100;

/** So many are read in one go: few enough that a message which is due meanwhile is not late. */
const CHUNK = 10;

/** What is kept at most, bytes of payload, and what each costs beside it. */
const MAX_BYTES = 32 << 20;
const COST = 1024;

/** A step whose words are in the recording. */
type RecordedStep = CallStep | FrameStep | CloseStep;

/** Something that will be said, and its size. */
interface Ready {
  spoken: Spoken | null;
  frame: Frame;
  bytes: number;
}

/** The steps of one session, and how far they were read ahead. */
interface Progress {
  plan: Plan;
  next: number;
}

/**
 * Reads from the recording what chargers are to say in the next second, a little at a time, so that nothing that is due waits for it.
 * Bounded: when it is too much the oldest is let go, and what is not there is read when it is due.
 */
export class ReadAhead {
  readonly #maxBytes: number;
  readonly #sessions: Progress[];
  /** In the order of reading. */
  readonly #ready = new Map<Step, Ready>();
  #bytes = 0;
  #isReading = false;

  constructor(plans: readonly Plan[], maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
    this.#sessions = plans.map((plan) => ({ plan, next: 0 }));
  }

  /** How many are ready now. */
  get size(): number {
    return this.#ready.size;
  }

  /** A plan that says what was read ahead, once, and reads what was not. */
  of(plan: Plan): Plan {
    return {
      ...plan,
      spoken: (step) => this.#take(step)?.spoken ?? plan.spoken(step),
      frame: (step) => this.#take(step)?.frame ?? plan.frame(step),
    };
  }

  /** Reads what is due in the second after `nowUs` by this schedule; nothing at full speed, which has none. */
  async read(pacing: Pacing, nowUs: number): Promise<void> {
    if (this.#isReading || pacing.speed === 'max') return;
    this.#isReading = true;
    const due = this.#sessions.flatMap((session) => dueBefore(session, pacing, nowUs + AHEAD_US));
    for (const [index, { plan, step }] of due.sort((a, b) => a.step.id - b.step.id).entries()) {
      if (index % CHUNK === CHUNK - 1) await nextTurn();
      this.#keep(step, readNow(plan, step));
    }
    this.#isReading = false;
  }

  /** Reads on while the schedule goes on, until it is stopped. */
  follow(pacing: Pacing, nowUs: () => number): { stop(): void } {
    const timer = setInterval(() => void this.read(pacing, nowUs()), LOOK_MS);
    return { stop: () => clearInterval(timer) };
  }

  #keep(step: Step, ready: Ready | null): void {
    if (!ready) return;
    this.#ready.set(step, ready);
    this.#bytes += ready.bytes;
    for (const oldest of this.#ready.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#take(oldest);
    }
  }

  #take(step: Step): Ready | undefined {
    const ready = this.#ready.get(step);
    if (!ready) return undefined;
    this.#ready.delete(step);
    this.#bytes -= ready.bytes;
    return ready;
  }
}

/** Steps of a session that are due until then and were not given before. */
function dueBefore(session: Progress, pacing: Pacing, us: number): { plan: Plan; step: RecordedStep }[] {
  const { plan } = session;
  const due: { plan: Plan; step: RecordedStep }[] = [];
  for (; session.next < plan.steps.length; session.next++) {
    const step = plan.steps[session.next]!;
    if (dueUs(pacing, step.offsetUs) > us) break;
    if (isRecorded(step)) due.push({ plan, step });
  }
  return due;
}

function isRecorded(step: Step): step is RecordedStep {
  return step.kind === 'call' ? step.made === null : step.kind === 'frame' || step.kind === 'close';
}

/** What is said at a step; null when it cannot be read, which is told when it is due. */
function readNow(plan: Plan, step: RecordedStep): Ready | null {
  try {
    const spoken = step.kind === 'call' ? plan.spoken(step) : null;
    const frame = spoken?.frame ?? plan.frame(step as FrameStep | CloseStep);
    return { spoken, frame, bytes: COST + frame.payload.length };
  } catch (error) {
    if (error instanceof ChargetapeError) return null;
    throw error;
  }
}
