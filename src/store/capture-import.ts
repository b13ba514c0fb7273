import { Opcode } from '../session/frame.ts';
import type { Identity } from '../session/identity.ts';
import type { ChargerFacts, Observation } from '../session/observe.ts';
import type { Session } from '../session/recording.ts';
import { captureNames, readCapture } from './capture-file.ts';
import { inCaptureOrder, type OrderedLine } from './capture-order.ts';
import type { EntryWriter } from './entry-writer.ts';
import { type DeflatedNote, ImportedConnection, type Moment } from './imported-connection.ts';
import { writeFile } from './new-file.ts';
import { newRecording } from './recording-writer.ts';

/** What an import brought in. */
export interface ImportSummary {
  captures: number;
  sessions: number;
  connections: number;
  frames: number;
  /** Frames that are no OCPP-J message. */
  malformed: number;
  /** Lines that tell nothing a recording holds. */
  ignored: number;
}

/** What the new recording says of itself. */
export interface ImportHead {
  toolVersion?: string;
  label?: string | null;
}

/**
 * Makes a recording of captures (NAME.jsonl with NAME.wire.log; either file names both). Order between the files is
 * inferred and marked so. NO_SUCH_FILE, TRUNCATED_CAPTURE, BAD_CAPTURE, OUT_EXISTS, CANNOT_WRITE; then nothing is left on disk.
 */
export async function importCaptures(
  files: readonly string[],
  out: string,
  { toolVersion = '', label = null }: ImportHead = {},
): Promise<ImportSummary> {
  const captures = captureNames(files).map(readCapture);
  const lines = inCaptureOrder(captures);
  const notes = captures.map((capture) => capture.wire.filter((line) => line.kind === 'deflated'));
  const startedAtUs = Math.round((lines[0]?.atMs ?? 0) * 1000);
  const recording = {
    ...newRecording({ kind: 'import', toolVersion, label, upstream: null, source: null }),
    ...{ startedAtUs, startedMonoUs: 0, endedAtUs: Math.max(startedAtUs, (lines.at(-1)?.atMs ?? 0) * 1000) },
  };
  const ignored = captures.reduce((sum, capture) => sum + capture.ignored, 0);
  const summary = {
    captures: captures.length,
    sessions: 0,
    connections: 0,
    frames: 0,
    malformed: 0,
    ignored,
  };
  await writeFile(out, recording, async (writer) => {
    const into = new ImportedRecording(writer, notes, startedAtUs, summary);
    const last = lastLines(lines);
    for (const line of lines) into.take(line, last.has(line));
    into.end();
    return {};
  });
  return summary;
}

/** The last line of each connection. */
function lastLines(lines: readonly OrderedLine[]): Set<OrderedLine> {
  const last = new Map(lines.map((line) => [keyOf(line), line]));
  return new Set(last.values());
}

function keyOf(line: OrderedLine): string {
  return `${line.capture} ${line.connection}`;
}

/** A recording that grows line by line. */
class ImportedRecording {
  readonly #writer: EntryWriter;
  readonly #notes: readonly DeflatedNote[][];
  readonly #startedAtUs: number;
  readonly #summary: ImportSummary;
  readonly #connections = new Map<string, ImportedConnection>();
  readonly #sessions = new Map<string, Session>();
  #lastId = 0;

  constructor(
    writer: EntryWriter,
    notes: readonly DeflatedNote[][],
    startedAtUs: number,
    summary: ImportSummary,
  ) {
    this.#writer = writer;
    this.#notes = notes;
    this.#startedAtUs = startedAtUs;
    this.#summary = summary;
  }

  /** Takes the next line; `isLast` is true for the last one of its connection. */
  take(line: OrderedLine, isLast: boolean): void {
    const connection = this.#connectionOf(line);
    if (line.kind === 'handshake') this.#handshake(connection, line);
    else if (line.kind === 'frame') this.#frame(connection, line, Opcode.text, Buffer.from(line.raw, 'utf8'));
    else if (line.kind === 'control') this.#frame(connection, line, line.opcode, line.payload);
    else if (line.kind === 'end') connection.ended(line.sender, line.ending);
    if (isLast && connection.hasEnded) connection.close(this.#moment(line));
  }

  /** Writes what is known only now. */
  end(): void {
    for (const { row } of this.#connections.values())
      this.#writer.entry({ kind: 'connection', connection: row });
    for (const session of this.#sessions.values()) this.#writer.entry({ kind: 'session', session });
    this.#summary.connections = this.#connections.size;
    this.#summary.sessions = this.#sessions.size;
  }

  #moment(line: OrderedLine): Moment {
    return { id: ++this.#lastId, ...this.#timeOf(line) };
  }

  #timeOf(line: OrderedLine): Omit<Moment, 'id'> {
    const atUs = Math.round(line.atMs * 1000);
    return { atUs, monoUs: atUs - this.#startedAtUs };
  }

  #connectionOf(line: OrderedLine): ImportedConnection {
    const key = keyOf(line);
    const known = this.#connections.get(key);
    if (known) return known;
    const notes = this.#notes[line.capture]!.filter((note) => note.connection === line.connection);
    const connection = new ImportedConnection(this.#connections.size + 1, this.#moment(line), notes);
    this.#connections.set(key, connection);
    return connection;
  }

  #handshake(connection: ImportedConnection, line: OrderedLine & { kind: 'handshake' }): void {
    const { monoUs } = this.#timeOf(line);
    if (line.sender === 'csms') connection.response(line.lines, monoUs);
    else connection.row.session = this.#session(connection.request(line.lines, monoUs)).id;
  }

  #frame(
    connection: ImportedConnection,
    line: OrderedLine & { sender: 'charger' | 'csms' },
    opcode: number,
    payload: Buffer,
  ): void {
    const observation = connection.frame(line.sender, opcode, payload, this.#moment(line));
    this.#writer.entry({ kind: 'frame', frame: observation.frame });
    this.#summary.frames++;
    if (observation.message?.type === 'malformed') this.#summary.malformed++;
    this.#learn(connection, observation);
  }

  #learn(connection: ImportedConnection, { facts }: Observation): void {
    const session = [...this.#sessions.values()].find((it) => it.id === connection.row.session);
    if (facts && session) Object.assign(session, known(facts));
  }

  #session({ identity, endpoint }: Identity): Session {
    const key = `${endpoint}/${identity}`;
    const facts = { vendor: null, model: null, firmware: null, replays: null };
    const session = this.#sessions.get(key) ?? { id: this.#sessions.size + 1, identity, endpoint, ...facts };
    this.#sessions.set(key, session);
    return session;
  }
}

/** What a call told; what it left out stays as it was. */
function known(facts: ChargerFacts): Partial<ChargerFacts> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
}
