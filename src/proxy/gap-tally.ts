import type { Recorder } from '../session/recording.ts';
import { wallNowUs } from '../wire/clock.ts';

const FLUSH_US = 1_000_000;

/**
 * What one connection's tap could not record. The first loss is put on record at once, further ones together once a
 * second, so that a fault that strikes every frame does not drown the recording.
 */
export class GapTally {
  readonly #recorder: Recorder;
  readonly #connection: number;
  #fromUs = 0;
  #flushedUs = 0;
  #frames = 0;
  #bytes = 0;
  #reason: string | null = null;

  constructor(recorder: Recorder, connection: number) {
    this.#recorder = recorder;
    this.#connection = connection;
  }

  /** Counts what is missing, and why. */
  add(frames: number, bytes: number, reason: string): void {
    const nowUs = wallNowUs();
    if (this.#reason !== null && this.#reason !== reason) this.flush();
    if (this.#reason === null) this.#fromUs = nowUs;
    this.#reason = reason;
    this.#frames += frames;
    this.#bytes += bytes;
    if (nowUs - this.#flushedUs >= FLUSH_US) this.flush();
  }

  /** Puts what was counted on record. */
  flush(): void {
    const reason = this.#reason;
    if (reason === null) return;
    const toUs = wallNowUs();
    const gap = { fromUs: this.#fromUs, toUs, connection: this.#connection, reason };
    this.#recorder.record({ kind: 'gap', gap: { ...gap, frames: this.#frames, bytes: this.#bytes } });
    this.#reason = null;
    this.#frames = 0;
    this.#bytes = 0;
    this.#flushedUs = toUs;
  }
}
