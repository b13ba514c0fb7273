import type { Database } from 'better-sqlite3';
import type { Filter } from '../filter/filter.ts';
import { matches } from '../filter/match.ts';
import { chargerTexts, MessageSubject } from '../filter/message-subject.ts';
import type { Fleet } from '../view/fleet.ts';
import type { Progress } from '../view/viewer.ts';
import { type Condition, conditionOf, type FilterGround } from './filter-sql.ts';
import { connectionShape, frameShape, fromRow, selectSql } from './rows.ts';

/** Frames looked at before others get a turn: more where SQLite decides alone. */
const FAST_STEP = 40_000;
const SLOW_STEP = 4_000;
/** More connections than this are not listed in a condition. */
const MAX_LISTED = 500;

/** Counts the messages of each charger that a filter lets through in recording order. */
export class FilterScan {
  readonly counts = new Map<number, number>();
  readonly #db: Database;
  readonly #filter: Filter;
  readonly #fleet: Fleet;
  readonly #ground: FilterGround;
  readonly #condition: Condition;
  readonly #isByName: boolean;
  #done = 0;
  #of = 0;
  #lastConnection = 0;

  constructor(db: Database, filter: Filter, fleet: Fleet, startUs: number) {
    this.#db = db;
    this.#filter = filter;
    this.#fleet = fleet;
    this.#ground = groundOf(db, fleet, startUs);
    this.#condition = conditionOf(filter, this.#ground);
    this.#isByName = asksNamesOnly(filter);
  }

  /** How far it is; null when it has seen all. */
  get progress(): Progress | null {
    return this.#isByName || this.#done >= this.#of ? null : { done: this.#done, of: this.#of };
  }

  /** How many messages of this charger pass; null when none does. A filter that asks names alone counts none. */
  count(session: number, charger: string, frames: number): number | null {
    if (this.#isByName) return this.#passesByName(charger) ? frames : null;
    return this.counts.get(session) ?? null;
  }

  /** Looks at the next messages up to this frame; false when there are none. */
  step(newest: number): boolean {
    if (this.#isByName) return false;
    this.#of = newest;
    if (this.#connections()) return true;
    if (this.#done >= newest) return false;
    const to = Math.min(newest, this.#done + (this.#condition.isExact ? FAST_STEP : SLOW_STEP));
    const where = `id > ${this.#done} AND id <= ${to} AND ${this.#condition.sql}`;
    if (this.#condition.isExact) this.#countInSql(where);
    else this.#countByHand(where);
    this.#done = to;
    return true;
  }

  #countInSql(where: string): void {
    const sql = `SELECT connection, count(*) FROM frame WHERE ${where} GROUP BY connection`;
    for (const [connection, count] of this.#db.prepare(sql).raw().all() as [number, number][]) {
      this.#add(this.#fleet.sessionOf(connection), count);
    }
  }

  #countByHand(where: string): void {
    for (const row of this.#db.prepare(`${selectSql(frameShape)} WHERE ${where} ORDER BY id`).all()) {
      const frame = fromRow(frameShape, row);
      const session = this.#fleet.sessionOf(frame.connection);
      const charger = session === null ? undefined : this.#fleet.chargers.get(session);
      if (!charger) continue;
      const subject = new MessageSubject({ kind: 'frame', id: frame.id, frame, link: null }, charger.name);
      if (matches(this.#filter, subject, this.#ground)) this.#add(session, 1);
    }
  }

  /** Openings and ends of connections: few, and in a table of their own. */
  #connections(): boolean {
    const sql = `${selectSql(connectionShape)} WHERE id > ? ORDER BY id LIMIT 1000`;
    const rows = this.#db.prepare(sql).all(this.#lastConnection);
    for (const row of rows) {
      const connection = fromRow(connectionShape, row);
      this.#lastConnection = connection.id;
      const charger = connection.session === null ? undefined : this.#fleet.chargers.get(connection.session);
      if (!charger) continue;
      for (const kind of ['opened', 'closed'] as const) {
        if (kind === 'closed' && connection.closedId === null) continue;
        const subject = new MessageSubject({ kind, id: connection.openedId, connection }, charger.name);
        if (matches(this.#filter, subject, this.#ground)) this.#add(charger.session, 1);
      }
    }
    return rows.length > 0;
  }

  #add(session: number | null, count: number): void {
    if (session !== null) this.counts.set(session, (this.counts.get(session) ?? 0) + count);
  }

  #passesByName(charger: string): boolean {
    const subject = {
      texts: () => chargerTexts(charger),
      number: () => null,
      has: () => false,
    };
    return matches(this.#filter, subject, this.#ground);
  }
}

/** What conditions need to know of this recording. */
export function groundOf(db: Database, fleet: Fleet, startUs: number): FilterGround {
  return {
    startUs,
    connectionsOf(passes) {
      const ids: number[] = [];
      const rows = db.prepare('SELECT id, session FROM connection WHERE session IS NOT NULL').raw().all();
      const names = new Map<number, boolean>();
      for (const [id, session] of rows as [number, number][]) {
        let isMeant = names.get(session);
        if (isMeant === undefined) {
          const charger = fleet.chargers.get(session);
          isMeant = charger !== undefined && passes(charger.name);
          names.set(session, isMeant);
        }
        if (isMeant) ids.push(id);
        if (ids.length > MAX_LISTED) return null;
      }
      return ids;
    },
  };
}

/** Whether a filter asks for chargers' names and for nothing else. */
function asksNamesOnly(filter: Filter): boolean {
  if (filter.type === 'and' || filter.type === 'or')
    return asksNamesOnly(filter.left) && asksNamesOnly(filter.right);
  if (filter.type === 'not') return asksNamesOnly(filter.operand);
  return filter.type === 'all' || (filter.type === 'term' && filter.field === 'charger');
}
