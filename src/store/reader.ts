import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Connection } from '../session/connection.ts';
import type { Frame } from '../session/frame.ts';
import type {
  Binding,
  Departure,
  Gap,
  Link,
  Observation,
  Outcome,
  Reader,
  Recording,
  Session,
  SessionEvent,
  SessionSummary,
  Slice,
} from '../session/recording.ts';
import { reading, readingAll } from './open-file.ts';
import { AllPlaces, PartFiles } from './part-files.ts';
import { PAGE, type Places } from './places.ts';
import {
  bindingShape,
  connectionShape,
  departureShape,
  frameShape,
  fromRow,
  gapShape,
  linkShape,
  observationShape,
  outcomeShape,
  type Shape,
  selectSql,
  sessionShape,
} from './rows.ts';
import { type EventPlace, inOrder, isIn } from './session-events.ts';
import { inOneGo, inThisTurn, prepared } from './statements.ts';
import { summarise } from './summaries.ts';

/** Events and payload bytes read before they are handed on: few enough that most are done with before memory is next tidied up. */
const PAGE_EVENTS = 100;
const PAGE_BYTES = 4 << 20;

const FRAME_BY_ID = `${selectSql(frameShape)} WHERE id = ?`;
const LINK_BY_FRAME = `${selectSql(linkShape)} WHERE frame = ?`;

interface Span {
  fromUs: number | null;
  toUs: number | null;
}

/** Times of the first and last connection and of the first and last frame: no pass over the frames. */
const SPAN = `
  SELECT min(at) AS fromUs, max(at) AS toUs FROM (
    SELECT min(opened_at_us) AS at FROM connection UNION ALL
    SELECT max(opened_at_us) FROM connection UNION ALL
    SELECT max(closed_at_us) FROM connection UNION ALL
    SELECT at_us FROM (SELECT at_us FROM frame ORDER BY id LIMIT 1) UNION ALL
    SELECT at_us FROM (SELECT at_us FROM frame ORDER BY id DESC LIMIT 1))`;

/** Opens a recording for reading, with all its parts that stand beside the one that is named; see `openFile` for what it refuses. */
export async function openRecording(path: string): Promise<Reader> {
  return new RecordingReader(path, new PartFiles(path));
}

class RecordingReader implements Reader {
  readonly recording: Recording;
  readonly #path: string;
  readonly #files: PartFiles;
  readonly #places: AllPlaces;

  constructor(path: string, files: PartFiles) {
    this.#path = path;
    this.#files = files;
    this.#places = new AllPlaces(files);
    this.recording = files.recording;
  }

