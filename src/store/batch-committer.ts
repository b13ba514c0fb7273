import type { Database } from 'better-sqlite3';
import { FrameFlag } from '../session/frame.ts';
import type { Gap } from '../session/recording.ts';
import type { Batch } from './batch.ts';
import { Checkpointer } from './checkpointer.ts';
import { EntryWriter } from './entry-writer.ts';
import { GapTally } from './gap-tally.ts';
import { finish, openForWriting } from './recording-file.ts';
import { writeOrRefuse } from './row-fault.ts';
import type { Progress } from './writer-protocol.ts';

/** A transaction takes batches up to this many frames, so that the first of a long queue need not wait for the last. */
const FRAMES_A_TRANSACTION = 4096;

/** What a commit achieved: batches taken off the queue, and what to tell the main thread. */
export interface Commit {
  taken: number;
  acked: number;
  late: number;
  refused: Gap[];
  tookMs: number;
}

/** Puts batches into the file. Opens it when first needed, since opening meets locks too. */
export class BatchCommitter {
  readonly #path: string;
  readonly #progress: Progress;
  #db: Database | null = null;
  #writer: EntryWriter | null = null;
  #checkpointer: Checkpointer | null = null;
  #frames = 0;

  constructor(path: string, progress: Progress) {
    this.#path = path;
    this.#progress = progress;
  }

  /**
   * Commits the first batches of a queue in one transaction. Throws when the file cannot be written; then nothing of
   * them is in it. Rows that the hold released meanwhile are marked late, which the transaction is done again for.
   */
  commit(queue: readonly Batch[]): Commit {
    const startMs = performance.now();
    const { db, writer } = this.#open();
    const batches = portion(queue);
    for (;;) {
      const released = this.#progress.released;
      try {
        db.exec('BEGIN IMMEDIATE');
        const written = writeAll(writer, batches, released);
        if (isOutdated(batches, released, this.#progress.released)) {
          db.exec('ROLLBACK');
          continue;
        }
        db.exec('COMMIT');
        const acked = batches.at(-1)!.number;
        this.#progress.acked = acked;
        this.#frames += framesOf(batches) - written.refused.reduce((sum, gap) => sum + gap.frames, 0);
        return { taken: batches.length, acked, tookMs: performance.now() - startMs, ...written };
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      }
    }
  }

  /** Takes the log into the file when it is time; between two commits. */
  tidy(): void {
    this.#checkpointer?.look();
  }

  /** Frames in the file. */
  get frames(): number {
    return this.#frames;
  }

  /** The open file. */
  get database(): Database {
    return this.#open().db;
  }

  /** Begins the WAL anew; false while a reader holds on to what is in it. */
  resetWal(): boolean {
    const [result] = this.#open().db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    return result?.busy === 0;
  }

  /** Lets go of a file that is not where it was: it is left whole, and no WAL for whatever is there now to meet. */
  letGo(endedAtUs: number): void {
    try {
      this.#db?.prepare('UPDATE recording SET ended_at_us = ?, continued = 1').run(endedAtUs);
      this.#db?.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // A damaged file cannot be told.
    }
    this.abandon();
  }

  /** Ends the recording cleanly and closes the file; throws when it is locked or cannot be written. */
  finish(endedAtUs: number): void {
    finish(this.#open().db, endedAtUs);
    this.abandon();
  }

  /** Closes the file as it is. */
  abandon(): void {
    this.#db?.close();
    this.#db = null;
    this.#writer = null;
    this.#checkpointer = null;
  }

  #open(): { db: Database; writer: EntryWriter } {
    if (this.#db === null) {
      this.#db = openForWriting(this.#path);
      this.#frames = this.#db.prepare<[], number>('SELECT count(*) FROM frame').pluck().get() ?? 0;
    }
    this.#writer ??= new EntryWriter(this.#db);
    this.#checkpointer ??= new Checkpointer(this.#path, this.#db);
    return { db: this.#db, writer: this.#writer };
  }
}

function framesOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + batch.frames, 0);
}

function portion(queue: readonly Batch[]): Batch[] {
  let frames = 0;
  const end = queue.findIndex((batch) => {
    frames += batch.frames;
    return frames >= FRAMES_A_TRANSACTION;
  });
  return queue.slice(0, end === -1 ? queue.length : end + 1);
}

/** Whether a batch was released after its rows were written without the mark. */
function isOutdated(batches: readonly Batch[], before: number, now: number): boolean {
  return batches.some((batch) => batch.frames > 0 && batch.number > before && batch.number <= now);
}

function writeAll(
  writer: EntryWriter,
  batches: readonly Batch[],
  released: number,
): { late: number; refused: Gap[] } {
  const gaps = new GapTally();
  let late = 0;
  for (const batch of batches) {
    const isLate = batch.number <= released;
    if (isLate) late += batch.frames;
    for (const entry of batch.others) {
      writeOrRefuse(
        () => writer.entry(entry),
        (reason) => gaps.add(null, Date.now() * 1000, 0, 0, `${entry.kind}: ${reason}`),
      );
    }
    writer.links(batch, (reason) => gaps.add(null, Date.now() * 1000, 0, 0, `link: ${reason}`));
    writer.frames(batch, isLate ? FrameFlag.late : 0, (cells, reason) => {
      gaps.add(null, cells[2] as number, 1, (cells[13] as Uint8Array).length, reason);
    });
  }
  const refused = gaps.take();
  for (const gap of refused) writer.entry({ kind: 'gap', gap });
  return { late, refused };
}
