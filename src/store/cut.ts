import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import { type Frame, FrameFlag } from '../session/frame.ts';
import type { Gap, Reader, Recording, Session, SessionEvent, Slice } from '../session/recording.ts';
import { Standings } from '../session/standings.ts';
import type { EntryWriter } from './entry-writer.ts';
import { writeFile } from './new-file.ts';
import { newRecording } from './recording-writer.ts';

/** What of a recording is cut out: all of it when nothing is said. */
export interface Cut {
  sessions?: (session: Session) => boolean;
  slice?: Slice;
  /** Version of Chargetape that cuts; default: the one that recorded. */
  toolVersion?: string;
}

/** What a cut brought over. */
export interface CutSummary {
  sessions: number;
  connections: number;
  frames: number;
}

/**
 * Copies sessions, or a part of their time, into a recording of their own, without loss: ids, times and bytes stay, and
 * each frame is linked to its original. It begins with the first event that it holds; a connection that ends after the
 * slice has no end in it. What the slice presumes (the last boot, running transactions) comes with it,
 * marked as its preamble. Connections without a session stay behind. OUT_EXISTS, CANNOT_WRITE, NETWORK_FILE_SYSTEM.
 */
export async function cutRecording(reader: Reader, out: string, cut: Cut = {}): Promise<CutSummary> {
  const { recording: original } = reader;
  const { label, upstream, startedAtUs, startedMonoUs } = original;
  const toolVersion = cut.toolVersion ?? original.toolVersion;
  const endedAtUs = original.endedAtUs ?? (await reader.span())?.toUs ?? startedAtUs;
  const head = newRecording({
    ...{ kind: 'cut', toolVersion, label, upstream, source: original.uuid },
    pseudonymKey: original.pseudonymKey,
  });
  const copy = new Copy(reader, cut.slice ?? {});
  await writeFile(out, { ...head, startedAtUs, startedMonoUs, endedAtUs }, async (writer) => {
    for await (const session of reader.sessions()) {
      if (cut.sessions?.(session) ?? true) await copy.session(session, writer);
    }
    await copy.rest(writer);
    return copy.beginning ?? {};
  });
  return copy.summary;
}

/** A cut on its way. */
class Copy {
  readonly summary: CutSummary = { sessions: 0, connections: 0, frames: 0 };
  /** When the first event of the cut was. */
  beginning: Pick<Recording, 'startedAtUs' | 'startedMonoUs'> | null = null;
  readonly #reader: Reader;
  readonly #slice: Slice;
  readonly #connections = new Set<number>();
  readonly #sessions = new Set<number>();

  constructor(reader: Reader, slice: Slice) {
    this.#reader = reader;
    this.#slice = slice;
  }

