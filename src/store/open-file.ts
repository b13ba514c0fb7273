import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { ChargetapeError } from '../errors.ts';
import { checkFormat, formatOf, MIGRATIONS, migrate } from './migrations.ts';

/** An open file, and how to let go of it. */
export interface OpenFile {
  db: Database;
  close(): void;
}

/** How long a read waits for a lock, ms: another process may be recovering the WAL or ending the recording. */
const LOCK_WAIT_MS = 2000;

/**
 * Opens a recording without ever changing it: a finished one, one that is being written, or what a killed recorder left.
 * One of an older format is read from a migrated copy in the temporary folder. NO_SUCH_FILE, NOT_A_RECORDING,
 * NEWER_FORMAT, UNREADABLE, CANNOT_WRITE.
 */
export function openFile(path: string, steps: readonly string[] = MIGRATIONS): OpenFile {
  refuseNoFile(path);
  return reading(path, () => {
    const db = openReadOnly(path);
    try {
      checkFormat(db, path, steps.length);
      if (formatOf(db) === steps.length) return { db, close: () => db.close() };
      const copy = migratedCopy(db, steps);
      db.close();
      return copy;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Runs a read; what SQLite throws becomes NOT_A_RECORDING or UNREADABLE. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw readError(path, error);
  }
}

/** Passes on what is read; what SQLite throws meanwhile becomes NOT_A_RECORDING or UNREADABLE. */
export async function* readingAll<T>(path: string, rows: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* rows;
  } catch (error) {
    throw readError(path, error);
  }
}

function readError(path: string, error: unknown): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  if (error.code === 'SQLITE_NOTADB') {
    return new ChargetapeError('NOT_A_RECORDING', `${path} is not a recording.`, { cause: error });
  }
  const sentence = `${path} cannot be read: ${error.message} (${error.code}).`;
  return new ChargetapeError('UNREADABLE', sentence, { cause: error });
}

function openReadOnly(path: string): Database {
  const db = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: LOCK_WAIT_MS });
  db.pragma('temp_store = FILE');
  return db;
}

function refuseNoFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new ChargetapeError('NO_SUCH_FILE', `There is no ${path}.`);
  if (!stat.isFile()) throw new ChargetapeError('NOT_A_RECORDING', `${path} is not a file.`);
  if (stat.size === 0) throw new ChargetapeError('NOT_A_RECORDING', `${path} is empty.`);
}

function folderForCopy(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'chargetape-old-'));
  } catch (cause) {
    const sentence = `A recording of an older format is read from a copy, and ${tmpdir()} takes none.`;
    throw new ChargetapeError('CANNOT_WRITE', sentence, { cause });
  }
}

function migratedCopy(db: Database, steps: readonly string[]): OpenFile {
  const folder = folderForCopy();
  const path = join(folder, 'recording.db');
  try {
    db.prepare('VACUUM INTO ?').run(path);
    const copy = new Sqlite(path);
    migrate(copy, steps);
    copy.close();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const copy = openReadOnly(path);
  return {
    db: copy,
    close() {
      copy.close();
      rmSync(dirname(path), { recursive: true, force: true });
    },
  };
}
