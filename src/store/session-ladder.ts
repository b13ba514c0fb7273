import type { Database } from 'better-sqlite3';
import type { Filter } from '../filter/filter.ts';
import { matches } from '../filter/match.ts';
import { MessageSubject } from '../filter/message-subject.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import type { Frame } from '../session/frame.ts';
import { gravityOf } from '../session/gravity.ts';
import type { Gap, Link, SessionEvent } from '../session/recording.ts';
import { Answered } from '../view/answered.ts';
import { Board } from '../view/board.ts';
import { detailOf, gapRung, type Rung, rungOf } from '../view/ladder-row.ts';
import type {
  ChargerStanding,
  LadderPart,
  LadderQuery,
  LadderRow,
  RowDetail,
  TroubleQuery,
} from '../view/viewer.ts';
import { Numbers } from './numbers.ts';
import type { Places } from './places.ts';
import { connectionShape, frameShape, fromRow, gapShape, linkShape, selectSql } from './rows.ts';
import { inOrder } from './session-events.ts';

/** Rows taken into the index before others get a turn. */
const STEP = 500;

const KINDS = ['frame', 'opened', 'closed', 'gap'] as const;
const GRAVITIES = [null, 'low', 'medium', 'high'] as const;

/** Where a row of the ladder is to be found. */
interface Place {
  kind: (typeof KINDS)[number];
  id: number;
}

/** The ladder of one session: an index of its rows, made step by step; the rows themselves are read when they are looked at. */
export class SessionLadder {
  readonly #db: Database;
  readonly #session: number;
  readonly #charger: string;
  readonly #places: Places;
  readonly #startUs: number;
  readonly #connections = new Map<number, { row: Connection; number: number; protocol: Protocol }>();
  readonly #closings = new Map<number, number>();
  readonly #answered = new Answered();
  readonly #board = new Board();
  readonly #standings: { from: number; standing: ChargerStanding }[] = [];
  /** `id * 4 + kind`, in order. */
  readonly #rows = new Numbers();
  readonly #gravities = new Numbers();
  #gaps: (Gap & { id: number })[] = [];
  #first: Iterator<Place> | null = null;
  #last = 0;
  #of = 0;
  #view: { filter: string; rows: Numbers; seen: number } | null = null;
  readonly #frame;
  readonly #link;

  constructor(db: Database, session: number, charger: string, places: Places, startUs: number) {
    this.#db = db;
    this.#session = session;
    this.#charger = charger;
    this.#places = places;
    this.#startUs = startUs;
    this.#frame = db.prepare<[number]>(`${selectSql(frameShape)} WHERE id = ?`);
    this.#link = db.prepare<[number]>(`${selectSql(linkShape)} WHERE frame = ?`);
  }

