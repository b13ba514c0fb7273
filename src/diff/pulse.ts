import { type Frame, Opcode } from '../session/frame.ts';

/** A ping of the charger that has no pong yet. */
interface OpenPing {
  id: number;
  monoUs: number;
  payload: string;
}

/** Pings and pongs of one connection (RFC 6455 §5.5.2), as far as its CSMS is concerned. */
export class Pulse {
  /** When the CSMS pinged, µs of the monotonic clock. */
  readonly csmsPingsUs: number[] = [];
  /** How many pings of the charger got a pong. */
  answered = 0;
  #open: OpenPing[] = [];
  #lastAnswered = 0;
  #isClosing = false;

  /** Takes the next frame of the connection, whatever it is. */
  take(frame: Frame): void {
    if (frame.opcode === Opcode.ping && frame.sender === 'csms') this.csmsPingsUs.push(frame.monoUs);
    else if (frame.opcode === Opcode.ping)
      this.#open.push({ id: frame.id, monoUs: frame.monoUs, payload: payloadOf(frame) });
    else if (frame.opcode === Opcode.pong && frame.sender === 'csms') this.#pong(payloadOf(frame));
    else if (frame.sender === 'csms' && frame.answers !== null)
      this.#lastAnswered = Math.max(this.#lastAnswered, frame.answers);
    else if (frame.opcode === Opcode.close && frame.sender === 'charger') this.#isClosing = true;
    else if (frame.opcode === Opcode.close && this.#isClosing) this.#lastAnswered = frame.id;
  }

  /**
   * Whether the CSMS left a ping of the charger unanswered: later it answered a call, or the charger's close, that came after it; or the connection lasted for
   * `patienceUs` more, up to `endUs`.
   */
  leftUnanswered(endUs: number, patienceUs: number): boolean {
    return this.#open.some(({ id, monoUs }) => id < this.#lastAnswered || endUs - monoUs >= patienceUs);
  }

  /** A pong may answer the latest ping alone, and with it all before (RFC 6455 §5.5.3); an unsolicited one answers none. */
  #pong(payload: string): void {
    const index = this.#open.findIndex((ping) => ping.payload === payload);
    if (index < 0) return;
    this.answered += index + 1;
    this.#open.splice(0, index + 1);
  }
}

function payloadOf({ payload }: Frame): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('latin1');
}
