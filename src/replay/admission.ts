import type { Message } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import type { LiveCall } from './live-calls.ts';
import type { CallStep, PlannedConnection } from './plan.ts';

/** How long a charger waits when the CSMS names no time of its own, s (OCPP 1.6 §4.2: so that it does not flood). */
const OWN_INTERVAL_S = 10;

/** How long a charger waits after this answer to the call by which it makes itself known before it asks again, s; null when it is accepted. */
export function askAgainSeconds(answer: Message, action: string, protocol: Protocol): number | null {
  const result = answer.type === 'callResult' ? answer.payload : null;
  if (result !== null && protocol.admits(action, result)) return null;
  return (result !== null && protocol.askAgainSeconds(result)) || OWN_INTERVAL_S;
}

/** A call by which the charger makes itself known and that the CSMS has not accepted. */
interface Refused {
  step: CallStep;
  /** When that was said first, µs. */
  sinceUs: number;
  intervalUs: number;
  /** When it is asked again, µs. */
  againUs: number;
  times: number;
}

/**
 * Whether the CSMS admits the charger, and when the charger asks again: after the interval that the CSMS named, as often as it takes
 * (OCPP 1.6 §4.2).
 */
export class Admission {
  readonly #waitUs: number;
  #refused: Refused | null = null;

  /** `waitUs`: how long all that presumes it waits for it. */
  constructor(waitUs: number) {
    this.#waitUs = waitUs;
  }

  /** Takes an answer of the CSMS to a call of the charger. Gives how often it was asked again, when that has come to its end. */
  answered({ step, answer }: LiveCall, { protocol }: PlannedConnection, nowUs: number): number | null {
    if (answer === null || protocol.admits(step.action, {}) === null) return null;
    const known = this.#refused?.step === step ? this.#refused : null;
    const seconds = askAgainSeconds(answer, step.action, protocol);
    if (seconds === null) {
      this.#refused = null;
      return known?.times ?? null;
    }
    const { sinceUs = nowUs, times = 0 } = known ?? {};
    const intervalUs = seconds * 1e6;
    this.#refused = { step, sinceUs, intervalUs, againUs: nowUs + intervalUs, times };
    return null;
  }

  /** Whether the CSMS has not accepted this call, at the last time of asking. */
  refuses(step: CallStep): boolean {
    return this.#refused?.step === step;
  }

  /** When the charger asks again, if `next` presumes that it was accepted, µs; infinite when it does not ask. */
  againUs(next: CallStep | undefined): number {
    const isPresumed = next !== undefined && next.admission === this.#refused?.step;
    return isPresumed ? (this.#refused?.againUs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  }

  /** The charger asks again now: the call that it repeats. */
  askAgain(nowUs: number): CallStep | null {
    if (this.#refused === null) return null;
    this.#refused.againUs = nowUs + this.#refused.intervalUs;
    this.#refused.times++;
    return this.#refused.step;
  }

  /** Until when what presumes this call waits for the charger's next attempt, µs; 0 when that comes too late. */
  waitedForUs(step: CallStep): number {
    if (this.#refused?.step !== step) return 0;
    const { sinceUs, againUs } = this.#refused;
    return againUs <= sinceUs + this.#waitUs ? againUs : 0;
  }

  /** How often the charger has asked again in vain so far, and for which call. */
  get inVain(): { step: CallStep; times: number } | null {
    return this.#refused !== null && this.#refused.times > 0 ? this.#refused : null;
  }
}
