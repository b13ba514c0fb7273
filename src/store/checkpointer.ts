import { open } from 'node:fs/promises';
import type { Database, Statement } from 'better-sqlite3';

/** Size of the log at which it is taken into the file, bytes. A reader who is in the way lets it grow further. */
const DUE_BYTES = 32 << 20;

/** How much further it may grow before the next attempt, or while its bytes are on their way to the disk. */
const FURTHER_BYTES = 4 << 20;

/** Commits between two looks at the log. */
const LOOK_EVERY = 32;

/**
 * Takes the log of an open recording (its WAL) into the file. SQLite would do so inside a commit, for which frames wait,
 * several times a second: it waits for the disk three times, whatever the size. Here it is seldom, between two commits, and what
 * the log holds has been sent to the disk before, while commits went on.
 */
export class Checkpointer {
  readonly #walPath: string;
  readonly #checkpoint: Statement<[], { log: number; checkpointed: number }>;
  readonly #count: Statement<[], { log: number }>;
  readonly #db: Database;
  readonly #pageBytes: number;
  #due: number;
  #commits = 0;
  #isFlushing = false;

  /** Of an open file, where SQLite no longer does it by itself. */
  constructor(path: string, db: Database) {
    db.pragma('wal_autocheckpoint = 0');
    this.#walPath = `${path}-wal`;
    this.#db = db;
    this.#pageBytes = db.pragma('page_size', { simple: true }) as number;
    this.#due = this.#pages(DUE_BYTES);
    this.#checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#count = db.prepare('PRAGMA wal_checkpoint(NOOP)');
  }

  /** Looks, after a commit, whether it is time. */
  look(): void {
    if (++this.#commits < LOOK_EVERY) return;
    this.#commits = 0;
    const log = this.#count.get()?.log ?? 0;
    if (log < this.#due) return;
    if (!this.#isFlushing) void this.#flush();
    else if (log >= this.#due + this.#pages(FURTHER_BYTES)) this.#take();
  }

  /** Sends the log to the disk without holding up commits, then takes it in. */
  async #flush(): Promise<void> {
    this.#isFlushing = true;
    try {
      const wal = await open(this.#walPath, 'r');
      await wal.datasync().finally(() => wal.close());
    } catch {
      // Whoever takes it in does this once more, and knows what to make of a fault.
    }
    this.#isFlushing = false;
    if (this.#db.open) this.#take();
  }

  /** What cannot be taken in stays where it is, safely: it is tried again once there is more. */
  #take(): void {
    let left = 0;
    try {
      const { log, checkpointed } = this.#checkpoint.get() ?? { log: 0, checkpointed: 0 };
      if (checkpointed < log) left = log;
    } catch {
      left = this.#due;
    }
    this.#due = left === 0 ? this.#pages(DUE_BYTES) : left + this.#pages(FURTHER_BYTES);
  }

  #pages(bytes: number): number {
    return Math.ceil(bytes / this.#pageBytes);
  }
}