  /** Takes notice of what was written since. */
  async refresh(): Promise<void> {
    await this.#places.refresh();
    for (const row of this.#connectionRows()) {
      const known = this.#connections.get(row.id);
      const number = known?.number ?? this.#connections.size + 1;
      this.#connections.set(row.id, { row, number, protocol: protocolFor(row.subprotocol) });
      if (row.closedId !== null) this.#closings.set(row.closedId, row.id);
    }
    if (this.#first === null && this.#rows.length === 0) {
      const rows = [...this.#connections.values()]
        .map(({ row }) => row)
        .sort((a, b) => a.openedId - b.openedId);
      this.#gaps = this.#gapRows();
      this.#first = inOrder(rows, this.#places)[Symbol.iterator]();
      this.#of = this.#countFrames();
    }
  }

  /** Takes the next rows into the index and through the filter; false when there are none. */
  step(filter: Filter): boolean {
    const taken = this.#first ? this.#readOn(this.#first) : this.#readNew();
    const filtered = this.#filterOn(filter);
    return taken || filtered;
  }

  part({ filter, top, rows, selected }: LadderQuery, isGrowing: boolean): LadderPart {
    const { length, at } = this.#filtered(filter);
    const from = Math.max(0, Math.min(top, length - 1));
    const to = Math.min(length, from + rows);
    const shown: LadderRow[] = [];
    let before = from > 0 ? this.#rung(at(from - 1)).monoUs : null;
    for (let index = from; index < to; index++) {
      const { monoUs, ...rung } = this.#rung(at(index));
      const sinceUs = before === null || Number.isNaN(monoUs) ? null : monoUs - before;
      shown.push({ ...rung, index, sinceUs, connection: this.#numberOf(at(index)) });
      if (!Number.isNaN(monoUs)) before = monoUs;
    }
    const isReading = this.#first !== null || this.#isFiltering(filter);
    return {
      rows: shown,
      total: length,
      reading: isReading ? { done: this.#rows.length, of: Math.max(this.#of, this.#rows.length) } : null,
      standing: selected < length ? this.#standingAt(at(selected)) : null,
      isGrowing,
    };
  }

  /** Place of the row with this id, or of the last one before it. */
  place(filter: Filter, id: number): number | null {
    const { length, at } = this.#filtered(filter);
    let [low, high] = [0, length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#orderOf(at(middle)) <= id) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? (length > 0 ? 0 : null) : low - 1;
  }

  trouble({ filter, from, direction, ids }: TroubleQuery): number | null {
    const { length, at } = this.#filtered(filter);
    const wanted = ids && new Set(ids);
    for (let index = from + direction; index >= 0 && index < length; index += direction) {
      const row = at(index);
      const { kind, id } = placeOf(this.#rows.at(row));
      if (wanted ? kind !== 'gap' && wanted.has(id) : this.#gravities.at(row) >= 2) return index;
    }
    return null;
  }

  detail(id: number): RowDetail | null {
    const event = this.#eventById(id);
    if (!event) return null;
    return detailOf(event, event.kind === 'frame' ? this.#linkOf(event.id) : null);
  }

  /** Whether all that is known to be there was read and filtered. */
  isSettled(filter: Filter): boolean {
    return this.#first === null && !this.#isFiltering(filter);
  }

  #eventById(id: number): SessionEvent | null {
    const frame = this.#frame.get(id);
    if (frame) {
      const event: SessionEvent = { kind: 'frame', id, frame: fromRow(frameShape, frame), link: null };
      return event;
    }
    for (const { row } of this.#connections.values()) {
      if (row.openedId === id) return { kind: 'opened', id, connection: row };
      if (row.closedId === id) return { kind: 'closed', id, connection: row };
    }
    return null;
  }

  #linkOf(frame: number): Link | null {
    const row = this.#link.get(frame);
    return row ? fromRow<Link>(linkShape, row) : null;
  }

  #connectionRows(): Connection[] {
    return this.#places.connectionsOf(this.#session).flatMap((id) => {
      const known = this.#connections.get(id)?.row;
      if (known?.closedId) return [];
      const rows = this.#db.prepare(`${selectSql(connectionShape)} WHERE id = ?`).all(id);
      return rows.map((row) => fromRow(connectionShape, row));
    });
  }

  /** Gaps of all connections, or of one of this session, by time. */
  #gapRows(): (Gap & { id: number })[] {
    const sql = `SELECT id, ${selectSql(gapShape).slice('SELECT '.length)} ORDER BY from_us`;
    const rows = this.#db.prepare(sql).all() as (Gap & { id: number })[];
    return rows.filter(({ connection }) => connection === null || this.#connections.has(connection));
  }

  #countFrames(): number {
    const count = this.#db
      .prepare<[number], number>('SELECT count(*) FROM frame WHERE connection = ?')
      .pluck();
    // Without an index each count would read the whole recording; the number is only for the progress.
    if (!this.#db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'frame_by_connection'").get()) return 0;
    let sum = 0;
    for (const id of this.#connections.keys()) sum += count.get(id) ?? 0;
    return sum;
  }

  /** The first reading, from the front. */
  #readOn(places: Iterator<Place>): boolean {
    for (let taken = 0; taken < STEP; taken++) {
      const next = places.next();
      if (next.done) {
        this.#first = null;
        for (const gap of this.#gaps.splice(0)) this.#addGap(gap);
        return taken > 0;
      }
      this.#add(next.value);
    }
    return true;
  }

  /** What was written since the first reading. */
  #readNew(): boolean {
    const places: Place[] = [];
    for (const { row } of this.#connections.values()) {
      if (row.openedId > this.#last) places.push({ kind: 'opened', id: row.openedId });
      if (row.closedId !== null && row.closedId > this.#last)
        places.push({ kind: 'closed', id: row.closedId });
      if (row.closedId !== null && row.closedId < this.#last) continue;
      for (const id of this.#places.framesOf(row.id, this.#last)) places.push({ kind: 'frame', id });
    }
    for (const place of places.sort((a, b) => a.id - b.id)) this.#add(place);
    return places.length > 0;
  }

  #add(place: Place): void {
    const event = this.#event(place);
    if (!event) return;
    const atUs = event.kind === 'frame' ? event.frame.atUs : rungOf(event, protocolFor(null)).atUs;
    while (this.#gaps[0] && this.#gaps[0].fromUs <= atUs) this.#addGap(this.#gaps.shift()!);
    this.#last = Math.max(this.#last, place.id);
    this.#rows.push(place.id * 4 + KINDS.indexOf(place.kind));
    this.#gravities.push(GRAVITIES.indexOf(gravityOf(event)));
    if (event.kind === 'frame') this.#stand(event.frame);
  }

  #addGap(gap: { id: number }): void {
    this.#rows.push(gap.id * 4 + KINDS.indexOf('gap'));
    this.#gravities.push(GRAVITIES.indexOf('high'));
  }

  #stand(frame: Frame): void {
    const protocol = this.#connections.get(frame.connection)?.protocol;
    const stood = protocol ? this.#answered.take(frame, protocol) : [];
    if (stood.length === 0) return;
    for (const one of stood) this.#board.take(one);
    this.#standings.push({ from: this.#rows.length - 1, standing: this.#board.standing });
  }

  #standingAt(row: number): ChargerStanding {
    let [low, high] = [0, this.#standings.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#standings[middle]!.from <= row) low = middle + 1;
      else high = middle;
    }
    return this.#standings[low - 1]?.standing ?? { connectors: [], transactions: [] };
  }

  #event({ kind, id }: Place): SessionEvent | null {
    if (kind === 'frame') {
      const row = this.#frame.get(id);
      return row ? { kind, id, frame: fromRow(frameShape, row), link: null } : null;
    }
    if (kind === 'gap') return null;
    const connection = this.#connectionAt(kind, id);
    return connection && { kind, id, connection };
  }

  #connectionAt(kind: 'opened' | 'closed', id: number): Connection | null {
    if (kind === 'closed') return this.#connections.get(this.#closings.get(id) ?? -1)?.row ?? null;
    for (const { row } of this.#connections.values()) if (row.openedId === id) return row;
    return null;
  }

  #rung(row: number): Rung {
    const place = placeOf(this.#rows.at(row));
    if (place.kind === 'gap') return gapRung(this.#gapById(place.id), place.id);
    const event = this.#event(place)!;
    const connection = event.kind === 'frame' ? event.frame.connection : event.connection.id;
    return rungOf(event, this.#connections.get(connection)?.protocol ?? protocolFor(null));
  }

  #gapById(id: number): Gap {
    return fromRow(gapShape, this.#db.prepare(`${selectSql(gapShape)} WHERE id = ?`).get(id));
  }

  #numberOf(row: number): number {
    const place = placeOf(this.#rows.at(row));
    if (place.kind === 'gap') return 0;
    const event = this.#event(place)!;
    const connection = event.kind === 'frame' ? event.frame.connection : event.connection.id;
    return this.#connections.get(connection)?.number ?? 0;
  }

  /** Place of a row in the recording's order; a gap has the one of the row before it. */
  #orderOf(row: number): number {
    for (let at = row; at >= 0; at--) {
      const place = placeOf(this.#rows.at(at));
      if (place.kind !== 'gap') return place.id;
    }
    return 0;
  }

  #filtered(filter: Filter): { length: number; at: (index: number) => number } {
    if (filter.type === 'all') return { length: this.#rows.length, at: (index) => index };
    const { rows } = this.#viewOf(filter);
    return { length: rows.length, at: (index) => rows.at(index) };
  }

  #isFiltering(filter: Filter): boolean {
    return filter.type !== 'all' && this.#viewOf(filter).seen < this.#rows.length;
  }

  #viewOf(filter: Filter): { filter: string; rows: Numbers; seen: number } {
    const text = JSON.stringify(filter, (_, value) => (value instanceof RegExp ? value.source : value));
    if (this.#view?.filter !== text) this.#view = { filter: text, rows: new Numbers(), seen: 0 };
    return this.#view;
  }

  #filterOn(filter: Filter): boolean {
    if (filter.type === 'all') return false;
    const view = this.#viewOf(filter);
    const to = Math.min(this.#rows.length, view.seen + STEP);
    const isMore = view.seen < to;
    for (; view.seen < to; view.seen++) {
      const event = this.#event(placeOf(this.#rows.at(view.seen)));
      if (!event) continue;
      const subject = new MessageSubject(event, this.#charger);
      if (matches(filter, subject, { startUs: this.#startUs })) view.rows.push(view.seen);
    }
    return isMore;
  }
}

function placeOf(row: number): Place {
  return { id: Math.floor(row / 4), kind: KINDS[row % 4] ?? 'frame' };
}
