import type net from 'node:net';
import type { Side } from '../ocpp/message.ts';
import type { Recorder } from '../session/recording.ts';
import type { Tap } from './tap.ts';

/** What waits its turn in a direction: bytes, the end of the stream, or a reset. */
type Step = Buffer | 'fin' | 'reset';

/** What a lane stands between. */
export interface LaneEnds {
  sender: Side;
  source: net.Socket;
  destination: net.Socket;
  tap: Tap;
  recorder: Recorder;
  /** How long bytes wait for a message to be inflated, ms. */
  maxHoldMs: number;
}

const MAX_WAITING = 1024 * 1024;
const RESET_PATIENCE_MS = 2_000;

/**
 * One direction of a tunnel. Bytes, FIN and reset leave in the order they came, and the last byte of a frame only when
 * the frame is on record (or its hold has run out). The source is paused while the destination or the recorder lags.
 */
export class Lane {
  readonly #ends: LaneEnds;
  /** Steps that wait for the recorder, one `#release` called for each. */
  readonly #held: Step[] = [];
  /** Steps that wait behind a message that is being inflated. */
  #undecoded: Step[] = [];
  #inflating: Promise<void> | null = null;
  #isBehind = false;
  #waiting = 0;
  #written = 0;
  #isFinished = false;
  #resetTimer: NodeJS.Timeout | null = null;
  /** Bytes handed to the kernel towards the destination. */
  handedOn = 0;

  constructor(ends: LaneEnds) {
    this.#ends = ends;
    ends.destination.on('drain', this.flow);
  }

  /** From here on another tap listens. */
  retap(tap: Tap): void {
    this.#ends.tap = tap;
  }

  /** Takes bytes from the source: to the tap, then on. */
  take(chunk: Buffer): void {
    if (this.#inflating === null) this.#tap(chunk);
    else this.#wait(this.#undecoded, chunk);
    this.flow();
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
    const isFull = this.#waiting > MAX_WAITING || (destination.writableNeedDrain && !destination.destroyed);
    if (isFull !== source.isPaused()) {
      if (isFull) source.pause();
      else source.resume();
    }
  };

  #tap(chunk: Buffer): void {
    const { tap, sender } = this.#ends;
    if (this.#isBehind && !tap.ear(sender).isBusy) this.#isBehind = false;
    const isNews = tap.feed(sender, chunk);
    if (isNews === false) {
      if (this.#held.length === 0) this.#put(chunk);
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

  #wait(queue: Step[], bytes: Buffer): void {
    queue.push(bytes);
    this.#waiting += bytes.length;
  }

  #hold(step: Step): void {
    this.#held.push(step);
    if (typeof step !== 'string') this.#waiting += step.length;
    try {
      this.#ends.recorder.whenOnRecord(this.#release);
    } catch {
      this.#release();
    }
  }

  readonly #release = (): void => {
    const step = this.#held.shift();
    if (step === undefined) return;
    if (step === 'fin') this.#finish();
    else if (step === 'reset') this.#reset();
    else {
      this.#waiting -= step.length;
      this.#put(step);
      this.flow();
    }
  };

  #put(bytes: Buffer): void {
    const { destination } = this.#ends;
    if (this.#isFinished || !destination.writable) return;
    this.#written += bytes.length;
    destination.write(bytes, this.#onWritten);
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error) return;
    const { destination } = this.#ends;
    this.handedOn = this.#written - destination.writableLength;
    if (this.#resetTimer !== null && destination.writableLength === 0) this.#resetNow();
  };

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (this.#ends.destination.writable) this.#ends.destination.end();
  }

  /** Passes a reset on once the bytes before it are in the kernel's hands, or after two seconds. */
  #reset(): void {
    this.#isFinished = true;
    if (this.#ends.destination.destroyed || this.#resetTimer !== null) return;
    this.#resetTimer = setTimeout(() => this.#resetNow(), RESET_PATIENCE_MS);
    if (this.#ends.destination.writableLength === 0) this.#resetNow();
  }

  #resetNow(): void {
    if (this.#resetTimer !== null) clearTimeout(this.#resetTimer);
    if (!this.#ends.destination.destroyed) this.#ends.destination.resetAndDestroy();
  }
}
