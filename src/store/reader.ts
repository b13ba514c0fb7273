import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { ChargetapeError } from '../errors.ts';
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
import { formatOf } from './migrations.ts';
import { type OpenFile, openFile, reading, readingAll } from './open-file.ts';
import { PAGE, type Places, placesOf } from './places.ts';
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
  recordingShape,
  type Shape,
  selectSql,
  sessionShape,
} from './rows.ts';
import { inOrder, isIn } from './session-events.ts';
import { summarise } from './summaries.ts';

/** Payload bytes read before the event loop gets a turn. */
const PAGE_BYTES = 4 << 20;

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

/** Opens a recording for reading; see `openFile` for what it refuses. */
export async function openRecording(path: string): Promise<Reader> {
  const file = openFile(path);
  try {
    return new RecordingReader(path, file);
  } catch (error) {
    file.close();
    throw error;
  }
}

class RecordingReader implements Reader {
  readonly recording: Recording;
  readonly #path: string;
  readonly #file: OpenFile;
  readonly #db: Database;
  #places: Places | null = null;

  constructor(path: string, file: OpenFile) {
    this.#path = path;
    this.#file = file;
    this.#db = file.db;
    const head = reading(path, () => this.#all(recordingShape, 'ORDER BY part LIMIT 1'))[0];
    if (!head) throw new ChargetapeError('NOT_A_RECORDING', `${path} holds no recording.`);
    this.recording = { ...head, format: formatOf(file.db) };
  }

  sessions(): AsyncIterable<Session> {
    return readingAll(this.#path, this.#pages(sessionShape, 'TRUE'));
  }

  strays(): AsyncIterable<Connection> {
    return readingAll(this.#path, this.#pages(connectionShape, 'session IS NULL'));
  }

  summaries(): AsyncIterable<SessionSummary> {
    return readingAll(this.#path, this.#summaries());
  }

  events(session: number, slice?: Slice): AsyncIterable<SessionEvent> {
    return readingAll(this.#path, this.#events(session, slice));
  }
  async gaps(): Promise<Gap[]> {
    return reading(this.#path, () => this.#all(gapShape, 'ORDER BY id'));
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
    const row = reading(this.#path, () => this.#db.prepare<[], Span>(SPAN).get());
    if (!row || row.fromUs === null || row.toUs === null) return null;
    return { fromUs: row.fromUs, toUs: row.toUs };
  }

  close(): void {
    this.#file.close();
  }

  async *#summaries(): AsyncIterable<SessionSummary> {
    const tallies = await summarise(this.#db);
    for await (const session of this.sessions()) yield { ...session, ...tallies(session.id) };
  }

  async *#events(session: number, slice: Slice = {}): AsyncIterable<SessionEvent> {
    this.#places ??= placesOf(this.#db);
    const places = this.#places;
    await places.refresh();
    const connections = places
      .connectionsOf(session)
      .flatMap((id) => this.#all(connectionShape, 'WHERE id = ?', id))
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
    const at = this.#db.prepare<[number], number>('SELECT at_us FROM frame WHERE id = ?').pluck();
    const shown: Connection[] = [];
    for (const connection of connections) {
      let isShown =
        isIn(slice, connection.openedAtUs) ||
        (connection.closedAtUs !== null && isIn(slice, connection.closedAtUs));
      for (let after = 0; !isShown; await nextTurn()) {
        const ids = places.framesOf(connection.id, after);
        if (ids.length === 0) break;
        isShown = ids.some((id) => isIn(slice, at.get(id)!));
        after = ids.at(-1)!;
      }
      if (isShown) shown.push(connection);
    }
    return shown;
  }

  async *#rows(connections: Connection[], places: Places, slice: Slice): AsyncIterable<SessionEvent> {
    const frames = this.#db.prepare<[number]>(`${selectSql(frameShape)} WHERE id = ?`);
    const links = this.#db.prepare<[number]>(`${selectSql(linkShape)} WHERE frame = ?`);
    let [rows, bytes] = [0, 0];
    for (const place of inOrder(connections, places)) {
      if (++rows % PAGE === 0 || bytes > PAGE_BYTES) {
        await nextTurn();
        bytes = 0;
      }
      if (place.kind === 'opened') yield { ...place, kind: 'opened' };
      else if (place.kind === 'closed') {
        if (isIn(slice, place.connection.closedAtUs!)) yield { ...place, kind: 'closed' };
      } else {
        const frame: Frame = fromRow(frameShape, frames.get(place.id));
        bytes += frame.payload.length;
        if (!isIn(slice, frame.atUs)) continue;
        const link = links.get(place.id);
        yield { kind: 'frame', id: place.id, frame, link: link ? fromRow<Link>(linkShape, link) : null };
      }
    }
  }

  async *#pages<T extends { id: number }>(shape: Shape<T>, condition: string): AsyncIterable<T> {
    for (let after = -1; ; await nextTurn()) {
      const page = this.#all(shape, `WHERE id > ? AND ${condition} ORDER BY id LIMIT ${PAGE}`, after);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!.id;
    }
  }

  #all<T>(shape: Shape<T>, tail: string, ...values: number[]): T[] {
    const rows = this.#db.prepare(`${selectSql(shape)} ${tail}`).all(...values);
    return rows.map((row) => fromRow(shape, row));
  }
}
