import Sqlite from 'better-sqlite3';
import type { Connection } from '../session/connection.ts';
import type { Frame } from '../session/frame.ts';
import type {
  Binding,
  Departure,
  Gap,
  Link,
  Observation,
  Outcome,
  Recording,
  Session,
} from '../session/recording.ts';

/** What SQLite gives and takes. */
export type Cell = number | string | Uint8Array | null;

/** Turns a property that no column can hold into a cell, and back. */
interface Codec {
  cell(value: unknown): Cell;
  value(cell: Cell): unknown;
}

/** How a type of `session/` lies in its table: one column a property, `atUs` as `at_us`. */
export interface Shape<T> {
  table: string;
  properties: readonly (keyof T & string)[];
  codecs: Partial<Record<keyof T, Codec>>;
}

const flag: Codec = { cell: (value) => (value ? 1 : 0), value: (cell) => cell === 1 };

const json: Codec = {
  cell: (value) => (value === null ? null : JSON.stringify(value)),
  value: (cell) => (cell === null ? null : JSON.parse(cell as string)),
};

export const recordingShape: Shape<Omit<Recording, 'format'>> = {
  table: 'recording',
  properties: [
    ...(['part', 'uuid', 'kind', 'toolVersion', 'label', 'upstream', 'source', 'shard'] as const),
    ...(['pseudonymKey'] as const),
    ...(['startedAtUs', 'startedMonoUs', 'endedAtUs', 'framesBefore', 'continued'] as const),
  ],
  codecs: { continued: flag },
};

export const sessionShape: Shape<Session> = {
  table: 'session',
  properties: ['id', 'identity', 'endpoint', 'vendor', 'model', 'firmware', 'replays'],
  codecs: {},
};

export const connectionShape: Shape<Connection> = {
  table: 'connection',
  properties: [
    ...(['id', 'session', 'kind', 'openedId', 'openedAtUs', 'openedMonoUs'] as const),
    ...(['closedId', 'closedAtUs', 'closedMonoUs', 'endedBy', 'ending', 'closeCode', 'closeReason'] as const),
    ...(['status', 'handshakeUs', 'offeredSubprotocols', 'subprotocol'] as const),
    ...(['offeredExtensions', 'extensions', 'chargerAddress', 'csmsAddress'] as const),
    ...(['chargerTls', 'csmsTls', 'controlFrames'] as const),
    ...(['bytesToCharger', 'bytesToCsms', 'orderInferred', 'replays'] as const),
    ...(['target', 'requestHead', 'responseHead', 'refusalBody'] as const),
  ],
  codecs: { orderInferred: flag, chargerTls: json, csmsTls: json, controlFrames: json },
};

/** What few frames have stands last. */
export const frameShape: Shape<Frame> = {
  table: 'frame',
  properties: [
    ...(['id', 'connection', 'atUs', 'monoUs', 'sender', 'opcode'] as const),
    ...(['messageType', 'messageId', 'action', 'answers', 'latencyUs'] as const),
    ...(['wireBytes', 'flags', 'payload', 'fragments', 'sha256'] as const),
  ],
  codecs: { fragments: json },
};

export const gapShape: Shape<Gap> = {
  table: 'gap',
  properties: ['fromUs', 'toUs', 'connection', 'frames', 'bytes', 'reason'],
  codecs: {},
};

export const linkShape: Shape<Link> = {
  table: 'link',
  properties: ['frame', 'recording', 'replays', 'scheduledUs', 'source'],
  codecs: {},
};

export const bindingShape: Shape<Binding> = {
  table: 'binding',
  properties: ['session', 'idClass', 'recorded', 'live', 'frame'],
  codecs: {},
};

export const outcomeShape: Shape<Outcome> = {
  table: 'outcome',
  properties: ['session', 'complete', 'reason', 'notSent'],
  codecs: { complete: flag },
};

export const departureShape: Shape<Departure> = {
  table: 'departure',
  properties: ['session', 'kind', 'frame', 'action', 'notSent', 'reason'],
  codecs: {},
};

export const observationShape: Shape<Observation> = {
  table: 'observation',
  properties: ['session', 'probe', 'frame', 'atUs', 'value', 'failure'],
  codecs: {},
};

/** How rows are written: a row with the same key is replaced, with the bare `INSERT` it is a fault; and which words are given as their places here. */
export interface Insertion<T> {
  verb?: 'INSERT' | 'INSERT OR REPLACE';
  rows?: number;
  words?: Partial<Record<keyof T, readonly string[]>>;
}

/** SQL that writes rows, one or more at once. */
export function insertSql<T>(
  shape: Shape<T>,
  { verb = 'INSERT OR REPLACE', rows = 1, words = {} }: Insertion<T> = {},
): string {
  const row = `(${shape.properties.map((name) => wordSql(words[name])).join(', ')})`;
  const columns = shape.properties.map(columnOf).join(', ');
  return `${verb} INTO ${shape.table} (${columns}) VALUES ${new Array(rows).fill(row).join(', ')}`;
}

function wordSql(words: readonly string[] | undefined): string {
  return words === undefined
    ? '?'
    : `CASE ? ${words.map((word, at) => `WHEN ${at} THEN '${word}'`).join(' ')} END`;
}

/** SQL that reads rows with their properties' names; the caller adds WHERE and ORDER. */
export function selectSql<T>(shape: Shape<T>): string {
  return `SELECT ${shape.properties.map((name) => `${columnOf(name)} AS "${name}"`).join(', ')} FROM ${shape.table}`;
}

/** The cells of a value, in the order of `insertSql`. */
export function cellsOf<T>(shape: Shape<T>, value: T): Cell[] {
  return shape.properties.map((name) => {
    const codec = shape.codecs[name];
    return codec ? codec.cell(value[name]) : (value[name] as Cell);
  });
}

/**
 * The value of a row that `selectSql` read; changes the row in place. A row that something names and nothing holds, or a cell that
 * nobody wrote so, is told as SQLite tells damage that it sees itself.
 */
export function fromRow<T>(shape: Shape<T>, row: unknown): T {
  const cells = row as Record<keyof T, unknown>;
  try {
    for (const name in shape.codecs) {
      cells[name] = shape.codecs[name]!.value(cells[name] as Cell);
    }
  } catch (error) {
    throw damage(shape, row === undefined ? 'a row is missing' : (error as Error).message);
  }
  return cells as T;
}

function damage<T>({ table }: Shape<T>, what: string): Error {
  return new Sqlite.SqliteError(`damaged table ${table}: ${what}`, 'SQLITE_CORRUPT');
}

function columnOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
