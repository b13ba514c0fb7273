import { LoopDelays } from './delay-window.ts';
import type { RecordingSwitch } from './recording-switch.ts';

/** What recording may cost before it is switched off, ms; 0 for anything. */
export interface OverloadLimits {
  /** How late the event loop may come round (99 of 100 times). */
  loopDelayMs: number;
  /** How long the oldest frame may wait for its commit. */
  commitDelayMs: number;
}

const LOOK_MS = 1_000;
const LOOKS_UNTIL_OFF = 3;
const LOOKS_UNTIL_ON = 5;

/**
 * Switches recording off while it, or the machine, is too slow for the traffic, and on again: off after three seconds
 * above a limit, on after five below half of it. Leaves alone what an operator switched off.
 */
export class Overload {
  readonly #recording: RecordingSwitch;
  readonly #limits: OverloadLimits;
  readonly #oldestWaitMs: () => number;
  readonly #loop = new LoopDelays(LOOK_MS);
  readonly #timer = setInterval(() => this.#look(), LOOK_MS).unref();
  #looks = 0;

  constructor(recording: RecordingSwitch, limits: OverloadLimits, oldestWaitMs: () => number) {
    this.#recording = recording;
    this.#limits = limits;
    this.#oldestWaitMs = oldestWaitMs;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#loop.stop();
  }

  #look(): void {
    const { off } = this.#recording;
    if (off?.by === 'operator') return;
    const trouble = this.#trouble(off === null ? 1 : 0.5);
    const isSettled = (trouble === null) === (off === null);
    this.#looks = isSettled ? 0 : this.#looks + 1;
    if (off === null && this.#looks >= LOOKS_UNTIL_OFF) this.#recording.turnOff('overload', trouble ?? '');
    else if (off !== null && this.#looks >= LOOKS_UNTIL_ON)
      this.#recording.turnOn('the recorder keeps up again');
    else return;
    this.#looks = 0;
  }

  /** What is above so much of its limit, in words. */
  #trouble(share: number): string | null {
    const { loopDelayMs, commitDelayMs } = this.#limits;
    const loopMs = this.#loop.lately.p99;
    if (loopDelayMs > 0 && loopMs > loopDelayMs * share) {
      return `the event loop came round ${Math.round(loopMs)} ms late`;
    }
    const waitMs = this.#oldestWaitMs();
    if (commitDelayMs > 0 && waitMs > commitDelayMs * share) {
      return `a commit has been awaited for ${Math.round(waitMs)} ms`;
    }
    return null;
  }
}
