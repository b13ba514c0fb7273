import type { Connection } from '../session/connection.ts';
import type { Slice } from '../session/recording.ts';
import type { Places } from './places.ts';

/** One event of a session, by its place in the recording-wide order; a frame's row is not read yet. */
export type EventPlace =
  | { kind: 'opened' | 'closed'; id: number; connection: Connection }
  | { kind: 'frame'; id: number };

/**
 * Merges the openings, frames and ends of a session's connections (ordered by opening) into recording order. Only pages
 * of frame ids of the connections that are open at a time are held.
 */
export function* inOrder(connections: readonly Connection[], places: Places): Generator<EventPlace> {
  const closings = connections.filter((it) => it.closedId !== null).sort((a, b) => a.closedId! - b.closedId!);
  let tracks: Track[] = [];
  let opened = 0;
  let closed = 0;
  for (;;) {
    const opening = connections[opened]?.openedId ?? Number.POSITIVE_INFINITY;
    const closing = closings[closed]?.closedId ?? Number.POSITIVE_INFINITY;
    const track = first(tracks);
    const frame = track?.head ?? Number.POSITIVE_INFINITY;
    const id = Math.min(opening, frame, closing);
    if (id === Number.POSITIVE_INFINITY) return;
    if (id === opening) {
      const connection = connections[opened++]!;
      tracks.push(new Track(connection.id, places));
      yield { kind: 'opened', id, connection };
    } else if (id === frame) {
      yield { kind: 'frame', id };
      track!.advance();
    } else {
      yield { kind: 'closed', id, connection: closings[closed++]! };
      tracks = tracks.filter((it) => it.head !== null);
    }
  }
}

/** Whether a time lies in a slice (half-open). */
export function isIn(slice: Slice, atUs: number): boolean {
  return (
    atUs >= (slice.fromUs ?? Number.NEGATIVE_INFINITY) && atUs < (slice.toUs ?? Number.POSITIVE_INFINITY)
  );
}

/** The ids of one connection's frames, a page at a time. */
class Track {
  readonly #connection: number;
  readonly #places: Places;
  #page: number[];
  #at = 0;

  constructor(connection: number, places: Places) {
    this.#connection = connection;
    this.#places = places;
    this.#page = places.framesOf(connection, 0);
  }

  get head(): number | null {
    return this.#page[this.#at] ?? null;
  }

  advance(): void {
    if (++this.#at < this.#page.length) return;
    this.#page = this.#places.framesOf(this.#connection, this.#page.at(-1)!);
    this.#at = 0;
  }
}

function first(tracks: readonly Track[]): Track | null {
  let least: Track | null = null;
  for (const track of tracks) {
    if (track.head !== null && (least === null || track.head < least.head!)) least = track;
  }
  return least;
}
