import type { CallStep, DriveStep, Plan, Step } from './plan.ts';

/** What one session knows of the turns: it waits for its own, and says what is over, by its place in the recording. */
export interface SessionTurns {
  /** Whether everything of other sessions that came before this step with its tag is over; when not, the session is woken when it may be. */
  isMine(step: Step): boolean;
  /** A step is answered, or will not be. */
  over(step: number): void;
  /** The session is over. */
  end(): void;
}

/** A call that names a tag. */
interface Moment {
  id: number;
  offsetUs: number;
  session: number;
  isOver: boolean;
}

/**
 * Calls of several sessions that name one tag come in the order of their recorded times (places of sessions that were imported one by one say
 * nothing of it), whatever the pace: so a tag is in one transaction at a time, unless
 * it was in two when they were recorded.
 */
export class TagTurns {
  readonly #queues = new Map<number, Queue[]>();

  constructor(plans: readonly Plan[]) {
    const queues = new Map<string, Queue>();
    const queueOf = (tag: string) => {
      const queue = queues.get(tag) ?? new Queue();
      queues.set(tag, queue);
      return queue;
    };
    for (const plan of plans) {
      for (const step of plan.steps) {
        if (step.kind !== 'call' && step.kind !== 'drive') continue;
        const own = step.tags.map(queueOf);
        if (own.length === 0) continue;
        this.#queues.set(step.id, own);
        for (const queue of own) queue.add(plan.session.id, step);
      }
    }
    for (const [id, own] of this.#queues) {
      const shared = own.filter(({ isShared }) => isShared);
      if (shared.length > 0) this.#queues.set(id, shared);
      else this.#queues.delete(id);
    }
    for (const queue of queues.values()) queue.sort();
  }

  /** The turns of one session; `wake` is called when one that it waits for may have come. */
  of({ session, steps }: Plan, wake: () => void): SessionTurns {
    const over = (step: number) => {
      for (const queue of this.#queues.get(step) ?? []) queue.over(step);
    };
    return {
      isMine: (step) =>
        (this.#queues.get(step.id) ?? []).every((queue) => queue.isTurn(step, session.id, wake)),
      over,
      end: () => {
        for (const { id } of steps) over(id);
      },
    };
  }
}

/** The calls that name one tag, in recorded order. */
class Queue {
  readonly #moments: Moment[] = [];
  readonly #byId = new Map<number, Moment>();
  readonly #sessions = new Set<number>();
  #waiting = new Set<() => void>();
  /** All before this one are over. */
  #head = 0;

  get isShared(): boolean {
    return this.#sessions.size > 1;
  }

  add(session: number, { kind, id, offsetUs }: CallStep | DriveStep): void {
    this.#sessions.add(session);
    if (kind !== 'call') return;
    const moment = { id, offsetUs, session, isOver: false };
    this.#moments.push(moment);
    this.#byId.set(id, moment);
  }

  sort(): void {
    this.#moments.sort(inTime);
  }

  isTurn(step: Step, session: number, wake: () => void): boolean {
    for (let at = this.#head; at < this.#moments.length && inTime(this.#moments[at]!, step) < 0; at++) {
      const moment = this.#moments[at]!;
      if (moment.isOver || moment.session === session) continue;
      this.#waiting.add(wake);
      return false;
    }
    return true;
  }

  over(step: number): void {
    const moment = this.#byId.get(step);
    if (!moment || moment.isOver) return;
    moment.isOver = true;
    while (this.#moments[this.#head]?.isOver) this.#head++;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }
}

function inTime(a: Pick<Moment, 'id' | 'offsetUs'>, b: Pick<Moment, 'id' | 'offsetUs'>): number {
  return a.offsetUs - b.offsetUs || a.id - b.id;
}
