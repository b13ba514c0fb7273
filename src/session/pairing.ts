import type { Side } from '../ocpp/message.ts';
import type { PlainMessage } from './plain-message.ts';

/** What pairing tells about a message: the columns of its frame that depend on earlier frames of the connection. */
export interface Pair {
  /** Action of a call; of an answer, that of the call it answers; null for an orphan answer and a malformed text. */
  action: string | null;
  /** Frame id of the call that this answers; null for calls, orphan answers and malformed texts. */
  answers: number | null;
  /** From the call to this answer, µs. */
  latencyUs: number | null;
  /** Whether the call had been answered before. */
  duplicate: boolean;
}

interface OpenCall {
  messageId: string;
  action: string;
  frameId: number;
  monoUs: number;
  /** The next open call with the same id. */
  next: OpenCall | null;
}

/** How many answered calls of a side are remembered, to know a duplicate answer by. */
const MAX_ANSWERED = 16;

/** How many unanswered calls of a side are remembered. */
const MAX_OPEN = 10_000;

/**
 * Finds the call that each answer of one connection answers. Ids count per direction (both sides may use the same id at once); an
 * answer takes the oldest open call with its id, else the last answered one, else it is an orphan. Its memory is bounded.
 */
export class Pairing {
  readonly #charger = new Calls();
  readonly #csms = new Calls();

  /** Whether a call of either side, made at `sinceUs` (monotonic) or later, waits for its answer. */
  isAwaiting(sinceUs: number): boolean {
    return [this.#charger, this.#csms].some((calls) => calls.count > 0 && calls.newestUs >= sinceUs);
  }

  /** Takes the next message of the connection, in order of arrival. `monoUs` is its monotonic time. */
  observe(
    sender: Side,
    message: PlainMessage | { type: 'malformed' },
    frameId: number,
    monoUs: number,
  ): Pair {
    if (message.type === 'malformed')
      return { action: null, answers: null, latencyUs: null, duplicate: false };
    const { messageId } = message;
    if (message.type === 'call') {
      const own = sender === 'charger' ? this.#charger : this.#csms;
      own.open({ messageId, action: message.action, frameId, monoUs, next: null });
      return { action: message.action, answers: null, latencyUs: null, duplicate: false };
    }
    const other = sender === 'charger' ? this.#csms : this.#charger;
    const open = other.answer(messageId);
    const call = open ?? other.lastAnswered(messageId);
    if (call === undefined) return { action: null, answers: null, latencyUs: null, duplicate: false };
    return {
      action: call.action,
      answers: call.frameId,
      latencyUs: monoUs - call.monoUs,
      duplicate: open === undefined,
    };
  }
}

/** The calls of one side: those still open, by id (equal ids in a chain, oldest first), and the last answered ones. */
class Calls {
  /** Monotonic clock of the newest call, µs. */
  newestUs = Number.NEGATIVE_INFINITY;
  readonly #open = new Map<string, OpenCall>();
  readonly #answered: OpenCall[] = [];
  #count = 0;

  /** Calls that have no answer. */
  get count(): number {
    return this.#count;
  }

  open(call: OpenCall): void {
    this.newestUs = call.monoUs;
    let last = this.#open.get(call.messageId);
    if (last === undefined) this.#open.set(call.messageId, call);
    else {
      while (last.next !== null) last = last.next;
      last.next = call;
    }
    if (++this.#count > MAX_OPEN) this.#takeOldest(this.#open.keys().next().value!);
  }

  answer(messageId: string): OpenCall | undefined {
    const call = this.#takeOldest(messageId);
    if (call === undefined) return undefined;
    if (this.#answered.push(call) > MAX_ANSWERED) this.#answered.shift();
    return call;
  }

  lastAnswered(messageId: string): OpenCall | undefined {
    return this.#answered.findLast((call) => call.messageId === messageId);
  }

  /** Removes the oldest open call with this id. */
  #takeOldest(messageId: string): OpenCall | undefined {
    const call = this.#open.get(messageId);
    if (call === undefined) return undefined;
    this.#open.delete(messageId);
    if (call.next !== null) this.#open.set(messageId, call.next);
    call.next = null;
    this.#count--;
    return call;
  }
}