  /** Copies one session; nothing of it when it says nothing in the slice. */
  async session(session: Session, writer: EntryWriter): Promise<void> {
    let isEmpty = true;
    const preamble = await this.#preamble(session);
    for await (const event of this.#reader.events(session.id, this.#slice)) {
      isEmpty = false;
      this.#event(event, writer);
      if (event.kind === 'opened' && event.connection.status === 101) {
        for (const frame of preamble.splice(0)) this.#event(before(frame, event.connection), writer);
      }
    }
    if (isEmpty && isSliced(this.#slice)) return;
    writer.entry({ kind: 'session', session: { ...session, replays: session.id } });
    for (const binding of await this.#reader.bindings(session.id)) writer.entry({ kind: 'binding', binding });
    for (const departure of await this.#reader.departures(session.id))
      writer.entry({ kind: 'departure', departure });
    for (const observation of await this.#reader.observations(session.id))
      writer.entry({ kind: 'observation', observation });
    this.#sessions.add(session.id);
    this.summary.sessions++;
  }

  /** Copies what belongs to no one session: outcomes and gaps. */
  async rest(writer: EntryWriter): Promise<void> {
    for (const outcome of await this.#reader.outcomes()) {
      if (this.#sessions.has(outcome.session)) writer.entry({ kind: 'outcome', outcome });
    }
    for (const gap of await this.#reader.gaps()) {
      if (this.#concerns(gap)) writer.entry({ kind: 'gap', gap });
    }
  }

  /** Calls and answers from before the slice that what it holds presumes: the charger was known, a transaction ran. */
  async #preamble(session: Session): Promise<Frame[]> {
    const { fromUs } = this.#slice;
    const standings = new Standings();
    if (fromUs === undefined) return [];
    const protocols = new Map<number, Protocol>();
    for await (const event of this.#reader.events(session.id, { toUs: fromUs })) {
      if (event.kind !== 'frame') {
        protocols.set(event.connection.id, protocolFor(event.connection.subprotocol));
        continue;
      }
      const protocol = protocols.get(event.frame.connection);
      if (protocol) standings.take(event.frame, protocol);
    }
    const first = await this.#firstCall(session, protocols);
    const facts = first ? standings.presumedBy(first.frame, first.protocol) : [];
    return facts.flatMap(({ call, answer }) => [call.frame, answer.frame]);
  }

  async #firstCall(
    session: Session,
    protocols: Map<number, Protocol>,
  ): Promise<{ frame: Frame; protocol: Protocol } | null> {
    for await (const event of this.#reader.events(session.id, this.#slice)) {
      if (event.kind !== 'frame')
        protocols.set(event.connection.id, protocolFor(event.connection.subprotocol));
      else if (event.frame.sender === 'charger' && event.frame.messageType === 'call') {
        return { frame: event.frame, protocol: protocols.get(event.frame.connection) ?? protocolFor(null) };
      }
    }
    return null;
  }

  #event(event: SessionEvent, writer: EntryWriter): void {
    if (event.kind === 'opened') {
      writer.entry({ kind: 'connection', connection: { ...event.connection, ...NO_END } });
      this.#connections.add(event.connection.id);
      this.summary.connections++;
      this.#begin(event.connection.openedAtUs, event.connection.openedMonoUs);
    } else if (event.kind === 'closed') {
      writer.entry({ kind: 'connection', connection: event.connection });
    } else {
      const { frame } = event;
      const link = {
        recording: this.#reader.recording.uuid,
        replays: frame.id,
        scheduledUs: null,
        source: null,
      };
      writer.entry({ kind: 'frame', frame });
      writer.entry({ kind: 'link', link: event.link ?? { frame: frame.id, ...link } });
      this.summary.frames++;
      this.#begin(frame.atUs, frame.monoUs);
    }
  }

  #begin(startedAtUs: number, startedMonoUs: number): void {
    if (startedAtUs < (this.#slice.fromUs ?? 0)) return;
    if (this.beginning === null || startedMonoUs < this.beginning.startedMonoUs) {
      this.beginning = { startedAtUs, startedMonoUs };
    }
  }

  #concerns(gap: Gap): boolean {
    const { fromUs = Number.NEGATIVE_INFINITY, toUs = Number.POSITIVE_INFINITY } = this.#slice;
    const isMeant = gap.connection === null || this.#connections.has(gap.connection);
    return isMeant && gap.toUs >= fromUs && gap.fromUs < toUs;
  }
}

/** A frame from before the slice, as one that begins a connection in it. */
function before(frame: Frame, { id, openedMonoUs }: Connection): SessionEvent {
  const flags = frame.flags | FrameFlag.preamble;
  return {
    kind: 'frame',
    id: frame.id,
    frame: { ...frame, connection: id, monoUs: openedMonoUs, flags },
    link: null,
  };
}

/** A connection of which the end has not been seen. */
const NO_END = {
  closedId: null,
  closedAtUs: null,
  closedMonoUs: null,
  endedBy: null,
  ending: null,
  closeCode: null,
  closeReason: null,
} satisfies Partial<Connection>;

function isSliced(slice: Slice): boolean {
  return slice.fromUs !== undefined || slice.toUs !== undefined;
}
