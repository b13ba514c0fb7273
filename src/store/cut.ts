import type { Connection } from '../session/connection.ts';
import type { Gap, Reader, Recording, Session, SessionEvent, Slice } from '../session/recording.ts';
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
 * slice has no end in it. Connections without a session stay behind. OUT_EXISTS, CANNOT_WRITE, NETWORK_FILE_SYSTEM.
 */
export async function cutRecording(reader: Reader, out: string, cut: Cut = {}): Promise<CutSummary> {
  const { recording: original } = reader;
  const { label, upstream, startedAtUs, startedMonoUs } = original;
  const toolVersion = cut.toolVersion ?? original.toolVersion;
  const endedAtUs = original.endedAtUs ?? (await reader.span())?.toUs ?? startedAtUs;
  const head = newRecording({ kind: 'cut', toolVersion, label, upstream, source: original.uuid });
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
    for await (const event of this.#reader.events(session.id, this.#slice)) {
      isEmpty = false;
      this.#event(event, writer);
    }
    if (isEmpty && isSliced(this.#slice)) return;
    writer.entry({ kind: 'session', session: { ...session, replays: session.id } });
    for (const binding of await this.#reader.bindings(session.id)) writer.entry({ kind: 'binding', binding });
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
