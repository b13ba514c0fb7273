import type { PerMessageDeflate } from 'ws';
import type { Side } from '../ocpp/message.ts';
import { deflateOf } from './deflate.ts';

const PATIENCE_MS = 5_000;

/**
 * Inflates the compressed messages that one side sends (RFC 7692), one after the other, with ws's PerMessageDeflate.
 * A message that cannot be inflated gives null, and the next one is tried again; zlib that falls silent is not asked again.
 */
export class Inflater {
  readonly #deflate: PerMessageDeflate;
  #last: Promise<unknown> = Promise.resolve();
  #isDead = false;

  /** `extensions` is the Sec-WebSocket-Extensions of the 101. Payloads that grow beyond `maxPayload` bytes give null. */
  constructor(extensions: string, sender: Side, maxPayload?: number) {
    this.#deflate = deflateOf(extensions, sender === 'charger' ? 'csms' : 'charger', maxPayload);
  }

  /** The inflated payload, or null when it cannot be inflated. Answers come in the order of the calls; it never rejects. */
  inflate(payload: Uint8Array): Promise<Buffer | null> {
    const result = this.#last.then(() => (this.#isDead ? null : this.#inflateOne(payload)));
    this.#last = result;
    return result;
  }

  /** Frees zlib's memory. */
  close(): void {
    void this.#last.then(() => {
      this.#isDead = true;
      this.#deflate.cleanup();
    });
  }

  #inflateOne(payload: Uint8Array): Promise<Buffer | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#isDead = true;
        resolve(null);
      }, PATIENCE_MS);
      const settle = (data: Buffer | null) => {
        clearTimeout(timer);
        resolve(data);
      };
      try {
        this.#deflate.decompress(payload, true, (error, data) => settle(error ? null : (data ?? null)));
      } catch {
        settle(null);
      }
    });
  }
}
