import type { Database, Statement } from 'better-sqlite3';
import { PROTOCOLS } from '../ocpp/protocols.ts';
import type { ConnectionColumns } from '../view/charger.ts';
import { Fleet } from '../view/fleet.ts';
import type { FrameColumns } from '../view/frame-columns.ts';
import type { Progress } from '../view/viewer.ts';
import { fromRow, gapShape, selectSql, sessionShape } from './rows.ts';

/** Frames read before others get a turn. */
const STEP = 1000;

/** Session rows are read again this often for what chargers told of themselves since, ms. */
const SESSIONS_EVERY_MS = 2000;

/** A frame may be committed after one with a higher id: those this near to the newest are looked for again. */
const UNSETTLED = 2048;

const CONNECTION = `SELECT id, session, kind, opened_at_us AS openedAtUs, closed_at_us AS closedAtUs, closed_id AS closedId,
  status, ending, close_code AS closeCode, subprotocol FROM connection`;

/** Reads a recording from front to back into a fleet, a step at a time, and goes on when it has grown. */
export class FleetReading {
  readonly fleet = new Fleet();
  readonly #db: Database;
  readonly #frames: Statement<[number, number]>;
  #newest = 0;
  #last = 0;
  #recent = new Set<number>();
  #lastConnection = 0;
  #lastClosed = 0;
  #sessionsReadMs = Number.NEGATIVE_INFINITY;

  constructor(db: Database) {
    this.#db = db;
    const lasting = [...new Set(PROTOCOLS.flatMap((protocol) => [...protocol.lasting]))];
    const names = lasting.map((name) => `'${name}'`).join(', ');
    this.#frames = db
      .prepare<[number, number]>(
        `SELECT id, connection, at_us, sender, opcode, message_type, action, answers, latency_us, flags,
           CASE WHEN action IN (${names}) THEN payload END FROM frame WHERE id > ? ORDER BY id LIMIT ?`,
      )
      .raw();
  }

  /** How far it is; null when it has read all that was there. */
  get progress(): Progress | null {
    return this.#last >= this.#newest ? null : { done: this.#last, of: this.#newest };
  }

  /** Id of the newest frame that is there. */
  get newest(): number {
    return this.#newest;
  }

  /** Takes notice of what is new beside frames: sessions, connections, gaps. */
  refresh(): void {
    this.#readSessions();
    this.#readConnections();
    this.#newest = Number(this.#db.prepare('SELECT max(id) FROM frame').pluck().get() ?? 0);
    const gaps = this.#db.prepare(selectSql(gapShape)).all();
    this.fleet.gaps(gaps.map((gap) => fromRow(gapShape, gap)));
  }

  /** Reads the next frames; false when there are none. */
  step(): boolean {
    const rows = this.#frames.all(this.#last, STEP) as unknown[][];
    for (const row of rows) this.#take(columnsOf(row));
    this.#newest = Math.max(this.#newest, this.#last);
    if (rows.length === 0) this.#last = this.#newest;
    return rows.length > 0;
  }

  /** Reads frames that were committed after those behind them. */
  lookBack(): void {
    const from = Math.max(0, this.#last - UNSETTLED);
    for (const row of this.#frames.all(from, UNSETTLED) as unknown[][]) {
      const frame = columnsOf(row);
      if (frame.id <= this.#last && !this.#recent.has(frame.id)) this.#take(frame);
    }
    this.#recent = new Set([...this.#recent].filter((id) => id > from));
  }

  #take(frame: FrameColumns): void {
    if (!this.fleet.knows(frame.connection)) this.#readConnections();
    this.fleet.frame(frame);
    this.#recent.add(frame.id);
    if (this.#recent.size > 4 * UNSETTLED) {
      this.#recent = new Set([...this.#recent].filter((id) => id > frame.id - UNSETTLED));
    }
    this.#last = Math.max(this.#last, frame.id);
  }

  #readSessions(): void {
    if (performance.now() - this.#sessionsReadMs < SESSIONS_EVERY_MS) return;
    this.#sessionsReadMs = performance.now();
    for (const row of this.#db.prepare(`${selectSql(sessionShape)} ORDER BY id`).all()) {
      this.fleet.session(fromRow(sessionShape, row));
    }
  }

  #readConnections(): void {
    const { unsettled } = this.fleet;
    const again = unsettled.length > 0 ? ` OR id IN (${unsettled.join(',')})` : '';
    const sql = `${CONNECTION} WHERE id > ? OR closed_id > ?${again} ORDER BY id`;
    const rows = this.#db.prepare(sql).all(this.#lastConnection, this.#lastClosed) as ConnectionColumns[];
    if (rows.some(({ session }) => session !== null && !this.fleet.chargers.has(session))) {
      this.#sessionsReadMs = Number.NEGATIVE_INFINITY;
      this.#readSessions();
    }
    for (const row of rows) {
      this.fleet.connection(row);
      this.#lastConnection = Math.max(this.#lastConnection, row.id);
      this.#lastClosed = Math.max(this.#lastClosed, row.closedId ?? 0);
    }
  }
}

function columnsOf(row: unknown[]): FrameColumns {
  const [id, connection, atUs, sender, opcode, messageType, action, answers, latencyUs, flags, payload] = row;
  return {
    ...{ id, connection, atUs, sender, opcode, messageType, action },
    ...{ answers, latencyUs, flags, payload },
  } as FrameColumns;
}
