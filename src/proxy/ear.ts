import type { Side } from '../ocpp/message.ts';
import { FrameFlag } from '../session/frame.ts';
import { monoNowUs, wallNowUs } from '../wire/clock.ts';
import { type Inflated, Inflater } from '../wire/inflate.ts';
import { type Missed, WebSocketDecoder, type WireMessage } from '../wire/websocket-decoder.ts';

/** When bytes arrived: wall and monotonic clock, µs. */
export interface Arrival {
  atUs: number;
  monoUs: number;
}

/** Takes what an ear heard; must not throw. */
export type Heard = (sender: Side, message: WireMessage, arrival: Arrival) => void;

/** Listens to one direction: decodes its bytes, inflates what was compressed, and tells what it heard, in order. */
export class Ear {
  readonly #sender: Side;
  readonly #heard: Heard;
  readonly #decoder = new WebSocketDecoder();
  #inflater: Inflater | null = null;
  #busy: Promise<void> | null = null;
  #isLate = false;
  /** Compressed messages were missed that later ones build on. */
  #isContextLost = false;

  constructor(sender: Side, heard: Heard) {
    this.#sender = sender;
    this.#heard = heard;
  }

  /** Whether something is still being inflated. */
  get isBusy(): boolean {
    return this.#busy !== null;
  }

  /** Whether what was heard ends with a whole frame. */
  get isBetweenFrames(): boolean {
    return this.#busy === null && this.#decoder.pendingBytes === 0;
  }

  /** permessage-deflate is on from here, as these extensions of the 101 say. */
  inflates(extensions: string): void {
    this.#decoder.deflate = true;
    this.#inflater = new Inflater(extensions, this.#sender);
  }

  /** From now on, until inflating has caught up, what is heard has been forwarded before it is on record. */
  fallsBehind(): void {
    this.#isLate = true;
  }

  /** Whether frames are only counted (see `takeMissed`). */
  get skims(): boolean {
    return this.#decoder.skims;
  }
  set skims(skims: boolean) {
    this.#decoder.skims = skims;
    if (this.#inflater?.keepsContext) this.#isContextLost = true;
  }

  /** What was counted and not told since the last time; null for nothing. */
  takeMissed(): Missed | null {
    return this.#decoder.takeMissed();
  }

  /** From here on all bytes are opaque. */
  losesBounds(): void {
    void this.#tell(this.#decoder.giveUp(), arrivalNow());
  }

  /** Takes bytes. True when they completed something, false when not, a promise while something is being inflated. */
  push(chunk: Buffer): boolean | Promise<void> {
    let messages = this.#decoder.push(chunk);
    if (this.#isContextLost) messages = messages.filter((message) => this.#isReadable(message));
    if (messages.length === 0 && this.#busy === null) return false;
    return this.#tell(messages, arrivalNow());
  }

  /** The direction is over: what was begun is told as it is. */
  end(): void {
    const inflater = this.#inflater;
    void this.#tell(this.#decoder.end(), arrivalNow());
    inflater?.close();
  }

  /** What cannot be inflated any more may hold a secret that nobody can find: it is missed. */
  #isReadable({ compressed, wireBytes }: WireMessage): boolean {
    if (compressed) this.#decoder.miss(1, wireBytes);
    return !compressed;
  }

  #tell(messages: WireMessage[], arrival: Arrival): boolean | Promise<void> {
    if (this.#busy !== null || (this.#inflater && messages.some(isInflatable))) {
      return this.#queue(messages, arrival);
    }
    for (const message of messages) this.#heard(this.#sender, uninflated(message), arrival);
    return messages.length > 0;
  }

  #queue(messages: WireMessage[], arrival: Arrival): Promise<void> {
    const busy = this.#inflateAll(messages, arrival, this.#busy).then(() => {
      if (this.#busy !== busy) return;
      this.#busy = null;
      this.#isLate = false;
    });
    this.#busy = busy;
    return busy;
  }

  async #inflateAll(messages: WireMessage[], arrival: Arrival, before: Promise<void> | null): Promise<void> {
    if (before !== null) await before;
    for (const message of messages) {
      const result = isInflatable(message) ? await this.#inflater?.inflate(message.payload) : null;
      const told = result ? inflated(message, result) : uninflated(message);
      const late = this.#isLate ? FrameFlag.late : 0;
      this.#heard(this.#sender, { ...told, flags: told.flags | late }, arrival);
    }
  }
}

const NOT_WHOLE = FrameFlag.unfinished | FrameFlag.oversize;

function isInflatable(message: WireMessage): boolean {
  return message.compressed && (message.flags & NOT_WHOLE) === 0;
}

function inflated(message: WireMessage, { payload, sha256 }: Inflated): WireMessage {
  const oversize = sha256 === null ? 0 : FrameFlag.oversize;
  return { ...message, payload, sha256, flags: message.flags | FrameFlag.deflated | oversize };
}

function uninflated(message: WireMessage): WireMessage {
  if (!message.compressed) return message;
  return { ...message, flags: message.flags | FrameFlag.deflated | FrameFlag.notInflated };
}

function arrivalNow(): Arrival {
  return { atUs: wallNowUs(), monoUs: monoNowUs() };
}
