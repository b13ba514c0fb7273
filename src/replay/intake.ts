import type net from 'node:net';
import type { Recorder } from '../session/recording.ts';

/** Bytes that came and may not be on record yet, at which reading stops until they are. */
const MAX_UNRECORDED = 1024 * 1024;

/** What a frame costs beside its payload until it is on record, bytes. */
const FRAME_COST = 512;

/** Unsent bytes at which reading stops until they are gone. */
const MAX_UNSENT = 1024 * 1024;

/** Reads from a socket no faster than what comes is put on record, inflated and answered, so that a flood cannot fill the memory. */
export class Intake {
  readonly #socket: net.Socket;
  readonly #recorder: Recorder;
  /** Reasons not to read on. */
  #holds = 0;
  #unrecorded = 0;

  constructor(socket: net.Socket, recorder: Recorder) {
    this.#socket = socket;
    this.#recorder = recorder;
  }

  /** A frame of so many bytes, of either side, was given to the recorder. */
  recorded(bytes: number): void {
    this.#unrecorded += FRAME_COST + bytes;
    if (this.#unrecorded < MAX_UNRECORDED) return;
    this.#unrecorded = 0;
    this.#hold();
    this.#recorder.whenOnRecord(() => this.#release());
  }

  /** Something was written to the socket. */
  wrote(): void {
    if (this.#socket.writableLength <= MAX_UNSENT || this.#socket.listenerCount('drain') > 0) return;
    this.#hold();
    this.#socket.once('drain', () => this.#release());
  }

  /** What came is still being worked on. */
  until(done: Promise<void>): void {
    this.#hold();
    void done.then(() => this.#release());
  }

  #hold(): void {
    this.#holds++;
    this.#socket.pause();
  }

  #release(): void {
    if (--this.#holds === 0) this.#socket.resume();
  }
}
