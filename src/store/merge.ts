import { ChargetapeError } from '../errors.ts';
import type { Connection } from '../session/connection.ts';
import type { Frame } from '../session/frame.ts';
import type { Reader, Session, SessionEvent } from '../session/recording.ts';
import type { EntryWriter } from './entry-writer.ts';
import { writeFile } from './new-file.ts';
import { newRecording } from './recording-writer.ts';

/** What a merge brought together. */
export interface MergeSummary {
  shards: number;
  sessions: number;
  connections: number;
  frames: number;
}

/**
 * Makes one run of the shards of a run, whole: sessions in their shards' order, ids counted on from shard to shard. OUT_EXISTS, CANNOT_WRITE,
 * NETWORK_FILE_SYSTEM; MISSING_SHARD when one is missing or there twice, BAD_SHARDS when they are not of one run.
 */
export async function mergeRuns(
  runs: readonly Reader[],
  out: string,
  toolVersion: string,
): Promise<MergeSummary> {
  const shards = inOrder(runs);
  const [first] = shards;
  const { label, upstream, source } = first!.recording;
  const head = newRecording({ kind: 'run', toolVersion, label, upstream, source });
  const startedAtUs = Math.min(...shards.map(({ recording }) => recording.startedAtUs));
  const endedAtUs = Math.max(...shards.map(({ recording }) => recording.endedAtUs ?? recording.startedAtUs));
  const { startedMonoUs } = first!.recording;
  const summary: MergeSummary = { shards: shards.length, sessions: 0, connections: 0, frames: 0 };
  await writeFile(out, { ...head, startedAtUs, startedMonoUs, endedAtUs }, async (writer) => {
    const merge = new Merge(writer, summary);
    for (const shard of shards) await merge.shard(shard);
    return {};
  });
  return summary;
}

/** The shards by their number. */
function inOrder(runs: readonly Reader[]): Reader[] {
  const [first] = runs;
  const of = Number(first?.recording.shard?.split('/')[1] ?? Number.NaN);
  for (const { recording } of runs) {
    if (recording.shard === null || recording.kind !== 'run') {
      throw new ChargetapeError('BAD_SHARDS', `Recording ${recording.uuid} is no shard of a run.`);
    }
    if (recording.source !== first!.recording.source || Number(recording.shard.split('/')[1]) !== of) {
      throw new ChargetapeError('BAD_SHARDS', `Recording ${recording.uuid} is a shard of another run.`);
    }
  }
  const byIndex = new Map(runs.map((run) => [Number(run.recording.shard!.split('/')[0]), run]));
  if (byIndex.size < runs.length) throw new ChargetapeError('MISSING_SHARD', 'A shard was given twice.');
  return Array.from({ length: of }, (_, index) => {
    const shard = byIndex.get(index + 1);
    if (shard) return shard;
    throw new ChargetapeError('MISSING_SHARD', `Shard ${index + 1}/${of} is missing.`);
  });
}

/** A merge on its way: how far ids have been given out. */
class Merge {
  readonly #writer: EntryWriter;
  readonly #summary: MergeSummary;
  #ids = 0;
  #connections = 0;
  #sessions = 0;

  constructor(writer: EntryWriter, summary: MergeSummary) {
    this.#writer = writer;
    this.#summary = summary;
  }

  /** Copies one shard behind those before it. */
  async shard(run: Reader): Promise<void> {
    const before = { ids: this.#ids, connections: this.#connections, sessions: this.#sessions };
    const moved = (id: number) => (id === 0 ? 0 : id + before.ids);
    for await (const session of run.sessions()) await this.#session(run, session, before);
    for (const outcome of await run.outcomes()) {
      this.#writer.entry({
        kind: 'outcome',
        outcome: { ...outcome, session: outcome.session + before.sessions },
      });
    }
    for (const gap of await run.gaps()) {
      const connection = gap.connection === null ? null : gap.connection + before.connections;
      this.#writer.entry({ kind: 'gap', gap: { ...gap, connection } });
    }
    for await (const session of run.sessions()) {
      const id = session.id + before.sessions;
      for (const binding of await run.bindings(session.id)) {
        const frame = moved(binding.frame);
        this.#writer.entry({ kind: 'binding', binding: { ...binding, session: id, frame } });
      }
      for (const departure of await run.departures(session.id)) {
        this.#writer.entry({ kind: 'departure', departure: { ...departure, session: id } });
      }
      for (const observation of await run.observations(session.id)) {
        const frame = observation.frame === null ? null : moved(observation.frame);
        this.#writer.entry({ kind: 'observation', observation: { ...observation, session: id, frame } });
      }
    }
  }

  async #session(run: Reader, session: Session, before: Before): Promise<void> {
    const id = session.id + before.sessions;
    this.#sessions = Math.max(this.#sessions, id);
    this.#summary.sessions++;
    this.#writer.entry({ kind: 'session', session: { ...session, id } });
    for await (const event of run.events(session.id)) this.#event(event, before);
  }

  #event(event: SessionEvent, before: Before): void {
    this.#ids = Math.max(this.#ids, event.id + before.ids);
    if (event.kind !== 'frame') {
      const connection = movedConnection(event.connection, before);
      this.#connections = Math.max(this.#connections, connection.id);
      if (event.kind === 'opened') this.#summary.connections++;
      this.#writer.entry({ kind: 'connection', connection });
      return;
    }
    const frame = movedFrame(event.frame, before);
    this.#summary.frames++;
    this.#writer.entry({ kind: 'frame', frame });
    if (event.link) this.#writer.entry({ kind: 'link', link: { ...event.link, frame: frame.id } });
  }
}

/** Ids that the shards before this one have used. */
interface Before {
  ids: number;
  connections: number;
  sessions: number;
}

function movedConnection(connection: Connection, { ids, connections, sessions }: Before): Connection {
  const { id, session, openedId, closedId } = connection;
  return {
    ...connection,
    id: id + connections,
    session: session === null ? null : session + sessions,
    openedId: openedId + ids,
    closedId: closedId === null ? null : closedId + ids,
  };
}

function movedFrame(frame: Frame, { ids, connections }: Before): Frame {
  const { id, connection, answers } = frame;
  return {
    ...frame,
    id: id + ids,
    connection: connection + connections,
    answers: answers === null ? null : answers + ids,
  };
}
