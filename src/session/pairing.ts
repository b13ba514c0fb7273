import type { Message, Side } from '../ocpp/message.ts';

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
}

/** How many answered calls of a side are remembered, to know a duplicate answer by. */
const MAX_ANSWERED = 64;

/** How many unanswered calls of a side are remembered. */
const MAX_OPEN = 10_000;

/**
 * Finds the call that each answer of one connection answers. Ids count per direction (both sides may use the same id at once); an
 * answer takes the oldest open call with its id, else the last answered one, else it is an orphan. Its memory is bounded.
 */
export class Pairing {
  readonly #calls: Record<Side, Calls> = { charger: new Calls(), csms: new Calls() };

  /** Takes the next message of the connection, in order of arrival. `monoUs` is its monotonic time. */
  observe(sender: Side, message: Message, frameId: number, monoUs: number): Pair {
    if (message.type === 'malformed')
      return { action: null, answers: null, latencyUs: null, duplicate: false };
    const { messageId } = message;
    if (message.type === 'call') {
      this.#calls[sender].open({ messageId, action: message.action, frameId, monoUs });
      return { action: message.action, answers: null, latencyUs: null, duplicate: false };
    }
    const calls = this.#calls[sender === 'charger' ? 'csms' : 'charger'];
    const open = calls.answer(messageId);
    const call = open ?? calls.lastAnswered(messageId);
    if (call === undefined) return { action: null, answers: null, latencyUs: null, duplicate: false };
    return {
      action: call.action,
      answers: call.frameId,
      latencyUs: monoUs - call.monoUs,
      duplicate: open === undefined,
    };
  }
}

/** The calls of one side: those still open, by id and in order, and the last answered ones. */
class Calls {
  readonly #inOrder = new Set<OpenCall>();
  readonly #byId = new Map<string, OpenCall[]>();
  readonly #answered = new Map<string, OpenCall>();

  open(call: OpenCall): void {
    this.#inOrder.add(call);
    const sameId = this.#byId.get(call.messageId);
    if (sameId) sameId.push(call);
    else this.#byId.set(call.messageId, [call]);
    if (this.#inOrder.size > MAX_OPEN) this.#takeOldest(this.#oldest().messageId);
  }

  answer(messageId: string): OpenCall | undefined {
    const call = this.#takeOldest(messageId);
    if (call === undefined) return undefined;
    this.#answered.delete(messageId);
    this.#answered.set(messageId, call);
    if (this.#answered.size > MAX_ANSWERED) this.#answered.delete(this.#answered.keys().next().value!);
    return call;
  }

  lastAnswered(messageId: string): OpenCall | undefined {
    return this.#answered.get(messageId);
  }

  #oldest(): OpenCall {
    return this.#inOrder.values().next().value!;
  }

  /** Removes the oldest open call with this id. */
  #takeOldest(messageId: string): OpenCall | undefined {
    const sameId = this.#byId.get(messageId);
    const call = sameId?.shift();
    if (call === undefined) return undefined;
    if (sameId?.length === 0) this.#byId.delete(messageId);
    this.#inOrder.delete(call);
    return call;
  }
}
