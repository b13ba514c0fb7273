import { createInflateRaw, type InflateRaw } from 'node:zlib';
import type { Side } from '../ocpp/message.ts';
import { deflateOf } from './deflate.ts';
import { Payload } from './payload.ts';

/** An inflated payload: at most the cap of it, and the hex SHA-256 of all of it when it is longer. */
export interface Inflated {
  payload: Buffer;
  sha256: string | null;
}

const PATIENCE_MS = 5_000;
const MAX_INFLATED = 64 * 1024 * 1024;

/** What a sender leaves off the end of each message (RFC 7692 §7.2.1). */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/**
 * Inflates the compressed messages that one side sends (RFC 7692), one after the other. A message that cannot be inflated
 * gives null, and the next one is tried again; after one that takes longer than five seconds none is any more.
 */
export class Inflater {
  readonly #windowBits: number;
  readonly #keepsContext: boolean;
  readonly #maxPayload: number;
  #zlib: InflateRaw | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #isDead = false;

  /** `extensions` is the Sec-WebSocket-Extensions of the 101. Payloads longer than `maxPayload` bytes are cut off there. */
  constructor(extensions: string, sender: Side, maxPayload = MAX_INFLATED) {
    const params = deflateOf(extensions, sender === 'charger' ? 'csms' : 'charger').params ?? {};
    const peer = sender === 'charger' ? 'client' : 'server';
    this.#windowBits = Number(params[`${peer}_max_window_bits`] ?? 15);
    this.#keepsContext = params[`${peer}_no_context_takeover`] !== true;
    this.#maxPayload = maxPayload;
  }

  /** Whether a message can only be inflated after those before it. */
  get keepsContext(): boolean {
    return this.#keepsContext;
  }

  /** The inflated payload, or null when it cannot be inflated. Answers come in the order of the calls; it never rejects. */
  inflate(payload: Uint8Array): Promise<Inflated | null> {
    const result = this.#last.then(() => (this.#isDead ? null : this.#inflateOne(payload)));
    this.#last = result;
    return result;
  }

  /** Frees zlib's memory. */
  close(): void {
    void this.#last.then(() => {
      this.#isDead = true;
      this.#forget();
    });
  }

  #inflateOne(compressed: Uint8Array): Promise<Inflated | null> {
    return new Promise((resolve) => {
      const whole = new Payload(this.#maxPayload);
      let isSettled = false;
      const settle = (inflated: Inflated | null) => {
        if (isSettled) return;
        isSettled = true;
        clearTimeout(timer);
        zlib
          .removeAllListeners('data')
          .removeAllListeners('error')
          .on('error', () => {});
        if (inflated === null || !this.#keepsContext || zlib.readableEnded) this.#forget();
        resolve(inflated);
      };
      const timer = setTimeout(() => {
        this.#isDead = true;
        settle(null);
      }, PATIENCE_MS);
      this.#zlib ??= createInflateRaw({ windowBits: this.#windowBits });
      const zlib = this.#zlib;
      zlib.on('data', (piece: Buffer) => whole.add(piece, null, 0, Infinity));
      zlib.on('error', () => settle(null));
      zlib.write(compressed);
      zlib.write(TAIL);
      zlib.flush(() => settle({ payload: whole.bytes(), sha256: whole.sha256() }));
    });
  }

  /** The next message begins without what was said before. */
  #forget(): void {
    this.#zlib?.destroy();
    this.#zlib = null;
  }
}
