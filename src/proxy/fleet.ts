import type { Session } from '../session/recording.ts';

/** What is known of one charger while the proxy runs. */
export interface ChargerTally {
  /** Its row in the recording, kept up to date. */
  session: Session;
  /** WebSocket connections open now; more than one while an old socket lingers. */
  open: number;
  connections: number;
  /** Frames of both sides. */
  frames: number;
  /** Arrival of the last frame, or the last opening or end; µs since the epoch. */
  lastAtUs: number;
  /** Action of the last call, of either side; null before the first. */
  lastAction: string | null;
  /** Transactions that were started and not stopped, as far as was seen; null before the first. */
  transactions: Set<string> | null;
}

/** A part of the fleet, in the order of session ids. */
export interface FleetPage {
  chargers: ChargerTally[];
  /** The id to go on after; null at the end. */
  next: number | null;
}

/** The chargers that have asked for a WebSocket since the start, one tally a session. */
export class Fleet {
  readonly #bySession = new Map<number, ChargerTally>();

  /** Chargers known. */
  get known(): number {
    return this.#bySession.size;
  }

  /** Chargers with an open WebSocket, now. */
  get connected(): number {
    let connected = 0;
    for (const tally of this.#bySession.values()) if (tally.open > 0) connected++;
    return connected;
  }

  /** The tally of a session, made at first sight. */
  of(session: Session): ChargerTally {
    const known = this.#bySession.get(session.id);
    if (known) return known;
    const tally = {
      session,
      open: 0,
      connections: 0,
      frames: 0,
      lastAtUs: 0,
      lastAction: null,
      transactions: null,
    };
    this.#bySession.set(session.id, tally);
    return tally;
  }

  /** Up to `limit` chargers with an id above `after` of which something was seen at `sinceUs` or later. Sessions come in id order. */
  page({
    after = 0,
    limit = 100,
    sinceUs = 0,
  }: {
    after?: number;
    limit?: number;
    sinceUs?: number;
  }): FleetPage {
    const chargers: ChargerTally[] = [];
    for (const tally of this.#bySession.values()) {
      if (tally.session.id <= after || tally.lastAtUs < sinceUs) continue;
      if (chargers.length === limit) return { chargers, next: chargers.at(-1)?.session.id ?? null };
      chargers.push(tally);
    }
    return { chargers, next: null };
  }
}
