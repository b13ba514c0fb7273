import type { Database, Statement } from 'better-sqlite3';

const PREPARED = new WeakMap<Database, Map<string, Statement<number[]>>>();

/** The statement of a text, prepared once a database: a fleet asks the same of each of its sessions. */
export function prepared(db: Database, sql: string): Statement<number[]> {
  const known = PREPARED.get(db) ?? new Map<string, Statement<number[]>>();
  PREPARED.set(db, known);
  const statement = known.get(sql) ?? db.prepare<number[]>(sql);
  known.set(sql, statement);
  return statement;
}

/** Puts what is read from a database until this event-loop turn is over into one transaction: see `inOneGo`. */
export function inThisTurn(db: Database): void {
  if (db.inTransaction) return;
  db.exec('BEGIN');
  setImmediate(() => {
    if (db.open && db.inTransaction) db.exec('COMMIT');
  });
}

/**
 * Reads from several databases, each in one transaction: alone, every statement would lock and look at its file again. `begin` is to
 * be called with a database before it is read.
 */
export function inOneGo<T>(read: (begin: (db: Database) => void) => T): T {
  const begun = new Set<Database>();
  try {
    return read((db) => {
      if (db.inTransaction) return;
      db.exec('BEGIN');
      begun.add(db);
    });
  } finally {
    for (const db of begun) db.exec('COMMIT');
  }
}