  sessions(): AsyncIterable<Session> {
    return readingAll(this.#path, this.#pages(sessionShape, 'TRUE'));
  }

  strays(): AsyncIterable<Connection> {
    return readingAll(this.#path, this.#strays());
  }

  summaries(): AsyncIterable<SessionSummary> {
    return readingAll(this.#path, this.#summaries());
  }

  events(session: number, slice?: Slice): AsyncIterable<SessionEvent> {
    return readingAll(this.#path, this.#events(session, slice));
  }

  frames(ids: readonly number[]): AsyncIterable<Frame> {
    return readingAll(this.#path, this.#framesOf(ids));
  }

  frame(id: number): Frame {
    const { db } = this.#files.holding(id);
    return reading(this.#path, () => {
      inThisTurn(db);
      return fromRow<Frame>(frameShape, prepared(db, FRAME_BY_ID).get(id));
    });
  }

  async gaps(): Promise<Gap[]> {
    this.#files.refresh();
    return reading(this.#path, () => [...this.#all(gapShape, 'ORDER BY id'), ...this.#files.missing()]);
  }

  async bindings(session: number): Promise<Binding[]> {
    return reading(this.#path, () => this.#all(bindingShape, 'WHERE session = ? ORDER BY id', session));
  }

  async outcomes(): Promise<Outcome[]> {
    return reading(this.#path, () => this.#all(outcomeShape, 'ORDER BY session'));
  }

  async departures(session: number): Promise<Departure[]> {
    return reading(this.#path, () => this.#all(departureShape, 'WHERE session = ? ORDER BY id', session));
  }

  async observations(session: number): Promise<Observation[]> {
    return reading(this.#path, () => this.#all(observationShape, 'WHERE session = ? ORDER BY id', session));
  }

  async span(): Promise<{ fromUs: number; toUs: number } | null> {
    const spans = reading(this.#path, () => this.#dbs().map((db) => db.prepare<[], Span>(SPAN).get()));
    const times = spans.flatMap((span) => (span?.fromUs && span.toUs ? [span.fromUs, span.toUs] : []));
    return times.length === 0 ? null : { fromUs: Math.min(...times), toUs: Math.max(...times) };
  }

  close(): void {
    this.#files.close();
  }

  #dbs(): Database[] {
    return this.#files.parts.map(({ db }) => db);
  }

  /** A connection may not have told its session yet when its part ended. */
  async *#strays(): AsyncIterable<Connection> {
    for await (const connection of this.#pages(connectionShape, 'session IS NULL')) {
      if (this.#newest(connectionShape, connection.id)?.session === null) yield connection;
    }
  }

  async *#summaries(): AsyncIterable<SessionSummary> {
    this.#files.refresh();
    const tallies = await summarise(this.#dbs());
    for await (const session of this.sessions()) yield { ...session, ...tallies(session.id) };
  }

  async *#events(session: number, slice: Slice = {}): AsyncIterable<SessionEvent> {
    const places = this.#places;
    await places.refresh();
    const connections = places
      .connectionsOf(session)
      .flatMap((id) => this.#newest(connectionShape, id) ?? [])
      .sort((a, b) => a.openedId - b.openedId);
    const isWhole = slice.fromUs === undefined && slice.toUs === undefined;
    yield* this.#rows(
      isWhole ? connections : await this.#connectionsIn(slice, connections, places),
      places,
      slice,
    );
  }

  /** Connections that have their opening, a frame or their end in the slice. */
  async #connectionsIn(slice: Slice, connections: Connection[], places: Places): Promise<Connection[]> {
    const at = this.#each((db) =>
      db.prepare<[number], number>('SELECT at_us FROM frame WHERE id = ?').pluck(),
    );
    const shown: Connection[] = [];
    for (const connection of connections) {
      let isShown =
        isIn(slice, connection.openedAtUs) ||
        (connection.closedAtUs !== null && isIn(slice, connection.closedAtUs));
      for (let after = 0; !isShown; await nextTurn()) {
        const ids = places.framesOf(connection.id, after);
        if (ids.length === 0) break;
        isShown = ids.some((id) => isIn(slice, at(id).get(id)!));
        after = ids.at(-1)!;
      }
      if (isShown) shown.push(connection);
    }
    return shown;
  }

  async *#rows(connections: Connection[], places: Places, slice: Slice): AsyncIterable<SessionEvent> {
    const order = inOrder(connections, places);
    for (;;) {
      const events = this.#page(order);
      for (const event of events) if (isShown(event, slice)) yield event;
      if (events.length === 0) return;
      await nextTurn();
    }
  }

  /** The next events, no more than the event loop can wait for. */
  #page(order: Iterator<EventPlace>): SessionEvent[] {
    return inOneGo((begin) => {
      const events: SessionEvent[] = [];
      for (let bytes = 0; events.length < PAGE_EVENTS && bytes < PAGE_BYTES; ) {
        const { done, value } = order.next();
        if (done) break;
        const event = value.kind === 'frame' ? this.#frameEvent(value.id, begin) : value;
        if (event.kind === 'frame') bytes += event.frame.payload.length;
        events.push(event);
      }
      return events;
    });
  }

  #frameEvent(id: number, begin: (db: Database) => void): SessionEvent {
    const { db } = this.#files.holding(id);
    begin(db);
    const frame: Frame = fromRow(frameShape, prepared(db, FRAME_BY_ID).get(id));
    const link = prepared(db, LINK_BY_FRAME).get(id);
    return { kind: 'frame', id, frame, link: link ? fromRow<Link>(linkShape, link) : null };
  }

  async *#framesOf(ids: readonly number[]): AsyncIterable<Frame> {
    const frames = this.#each((db) => prepared(db, FRAME_BY_ID));
    for (const [index, id] of ids.entries()) {
      if (index % PAGE === PAGE - 1) await nextTurn();
      const row = frames(id).get(id);
      if (row !== undefined) yield fromRow<Frame>(frameShape, row);
    }
  }

  /** Gives, for a frame id, what `make` made for the part that holds it; made once a part. */
  #each<T>(make: (db: Database) => T): (frame: number) => T {
    const made = new Map<Database, T>();
    return (frame) => {
      const { db } = this.#files.holding(frame);
      const known = made.get(db) ?? make(db);
      made.set(db, known);
      return known;
    };
  }

  /** Rows in id order; of one that stands in several parts, the newest. */
  async *#pages<T extends { id: number }>(shape: Shape<T>, condition: string): AsyncIterable<T> {
    const tail = `WHERE id > ? AND ${condition} ORDER BY id LIMIT ${PAGE}`;
    for (let after = -1; ; await nextTurn()) {
      const byId = new Map(this.#all(shape, tail, after).map((row) => [row.id, row]));
      const page = [...byId.values()].sort((a, b) => a.id - b.id).slice(0, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!.id;
    }
  }

  /** The row with this id, as the last part that has it tells it. */
  #newest<T>(shape: Shape<T>, id: number): T | null {
    return this.#all(shape, 'WHERE id = ?', id).at(-1) ?? null;
  }

  #all<T>(shape: Shape<T>, tail: string, ...values: number[]): T[] {
    return this.#dbs().flatMap((db) => {
      const rows = prepared(db, `${selectSql(shape)} ${tail}`).all(...values);
      return rows.map((row) => fromRow(shape, row));
    });
  }
}

/** Whether an event is in a slice; an opening always is, since what follows belongs to it. */
function isShown(event: SessionEvent, slice: Slice): boolean {
  if (event.kind === 'opened') return true;
  return isIn(slice, event.kind === 'frame' ? event.frame.atUs : event.connection.closedAtUs!);
}
