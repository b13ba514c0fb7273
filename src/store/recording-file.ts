import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { ChargetapeError } from '../errors.ts';
import type { Recording } from '../session/recording.ts';
import { migrate } from './migrations.ts';
import { refuseNetworkFileSystem } from './network-file-system.ts';
import { cellsOf, insertSql, recordingShape } from './rows.ts';
import { INDEXES } from './schema.ts';

/** Of a new file. Each commit writes its last page anew: smaller ones save more while commits are small than larger ones do when they are not. */
const PAGE_BYTES = 4096;

/** A draft is there for a moment; one so old was left by a process that was killed, ms. */
const OLD_DRAFT_MS = 60_000;

/** What a file system without hard links says. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

/**
 * Makes the file of a new recording, readable by its owner only, with its head on record, and what `fill` puts in. It is made under another
 * name and appears whole, on the disk, or not at all. Never touches a file that is there: OUT_EXISTS, also for what a killed recorder left.
 * CANNOT_WRITE, NETWORK_FILE_SYSTEM.
 */
export function createFile(
  path: string,
  recording: Recording,
  fill: (db: Database) => void = () => {},
): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    refuseNetworkFileSystem(dirname(path));
    for (const left of [path, `${path}-wal`, `${path}-journal`]) {
      if (existsSync(left)) throw new ChargetapeError('OUT_EXISTS', `${left} exists.`);
    }
    removeOldDrafts(path);
    removeFile(draft);
    draw(draft, recording, fill);
    giveName(draft, path);
  } catch (error) {
    removeFile(draft);
    throw writeError(path, error);
  }
}

/** Removes what killed processes left of their attempts to make this file; what somebody else owns stays, and is in nobody's way. */
function removeOldDrafts(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.`) || !/\.\d+\.new$/.test(name)) continue;
    const draft = join(folder, name);
    try {
      if (Date.now() - statSync(draft).mtimeMs > OLD_DRAFT_MS) removeFile(draft);
    } catch {
      // Its name is another than ours: the recording can be made beside it.
    }
  }
}

function draw(draft: string, recording: Recording, fill: (db: Database) => void): void {
  closeSync(openSync(draft, 'wx', 0o600));
  const db = openForWriting(draft);
  try {
    migrate(db);
    db.prepare(insertSql(recordingShape)).run(cellsOf(recordingShape, recording));
    fill(db);
  } finally {
    db.close();
  }
}

/** Gives a file its name, unless something has that name by now; where there are no hard links, by looking first. */
function giveName(draft: string, path: string): void {
  try {
    linkSync(draft, path);
    rmSync(draft);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    if (existsSync(path)) throw new ChargetapeError('OUT_EXISTS', `${path} exists.`);
    renameSync(draft, path);
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Opens the one write connection of a recording. Nothing waits for locks: whoever writes retries. */
export function openForWriting(path: string): Database {
  const db = new Sqlite(path, { fileMustExist: true, timeout: 0 });
  db.pragma(`page_size = ${PAGE_BYTES}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  return db;
}

/**
 * Ends a recording, or a part that is continued in another, cleanly: its end on record, the readers' indexes built, one plain file. While a reader holds the file
 * its WAL stays, which is no error. Throws what SQLite throws when the file cannot be written.
 *
 * The last step changes a few bytes of the first page, which is one write. Its journal is in memory: killed beside one on the disk, it would leave a
 * file that only a writer can open.
 */
export function finish(db: Database, endedAtUs: number, isContinued = false): void {
  db.prepare('UPDATE recording SET ended_at_us = ?, continued = ?').run(endedAtUs, isContinued ? 1 : 0);
  db.exec(INDEXES);
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.pragma('journal_mode = MEMORY');
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
}

/** Removes a recording that could not be completed, so that nothing half-made is left on disk. */
export function removeFile(path: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(path + end, { force: true });
}

/** Whether another connection's lock was in the way. */
export function isBusy(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

/** What a failure to make or fill the file means to the user. */
export function writeError(path: string, error: unknown): unknown {
  if (error instanceof ChargetapeError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  if (code === 'EEXIST') return new ChargetapeError('OUT_EXISTS', `${path} exists.`, options);
  if (code === 'ENOENT' && !existsSync(dirname(path))) {
    return new ChargetapeError('CANNOT_WRITE', `There is no folder ${dirname(path)}.`, options);
  }
  return new ChargetapeError('CANNOT_WRITE', `${path} cannot be written: ${message}`, options);
}
