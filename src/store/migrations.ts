import type { Database } from 'better-sqlite3';
import { ChargetapeError } from '../errors.ts';
import { APPLICATION_ID, SCHEMA_1, SCHEMA_2 } from './schema.ts';
import { VIEWS_1 } from './views.ts';

/** SQL that turns a file of one version into the next: the first makes version 1 of an empty database. */
export const MIGRATIONS: readonly string[] = [SCHEMA_1 + VIEWS_1, SCHEMA_2];

/** The version this Chargetape writes (`PRAGMA user_version`). */
export const FORMAT = MIGRATIONS.length;

/** Brings a database to the newest version, one step and one transaction each; a failing step leaves the version before it. */
export function migrate(db: Database, steps: readonly string[] = MIGRATIONS): void {
  for (let version = formatOf(db); version < steps.length; version++) {
    db.transaction(() => {
      db.exec(steps[version]!);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${version + 1}`);
    })();
  }
}

/** The version of an open file. */
export function formatOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Refuses what is no recording (NOT_A_RECORDING), and one that a newer Chargetape wrote (NEWER_FORMAT). */
export function checkFormat(db: Database, path: string, newest: number = FORMAT): void {
  const isOurs = db.pragma('application_id', { simple: true }) === APPLICATION_ID;
  const version = formatOf(db);
  if (!isOurs || version === 0) {
    throw new ChargetapeError('NOT_A_RECORDING', `${path} is a database, but not a recording.`);
  }
  if (version > newest) {
    throw new ChargetapeError(
      'NEWER_FORMAT',
      `${path} has format ${version}; this Chargetape reads up to ${newest}.`,
    );
  }
}
