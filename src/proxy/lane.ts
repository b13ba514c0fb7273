import type net from 'node:net';
import type { Side } from '../ocpp/message.ts';
import type { Recorder } from '../session/recording.ts';
import { resetSocket } from '../wire/tls-socket.ts';
import type { Ear } from './ear.ts';
import type { Tap } from './tap.ts';

/** What waits its turn in a direction: bytes, the end of the stream, or a reset. */
type Step = Buffer | 'fin' | 'reset';

/** Listens to what passes in a lane (see Tap). */
export type Listener = Pick<Tap, 'feed' | 'ended'> & {
  ear(sender: Side): Pick<Ear, 'isBusy' | 'fallsBehind'>;
};

/** Listens to nothing. */
export const DEAF: Listener = {
  feed: () => false,
  ended() {},
  ear: () => ({ isBusy: false, fallsBehind() {} }),
};

/** What a lane stands between; the CSMS's socket is null until it is connected (see `join`). */
export interface LaneEnds {
  sender: Side;
  source: net.Socket | null;
  destination: net.Socket | null;
  tap: Listener;
  recorder: Recorder;
  /** How long bytes wait for a message to be inflated, ms. */
  maxHoldMs: number;
}

const MAX_WAITING = 1024 * 1024;
const RESET_PATIENCE_MS = 2_000;
const NOTHING = Buffer.alloc(0);

/**
 * One direction of a tunnel. Bytes, FIN and reset leave in the order they came, and the last byte of a frame only when
 * the frame is on record (or its hold has run out). The source is paused while the destination or the recorder lags.
 */
export class Lane {
  readonly #ends: LaneEnds;
  /** How many steps wait for the recorder. */
  #held = 0;
  /** Steps that wait behind a message that is being inflated. */
  #undecoded: Step[] = [];
  #inflating: Promise<void> | null = null;
  /** Steps that wait for the destination to be connected. */
  #early: Step[] = [];
  #isBehind = false;
  /** Whether the source had to be paused when that was last looked at. */
  #isFull = false;
  /** Whether the destination has taken all bytes at once so far. */
  #isPrompt = true;
  #waiting = 0;
  #written = 0;
  #isFinished = false;
  #resetTimer: NodeJS.Timeout | null = null;
  /** Bytes handed to the kernel towards the destination. */
  handedOn = 0;

  constructor(ends: LaneEnds) {
    this.#ends = { ...ends };
    ends.destination?.on('drain', this.flow);
  }

