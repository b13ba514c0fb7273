import type { Link, Recording } from '../session/recording.ts';

/** The names under which a row of a recording is known: its own, and that of the row it replays or was cut from. */
export function frameNames(recording: Recording, id: number, link: Link | null): string[] {
  const own = name(recording.uuid, id);
  return link === null || link.replays === null ? [own] : [own, name(link.recording, link.replays)];
}

/** The same for a session or connection, which names its origin in `replays`. */
export function rowNames(recording: Recording, row: { id: number; replays: number | null }): string[] {
  const own = name(recording.uuid, row.id);
  return recording.source === null || row.replays === null
    ? [own]
    : [own, name(recording.source, row.replays)];
}

function name(uuid: string, id: number): string {
  return `${uuid} ${id}`;
}

/**
 * Finds rows of the baseline by any of their names, so that a run is aligned with the recording it replays, with another run of
 * it, with a cut of it, and with itself, by one rule.
 */
export class Origins<Row> {
  readonly #rows = new Map<string, Row>();

  /** A name that two rows claim stays with the first. */
  add(names: readonly string[], row: Row): void {
    for (const one of names) if (!this.#rows.has(one)) this.#rows.set(one, row);
  }

  /** The row that shares a name with these; undefined when there is none. */
  find(names: readonly string[]): Row | undefined {
    for (const one of names) {
      const row = this.#rows.get(one);
      if (row !== undefined) return row;
    }
    return undefined;
  }
}
