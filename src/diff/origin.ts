import type { Recording } from '../session/recording.ts';

/** A row's name: the recording that it stands in, and its id there. */
export interface Name {
  recording: string;
  id: number;
}

/** The names under which a frame of a recording is known: its own, and that of the frame it replays or was cut from. */
export function frameNames(
  { uuid }: Recording,
  id: number,
  { source, replays }: { source: string | null; replays: number | null },
): Name[] {
  const own = { recording: uuid, id };
  return source === null || replays === null ? [own] : [own, { recording: source, id: replays }];
}

/** The same for a session or connection, which names its origin in `replays`. */
export function rowNames({ uuid, source }: Recording, row: { id: number; replays: number | null }): Name[] {
  const own = { recording: uuid, id: row.id };
  return source === null || row.replays === null ? [own] : [own, { recording: source, id: row.replays }];
}

/**
 * Finds rows of the baseline by any of their names, so that a run is aligned with the recording it replays, with another run of
 * it, with a cut of it, and with itself, by one rule.
 */
export class Origins<Row> {
  readonly #recordings = new Map<string, Map<number, Row>>();

  /** A name that two rows claim stays with the first. */
  add(names: readonly Name[], row: Row): void {
    for (const { recording, id } of names) {
      const rows = this.#recordings.get(recording) ?? new Map<number, Row>();
      this.#recordings.set(recording, rows);
      if (!rows.has(id)) rows.set(id, row);
    }
  }

  /** The row that shares a name with these; undefined when there is none. */
  find(names: readonly Name[]): Row | undefined {
    for (const { recording, id } of names) {
      const row = this.#recordings.get(recording)?.get(id);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  /** Takes a row out, so that it is found no more. */
  remove(names: readonly Name[], row: Row): void {
    for (const { recording, id } of names) {
      const rows = this.#recordings.get(recording);
      if (rows?.get(id) === row) rows.delete(id);
    }
  }

  /** Whether a row can be found by any of its names. */
  has(names: readonly Name[], row: Row): boolean {
    return names.some(({ recording, id }) => this.#recordings.get(recording)?.get(id) === row);
  }
}
