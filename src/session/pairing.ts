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

interface Call {
  messageId: string;
  action: string;
  frameId: number;
  monoUs: number;
}

/** An answered call. Of its id a digest: what is kept for long ends among what V8 takes away only by marking the whole heap. */
type Answered = Omit<Call, 'messageId'> & { digest: number };

/** How many answered calls of a side are remembered, to know a duplicate answer by. */
const MAX_ANSWERED = 16;

/** How many unanswered calls of a side are remembered. */
const MAX_OPEN = 1_000;

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
      own.open({ messageId, action: message.action, frameId, monoUs });
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

/**
 * The calls of one side: those still open, and the last answered ones. Nearly always one is open, and then a list costs far less than
 * a Map: V8 makes a Map's table anew whenever it has become empty, among what lives long.
 */
class Calls {
  /** Monotonic clock of the newest call, µs. */
  newestUs = Number.NEGATIVE_INFINITY;
  /** In the order in which they came. */
  readonly #open: Call[] = [];
  /** A ring, written over: the call that was answered n-th stands at n modulo its size. */
  readonly #answered: Answered[] = [];
  #answers = 0;

  /** Calls that have no answer. */
  get count(): number {
    return this.#open.length;
  }

  open(call: Call): void {
    this.newestUs = call.monoUs;
    if (this.#open.push(call) > MAX_OPEN) this.#open.shift();
  }

  /** Takes the oldest open call with this id. */
  answer(messageId: string): Call | undefined {
    const at = this.#open.findIndex((call) => call.messageId === messageId);
    if (at === -1) return undefined;
    const call = at === this.#open.length - 1 ? this.#open.pop()! : this.#open.splice(at, 1)[0]!;
    this.#remember(call);
    return call;
  }

  lastAnswered(messageId: string): Answered | undefined {
    const digest = digestOf(messageId);
    for (let age = 1; age <= this.#answered.length; age++) {
      const call = this.#answered[(this.#answers - age) % MAX_ANSWERED]!;
      if (call.digest === digest) return call;
    }
    return undefined;
  }

  #remember({ messageId, action, frameId, monoUs }: Call): void {
    const place = this.#answers++ % MAX_ANSWERED;
    this.#answered[place] ??= { digest: 0, action, frameId, monoUs };
    const answered = this.#answered[place];
    answered.digest = digestOf(messageId);
    answered.action = action;
    answered.frameId = frameId;
    answered.monoUs = monoUs;
  }
}

/** 53 bits that tell a text from others. */
function digestOf(text: string): number {
  let [high, low] = [0x811c9dc5, text.length];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}
