import { isEmptyObject } from '../ocpp/json.ts';
import type { Call, CallResult, Message, Side } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';

/** The commonest answer. */
const EMPTY: CallResult = { type: 'callResult', messageId: '', payload: {} };

/**
 * What the messages of a session mean to its comparison, one value for those that mean the same. Of a replayed charger's own words, which
 * are the recording's, only what tells its calls apart is kept.
 */
export class Meanings {
  readonly #isReplayed: boolean;
  readonly #calls = new Map<string, Call>();

  constructor(isReplayed: boolean) {
    this.#isReplayed = isReplayed;
  }

  /** What a call means. */
  ofCall(protocol: Protocol, sender: Side, call: Call): Call {
    const { action, payload } = call;
    if (sender === 'csms' || !this.#isReplayed) return { ...call, messageId: '' };
    const key = `${action} ${protocol.callKey(action, payload)}`;
    const known = this.#calls.get(key) ?? { ...call, messageId: '' };
    this.#calls.set(key, known);
    return known;
  }

  /** Whether there may be a time in a message that is compared with when it was said. */
  hasTimes(sender: Side, meaning: Message): boolean {
    return meaning !== EMPTY && !(this.#isReplayed && sender === 'charger');
  }

  /** What an answer means. */
  ofAnswer(sender: Side, answer: Exclude<Message, Call>): Message {
    if (answer.type !== 'callResult') return answer;
    const isLeftOut = sender === 'charger' && this.#isReplayed;
    const isEmpty = isEmptyObject(answer.payload) && answer.oddity === undefined;
    return isLeftOut || isEmpty ? EMPTY : { ...answer, messageId: '' };
  }
}