  /** The CSMS is connected: what waited for it goes on. */
  join(csms: net.Socket): void {
    if (this.#ends.sender === 'csms') this.#ends.source = csms;
    else this.#ends.destination = csms.on('drain', this.flow);
    const steps = this.#early;
    this.#early = [];
    for (const step of steps) {
      if (typeof step !== 'string') this.#waiting -= step.length;
      this.#leave(step);
    }
    this.flow();
  }

  /** From here on another tap listens. */
  retap(tap: Listener): void {
    this.#ends.tap = tap;
  }

  /** Takes bytes from the source: to the tap, then on. */
  take(chunk: Buffer): void {
    if (this.#inflating === null) this.#tap(chunk);
    else this.#wait(this.#undecoded, chunk);
    if (this.#waiting > MAX_WAITING) this.flow();
  }

  /** Hands on bytes that the tap has seen otherwise: a head. */
  pass(bytes: Buffer): void {
    if (this.#inflating === null) this.#hold(bytes);
    else this.#wait(this.#undecoded, bytes);
  }

  /** The source has said its last byte, or ended in a reset: so will this direction, in its turn. */
  end(step: 'fin' | 'reset'): void {
    if (this.#inflating !== null) {
      this.#undecoded.push(step);
      return;
    }
    this.#ends.tap.ended(this.#ends.sender);
    this.#hold(step);
  }

  /** Pauses or resumes the source, as destination and recorder keep up or not. */
  readonly flow = (): void => {
    const { source, destination } = this.#ends;
    const isFull =
      this.#waiting > MAX_WAITING || (destination?.writableNeedDrain === true && !destination.destroyed);
    this.#isFull = isFull;
    if (source !== null && isFull !== source.isPaused()) {
      if (isFull) source.pause();
      else source.resume();
    }
  };

  #tap(chunk: Buffer): void {
    const { tap, sender } = this.#ends;
    if (this.#isBehind && !tap.ear(sender).isBusy) this.#isBehind = false;
    const isNews = tap.feed(sender, chunk);
    if (isNews === false) {
      if (this.#held === 0) this.#leave(chunk);
      else this.#hold(chunk);
    } else if (isNews === true || this.#isBehind) this.#hold(chunk);
    else this.#inflate(chunk, isNews);
  }

  #inflate(chunk: Buffer, inflating: Promise<void>): void {
    const goOn = (isBehind: boolean) => {
      clearTimeout(timer);
      if (this.#inflating !== inflating) return;
      this.#inflating = null;
      this.#isBehind = isBehind;
      if (isBehind) this.#ends.tap.ear(this.#ends.sender).fallsBehind();
      this.#waiting -= chunk.length;
      this.#hold(chunk);
      this.#catchUp();
      this.flow();
    };
    const timer = setTimeout(goOn, this.#ends.maxHoldMs, true);
    this.#inflating = inflating;
    this.#waiting += chunk.length;
    void inflating.then(() => goOn(false));
  }

  #catchUp(): void {
    const steps = this.#undecoded;
    this.#undecoded = [];
    for (const step of steps) {
      if (typeof step === 'string') this.end(step);
      else {
        this.#waiting -= step.length;
        if (this.#inflating === null) this.#tap(step);
        else this.#wait(this.#undecoded, step);
      }
    }
  }

  #wait(queue: Step[], step: Step): void {
    queue.push(step);
    if (typeof step !== 'string') this.#waiting += step.length;
  }

  #hold(step: Step): void {
    this.#held++;
    if (typeof step !== 'string') this.#waiting += step.length;
    const release = () => this.#release(step);
    try {
      this.#ends.recorder.whenOnRecord(release);
    } catch {
      release();
    }
  }

  #release(step: Step): void {
    this.#held--;
    if (typeof step !== 'string') this.#waiting -= step.length;
    this.#leave(step);
    if (this.#isFull) this.flow();
  }

  #leave(step: Step): void {
    const { destination } = this.#ends;
    if (destination === null) this.#wait(this.#early, step);
    else if (step === 'fin') this.#finish(destination);
    else if (step === 'reset') this.#reset(destination);
    else this.#put(destination, step);
  }

  #put(destination: net.Socket, bytes: Buffer): void {
    if (this.#isFinished || !destination.writable) return;
    this.#written += bytes.length;
    if (this.#isPrompt) this.#putPromptly(destination, bytes);
    else if (!destination.write(bytes, this.#onWritten)) this.flow();
  }

  /** Most writes are done when they return: being called back for each would cost a turn of the microtasks. */
  #putPromptly(destination: net.Socket, bytes: Buffer): void {
    const isRoomy = destination.write(bytes);
    this.#isPrompt = destination.writableLength === 0;
    if (this.#isPrompt) this.handedOn = this.#written;
    else destination.write(NOTHING, this.#onWritten);
    if (!isRoomy) this.flow();
  }

  readonly #onWritten = (error?: Error | null): void => {
    const { destination } = this.#ends;
    if (error || destination === null) return;
    this.handedOn = this.#written - destination.writableLength;
    if (this.#resetTimer !== null && destination.writableLength === 0) this.#resetNow(destination);
  };

  #finish(destination: net.Socket): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (destination.writable) destination.end();
  }

  /** Passes a reset on once the bytes before it are in the kernel's hands, or after two seconds. */
  #reset(destination: net.Socket): void {
    this.#isFinished = true;
    if (destination.destroyed || this.#resetTimer !== null) return;
    this.#resetTimer = setTimeout(() => this.#resetNow(destination), RESET_PATIENCE_MS);
    if (destination.writableLength === 0) this.#resetNow(destination);
  }

  #resetNow(destination: net.Socket): void {
    if (this.#resetTimer !== null) clearTimeout(this.#resetTimer);
    if (!destination.destroyed) resetSocket(destination);
  }
}
