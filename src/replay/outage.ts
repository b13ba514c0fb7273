import { randomUUID } from 'node:crypto';
import type { Redial } from '../load/redial.ts';
import { type Call, type Message, withMessageId } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { FrameFlag } from '../session/frame.ts';
import { monoNowUs } from '../wire/clock.ts';
import { askAgainSeconds } from './admission.ts';
import type { Outgoing } from './outgoing.ts';

/** A charger gives up coming back when the CSMS has not had it for so long, µs. */
const GIVE_UP_US = 600_000_000;

/** How one session is cut off by what befalls the whole fleet, and how it comes back: as its make of charger does, and introduced anew when its power was away. */
export class Outage {
  readonly #redial: Redial;
  /** Nothing is dialled before, µs. */
  #untilUs = 0;
  #sinceUs = 0;
  #hasLostPower = false;
  /** The last call by which the charger made itself known. */
  #introduction: { action: string; frame: Outgoing } | null = null;

  constructor(redial: Redial) {
    this.#redial = redial;
  }

  /** The charger is cut off; for so long and by its power, when `forMs` is given. */
  begin(forMs?: number): void {
    this.#sinceUs = monoNowUs();
    if (forMs === undefined) return;
    this.#hasLostPower = true;
    this.#untilUs = this.#sinceUs + forMs * 1000;
  }

  /** How long nothing can be dialled yet, ms. */
  get awayMs(): number {
    return Math.max(0, (this.#untilUs - monoNowUs()) / 1000);
  }

  /** How long to wait before the next attempt to come back, ms; null when it is given up. At once when the power has come back. */
  nextMs(): number | null {
    if (this.awayMs > 0) return this.awayMs;
    return monoNowUs() - this.#sinceUs > GIVE_UP_US ? null : this.#redial.nextMs();
  }

  /** The charger says a call: one by which it makes itself known is kept for its next start (OCPP 1.6 §4.2). */
  said(call: Call, frame: Outgoing, protocol: Protocol): void {
    if (protocol.admits(call.action, {}) !== null) this.#introduction = { action: call.action, frame };
  }

  /** It is back. Gives what it says first: its introduction, marked as ours, when its power was away; else null. */
  returned(): { messageId: string; frame: Outgoing } | null {
    this.#redial.succeeded();
    if (!this.#hasLostPower || !this.#introduction) return null;
    const { frame: said } = this.#introduction;
    const messageId = randomUUID();
    const payload = Buffer.from(withMessageId(Buffer.from(said.payload).toString('utf8'), messageId));
    const { says: _, ...rest } = said;
    const flags = (said.flags & ~FrameFlag.fragmented) | FrameFlag.ours;
    const scheduledUs = monoNowUs();
    return { messageId, frame: { ...rest, payload, flags, fragments: null, replays: null, scheduledUs } };
  }

  /** The CSMS has answered that: how long to wait before it is said again, s; null when the charger is accepted. */
  introduced(answer: Message, protocol: Protocol): number | null {
    const seconds = askAgainSeconds(answer, this.#introduction?.action ?? '', protocol);
    if (seconds === null) this.#hasLostPower = false;
    return seconds;
  }
}
