import { basename } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import type { Gap, Recording } from '../session/recording.ts';
import type { Batch } from './batch.ts';
import { BatchCommitter, type Commit } from './batch-committer.ts';
import { EntryWriter } from './entry-writer.ts';
import { type FileLook, FileWatch } from './file-watch.ts';
import { firstPartPath, type NextPart, type PartLimits, partPath } from './parts.ts';
import { createFile } from './recording-file.ts';
import { connectionShape, insertSql, type Shape, selectSql, sessionShape } from './rows.ts';
import type { Progress } from './writer-protocol.ts';

const DAY_US = 86_400_000_000;

/** What a look at the part tells. */
export interface PartLook {
  walBytes: number;
  /** True once, when its file was deleted, moved or replaced. */
  isGone: boolean;
  /** From then on; or when it can no longer be read as a database. */
  isLost: boolean;
  /** Whether it has had enough. */
  isFull: boolean;
}

/**
 * Writes the parts of a recording, one at a time: batches into the current one, and another when it is full, its day is
 * over, or its file is lost.
 */
export class PartWriter {
  readonly #progress: Progress;
  readonly #limits: PartLimits;
  #path: string;
  #recording: Recording;
  #committer: BatchCommitter;
  #watch: FileWatch;
  #isLost = false;

  constructor(path: string, recording: Recording, progress: Progress, limits: PartLimits) {
    this.#path = path;
    this.#recording = recording;
    this.#progress = progress;
    this.#limits = limits;
    this.#committer = new BatchCommitter(path, progress);
    this.#watch = new FileWatch(path);
  }

  /** See `BatchCommitter.commit`. A file that can no longer be read as a database counts as lost. */
  commit(queue: readonly Batch[]): Commit {
    try {
      return this.#committer.commit(queue);
    } catch (error) {
      if (isRuined(error)) this.#isLost = true;
      throw error;
    }
  }

  /** See `BatchCommitter.tidy`. */
  tidy(): void {
    this.#committer.tidy();
  }

  /** See `BatchCommitter.finish`. */
  finish(endedAtUs: number): void {
    this.#committer.finish(endedAtUs);
  }

  /** Closes the part as it is. */
  abandon(): void {
    this.#committer.abandon();
  }

  /** Looks at the file, now and then; null when the last look was a moment ago and nobody insists. */
  look(isUrgent = false): PartLook | null {
    const look = this.#watch.look(isUrgent);
    if (look === null) return null;
    this.#isLost ||= look.isGone;
    const { isGone, walBytes } = look;
    return { isGone, walBytes, isLost: this.#isLost, isFull: this.#hasHadEnough(look) };
  }

  /** Begins another part, with the sessions and the open connections of this one. Throws when it cannot be made. */
  next(): NextPart {
    const before = this.#recording;
    const nowUs = Date.now() * 1000;
    const lost = this.#isLost ? this.#lost(nowUs) : null;
    const part = before.part + 1;
    const path = partPath(firstPartPath(this.#path, before.part), part);
    const startedMonoUs = before.startedMonoUs + nowUs - before.startedAtUs;
    const framesBefore = before.framesBefore + (lost ? 0 : this.#committer.frames);
    const recording = { ...before, part, startedAtUs: nowUs, startedMonoUs, framesBefore };
    createFile(path, recording, (db) => this.#carryOver(db, lost));
    const closed = lost ? null : { path: this.#path, endedAtUs: nowUs };
    if (lost) this.#committer.letGo(nowUs);
    else this.#committer.abandon();
    this.#path = path;
    this.#recording = recording;
    this.#committer = new BatchCommitter(path, this.#progress);
    this.#watch = new FileWatch(path);
    this.#isLost = false;
    return { path, recording, closed, lost };
  }

  #hasHadEnough({ bytes, walBytes }: FileLook): boolean {
    const { maxBytes, maxWalBytes, daily } = this.#limits;
    if (bytes + walBytes >= (maxBytes ?? Number.POSITIVE_INFINITY)) return true;
    if (walBytes >= (maxWalBytes ?? Number.POSITIVE_INFINITY) && !this.#canResetWal()) return true;
    return daily && dayOf(Date.now() * 1000) !== dayOf(this.#recording.startedAtUs);
  }

  #canResetWal(): boolean {
    try {
      return this.#committer.resetWal();
    } catch {
      return false;
    }
  }

  #lost(nowUs: number): Gap {
    const { part, startedAtUs } = this.#recording;
    const reason = `Part ${part} (${basename(this.#path)}) was deleted, moved, replaced or damaged while it was written.`;
    return {
      fromUs: startedAtUs,
      toUs: nowUs,
      connection: null,
      frames: this.#committer.frames,
      bytes: 0,
      reason,
    };
  }

  /** What later rows refer to stands in each part, so that one can be read when others are missing. */
  #carryOver(db: Database, lost: Gap | null): void {
    db.transaction(() => {
      if (lost) new EntryWriter(db).entry({ kind: 'gap', gap: lost });
      attempt(lost !== null, () => {
        copyRows(this.#committer.database, db, sessionShape, 'TRUE');
        copyRows(this.#committer.database, db, connectionShape, 'closed_id IS NULL');
      });
    })();
  }
}

function copyRows<T>(from: Database, to: Database, shape: Shape<T>, condition: string): void {
  const insert = to.prepare(insertSql(shape));
  for (const cells of from
    .prepare(`${selectSql(shape)} WHERE ${condition}`)
    .raw()
    .iterate())
    insert.run(cells);
}

/** Runs a step that may fail when so said: a lost file may not be readable any more. */
function attempt(mayFail: boolean, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!mayFail) throw error;
  }
}

function isRuined(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

function dayOf(us: number): number {
  return Math.floor(us / DAY_US);
}
