import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Session, SessionSummary } from '../session/recording.ts';

type Tally = Omit<SessionSummary, keyof Session>;

/** Rows read before the event loop gets a turn; no payload is read. */
const PAGE = 5000;

/** Counts connections, frames and calls of every session in one pass over the parts of a recording; the result tells a session's. */
export async function summarise(parts: readonly Database[]): Promise<(session: number) => Tally> {
  const bySession = new Map<number | null, Tally>();
  const byConnection = new Map<number, Tally>();
  for (const [id, session, openedUs, closedUs] of newestConnections(parts)) {
    const tally = bySession.get(session) ?? emptyTally();
    bySession.set(session, tally);
    byConnection.set(id, tally);
    tally.connections++;
    widen(tally, openedUs);
    if (closedUs !== null) widen(tally, closedUs);
  }
  for (const db of parts) await countFrames(db, byConnection);
  return (session) => bySession.get(session) ?? emptyTally();
}

type ConnectionRow = [id: number, session: number | null, openedUs: number, closedUs: number | null];

/** One row a connection: where it goes on in another part, the last one. */
function newestConnections(parts: readonly Database[]): Iterable<ConnectionRow> {
  const newest = new Map<number, ConnectionRow>();
  for (const db of parts) {
    const rows = db.prepare('SELECT id, session, opened_at_us, closed_at_us FROM connection').raw().all();
    for (const row of rows as ConnectionRow[]) newest.set(row[0], row);
  }
  return newest.values();
}

async function countFrames(db: Database, byConnection: ReadonlyMap<number, Tally>): Promise<void> {
  const frames = db
    .prepare('SELECT id, connection, at_us, message_type FROM frame WHERE id > ? ORDER BY id LIMIT ?')
    .raw();
  type FrameRow = [id: number, connection: number, atUs: number, type: string | null];
  for (let after = -1, isMore = true; isMore; await nextTurn()) {
    const rows = frames.all(after, PAGE) as FrameRow[];
    for (const [, connection, atUs, type] of rows) count(byConnection.get(connection), atUs, type);
    isMore = rows.length === PAGE;
    after = rows.at(-1)?.[0] ?? after;
  }
}

function emptyTally(): Tally {
  return { connections: 0, frames: 0, calls: 0, firstAtUs: null, lastAtUs: null };
}

function count(tally: Tally | undefined, atUs: number, type: string | null): void {
  if (!tally) return;
  tally.frames++;
  if (type === 'call') tally.calls++;
  widen(tally, atUs);
}

function widen(tally: Tally, atUs: number): void {
  if (tally.firstAtUs === null || atUs < tally.firstAtUs) tally.firstAtUs = atUs;
  if (tally.lastAtUs === null || atUs > tally.lastAtUs) tally.lastAtUs = atUs;
}
