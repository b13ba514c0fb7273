import { LoopDelays } from './delay-window.ts';
import type { RecordingSwitch } from './recording-switch.ts';

/** What recording may cost before it is switched off, ms; 0 for anything. */
export interface OverloadLimits {
  /** How late the event loop may come round (99 of 100 times). */
  loopDelayMs: number;
  /** How long the oldest frame may wait for its commit. */
  commitDelayMs: number;
}

/** What is looked at. */
export interface Load {
  /** How long the oldest frame has been waiting for its commit, ms. */
  oldestWaitMs(): number;
  /** Connections, and those of them whose handshake is under way. */
  connections(): { open: number; opening: number };
}

const LOOK_MS = 1_000;
const LOOKS_UNTIL_OFF = 3;
const LOOKS_UNTIL_ON = 5;

/** A storm: one in so many connections is in its handshake. */
const STORM = 20;

/** For so long a storm is what makes the event loop late, and switching recording off would not help. */
const LOOKS_OF_A_STORM = 60;

/**
 * Switches recording off while it, or the machine, is too slow for the traffic, and on again: off after three seconds
 * above a limit, on after five below half of it. A late event loop is excused for a minute while a fleet comes in, since handshakes cost
 * more than their recording. Leaves alone what an operator switched off.
 */
export class Overload {
  readonly #recording: RecordingSwitch;
  readonly #limits: OverloadLimits;
  readonly #load: Load;
  readonly #loop = new LoopDelays(LOOK_MS);
  readonly #timer = setInterval(() => this.#look(), LOOK_MS).unref();
  #looks = 0;
  #stormLooks = 0;

  constructor(recording: RecordingSwitch, limits: OverloadLimits, load: Load) {
    this.#recording = recording;
    this.#limits = limits;
    this.#load = load;
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
    const waitMs = this.#load.oldestWaitMs();
    if (commitDelayMs > 0 && waitMs > commitDelayMs * share) {
      return `a commit has been awaited for ${Math.round(waitMs)} ms`;
    }
    const loopMs = this.#loop.lately.p99;
    const isLate = loopDelayMs > 0 && loopMs > loopDelayMs * share;
    if (!isLate) this.#stormLooks = 0;
    if (!isLate || (!this.#recording.off && this.#isExcused())) return null;
    return `the event loop came round ${Math.round(loopMs)} ms late`;
  }

  #isExcused(): boolean {
    const { open, opening } = this.#load.connections();
    return opening * STORM >= open && opening > 0 && ++this.#stormLooks <= LOOKS_OF_A_STORM;
  }
}
