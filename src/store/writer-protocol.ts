import type { Gap, Recording } from '../session/recording.ts';
import type { Batch } from './batch.ts';
import type { NextPart, PartLimits } from './parts.ts';

/** What the main thread tells the writer thread. */
export type ToWriter = { batch: Batch } | { close: { endedAtUs: number; timeoutMs: number } };

/** What the writer thread tells the main thread. */
export type FromWriter =
  /** The thread runs. */
  | { ready: true }
  /**
   * Everything up to this batch is committed, which took so long; so many of its rows are marked late; these were refused by
   * the database; and the WAL has this size (null when it was not looked at).
   */
  | { acked: number; late: number; refused: Gap[]; tookMs: number; walBytes: number | null }
  /** The file cannot be written at present; what is queued is kept and tried again. */
  | { trouble: { code: string; message: string } }
  /** The file was deleted, moved or replaced; another part is begun as soon as it can be. */
  | { gone: true }
  /** Another part was begun. */
  | { next: NextPart }
  /** Another part is due and cannot be made; it is tried again. */
  | { stuck: { message: string } }
  /** All is committed; what is left is to index the file, which may take minutes. */
  | { finishing: true }
  /** `whole`: all was committed and the end is on record; else the file and its WAL are left as they are. */
  | { closed: { whole: boolean } };

/** What the writer thread is started with. */
export interface WriterData {
  path: string;
  recording: Recording;
  limits: PartLimits;
  progress: SharedArrayBuffer;
}

/** Two batch numbers that both threads see at once, without a message in between. */
export class Progress {
  readonly buffer: SharedArrayBuffer;
  readonly #numbers: BigInt64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.#numbers = new BigInt64Array(buffer);
  }

  /** Highest batch whose rows are committed; set by the writer thread. */
  get acked(): number {
    return Number(Atomics.load(this.#numbers, 0));
  }
  set acked(batch: number) {
    Atomics.store(this.#numbers, 0, BigInt(batch));
  }

  /** Highest batch that went on the wire without waiting for its commit; set by the main thread. */
  get released(): number {
    return Number(Atomics.load(this.#numbers, 1));
  }
  set released(batch: number) {
    Atomics.store(this.#numbers, 1, BigInt(batch));
  }
}
