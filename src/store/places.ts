import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { packIds, unpackIds } from './id-list.ts';
import { READER_INDEX } from './schema.ts';

/** Rows read before the event loop gets a turn. */
export const PAGE = 1000;

/** Where the frames of a connection and the connections of a session are. */
export interface Places {
  /** Takes notice of what was written since; the answers below hold what was there then. */
  refresh(): Promise<void>;
  /** Ids of a connection's frames after `id`, ascending, a page at most (empty: no more). */
  framesOf(connection: number, after: number): number[];
  /** Ids of a session's connections, ascending. */
  connectionsOf(session: number): number[];
}

/** The places of a recording: by its own indexes, or, where a killed or running recorder has none, by ours. */
export function placesOf(db: Database): Places {
  const index = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(READER_INDEX);
  return index ? new IndexedPlaces(db) : new ScannedPlaces(db);
}

class IndexedPlaces implements Places {
  readonly #frames;
  readonly #connections;

  constructor(db: Database) {
    this.#frames = db
      .prepare<[number, number, number], number>(
        'SELECT id FROM frame WHERE connection = ? AND id > ? ORDER BY id LIMIT ?',
      )
      .pluck();
    this.#connections = db
      .prepare<[number], number>('SELECT id FROM connection WHERE session = ? ORDER BY id')
      .pluck();
  }

  async refresh(): Promise<void> {}

  framesOf(connection: number, after: number): number[] {
    return this.#frames.all(connection, after, PAGE);
  }

  connectionsOf(session: number): number[] {
    return this.#connections.all(session);
  }
}

/** Ids of one connection that fill one row of the temporary index. */
const RUN = 64;

/** A frame may be committed after one with a higher id; the newest this many are looked at again at each refresh. */
const UNSETTLED = 4096;

/** Reads the recording once, from front to end, and keeps packed lists of frame ids in the connection's TEMP database. */
class ScannedPlaces implements Places {
  readonly #db: Database;
  readonly #insert;
  readonly #runs;
  readonly #open = new Map<number, number[]>();
  #newest = new Map<number, number[]>();
  #sessions = new Map<number, number[]>();
  #scanned = 0;
  #version = -1;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(db: Database) {
    this.#db = db;
    db.exec(`CREATE TEMP TABLE IF NOT EXISTS place (
      connection INTEGER, first INTEGER, last INTEGER, ids BLOB, PRIMARY KEY (connection, first)) WITHOUT ROWID`);
    this.#insert = db.prepare('INSERT INTO temp.place VALUES (?, ?, ?, ?)');
    this.#runs = db
      .prepare<[number, number], Uint8Array>(
        'SELECT ids FROM temp.place WHERE connection = ? AND last > ? ORDER BY first LIMIT 16',
      )
      .pluck();
  }

  refresh(): Promise<void> {
    this.#refreshing = this.#refreshing.then(() => this.#scan());
    return this.#refreshing;
  }

  framesOf(connection: number, after: number): number[] {
    const runs = this.#runs.all(connection, after).flatMap(unpackIds);
    const stored = runs.filter((id) => id > after);
    if (stored.length > 0) return stored;
    const later = [...(this.#open.get(connection) ?? []), ...(this.#newest.get(connection) ?? [])];
    return later.filter((id) => id > after).slice(0, PAGE);
  }

  connectionsOf(session: number): number[] {
    return this.#sessions.get(session) ?? [];
  }

  async #scan(): Promise<void> {
    const version = Number(this.#db.pragma('data_version', { simple: true }));
    if (version === this.#version) return;
    this.#version = version;
    this.#sessions = group(
      this.#db
        .prepare('SELECT session, id FROM connection WHERE session IS NOT NULL ORDER BY id')
        .raw()
        .all() as [number, number][],
    );
    const settled = Number(this.#db.prepare('SELECT max(id) FROM frame').pluck().get() ?? 0) - UNSETTLED;
    while (this.#scanned < settled) {
      const rows = this.#rows(settled);
      if (rows.length === 0) break;
      for (const [connection, id] of rows) this.#add(connection, id);
      this.#scanned = rows.at(-1)![1];
      await nextTurn();
    }
    this.#newest = group(this.#rows(Number.MAX_SAFE_INTEGER, -1));
  }

  #rows(upTo: number, limit = PAGE): [number, number][] {
    const sql = 'SELECT connection, id FROM frame WHERE id > ? AND id <= ? ORDER BY id LIMIT ?';
    return this.#db.prepare(sql).raw().all(this.#scanned, upTo, limit) as [number, number][];
  }

  #add(connection: number, id: number): void {
    const run = this.#open.get(connection) ?? [];
    run.push(id);
    this.#open.set(connection, run);
    if (run.length < RUN) return;
    this.#insert.run(connection, run[0], id, packIds(run));
    this.#open.delete(connection);
  }
}

function group(rows: readonly [number, number][]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [key, value] of rows) {
    const known = groups.get(key);
    if (known) known.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
