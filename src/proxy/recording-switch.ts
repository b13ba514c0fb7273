import type { Recorder } from '../session/recording.ts';
import { wallNowUs } from '../wire/clock.ts';

/** Why recording is off: somebody wants it so, or the recorder spares the traffic. */
export type OffBy = 'operator' | 'overload';

/** Recording was switched. */
export interface Switched {
  isOn: boolean;
  /** Why, in words. */
  reason: string;
}

/**
 * Recording on and off while traffic goes on. While it is off bytes are only tunnelled: frames are counted by their headers,
 * and one gap, put on record when it is on again, says how many are missing.
 */
export class RecordingSwitch {
  readonly #recorder: Recorder;
  readonly #switched: (event: Switched) => void;
  #off: { by: OffBy; reason: string; fromUs: number } | null = null;
  #frames = 0;
  #bytes = 0;

  constructor(recorder: Recorder, switched: (event: Switched) => void) {
    this.#recorder = recorder;
    this.#switched = switched;
  }

  get isOn(): boolean {
    return this.#off === null;
  }

  /** Why it is off; null when it is on. */
  get off(): { by: OffBy; reason: string; fromUs: number } | null {
    return this.#off;
  }

  /** Switches it off; the first reason counts, but what an operator wants stands above an overload. */
  turnOff(by: OffBy, reason: string): void {
    if (this.#off !== null) {
      if (by === 'operator') this.#off.by = by;
      return;
    }
    this.#off = { by, reason, fromUs: wallNowUs() };
    this.#switched({ isOn: false, reason });
  }

  /** Switches it on, and puts the gap on record. */
  turnOn(reason: string): void {
    if (this.#off === null) return;
    this.flush();
    this.#off = null;
    this.#switched({ isOn: true, reason });
  }

  /** A frame passed that is not recorded. */
  miss(frames: number, bytes: number): void {
    this.#frames += frames;
    this.#bytes += bytes;
  }

  /** Puts on record what is missing so far: before it is switched on, and before the end. */
  flush(): void {
    if (this.#off === null) return;
    const { fromUs, reason } = this.#off;
    const gap = { fromUs, toUs: wallNowUs(), connection: null, frames: this.#frames, bytes: this.#bytes };
    this.#recorder.record({ kind: 'gap', gap: { ...gap, reason: `Recording was off: ${reason}.` } });
    this.#frames = 0;
    this.#bytes = 0;
  }
}
