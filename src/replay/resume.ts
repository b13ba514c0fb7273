import assert from 'node:assert';
import type { Entry, Reader, Recorder, Session, SessionEvent } from '../session/recording.ts';

/** Entries that are handed to the recorder before it may catch up. */
const BATCH = 1_000;

/**
 * Copies the sessions of an interrupted run that ran to their end into the recorder of its continuation, frame ids and all; every
 * session keeps its id there. Returns which sessions of the replayed recording need not be played again.
 */
export async function copyFinished(run: Reader, recorder: Recorder): Promise<Set<number>> {
  const outcomes = new Map((await run.outcomes()).map((outcome) => [outcome.session, outcome]));
  const finished: Session[] = [];
  for await (const session of run.sessions()) {
    const { id } = recorder.session(session.identity, session.endpoint);
    assert(id === session.id, 'sessions of a run are numbered in their order');
    if (outcomes.get(session.id)?.complete) finished.push(session);
  }
  const copy = new Copy(recorder);
  for (const session of finished) {
    await copy.entry({ kind: 'session', session });
    for await (const event of run.events(session.id)) await copy.event(event);
    for (const binding of await run.bindings(session.id)) await copy.entry({ kind: 'binding', binding });
    for (const departure of await run.departures(session.id))
      await copy.entry({ kind: 'departure', departure });
    await copy.entry({ kind: 'outcome', outcome: outcomes.get(session.id)! });
  }
  return new Set(finished.flatMap(({ replays }) => replays ?? []));
}

/** The highest ids that a run has given out: its continuation goes on from there. */
export async function lastIds(run: Reader): Promise<{ id: number; connection: number }> {
  const last = { id: 0, connection: 0 };
  for await (const session of run.sessions()) {
    for await (const event of run.events(session.id)) {
      last.id = Math.max(last.id, event.id);
      if (event.kind !== 'frame') last.connection = Math.max(last.connection, event.connection.id);
    }
  }
  return last;
}

class Copy {
  readonly #recorder: Recorder;
  #entries = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Puts one entry on record; waits now and then, so that the queue stays short. */
  async entry(entry: Entry): Promise<void> {
    this.#recorder.record(entry);
    if (++this.#entries % BATCH === 0) await new Promise<void>((done) => this.#recorder.whenOnRecord(done));
  }

  async event(event: SessionEvent): Promise<void> {
    if (event.kind !== 'frame') await this.entry({ kind: 'connection', connection: event.connection });
    else {
      await this.entry({ kind: 'frame', frame: event.frame });
      if (event.link) await this.entry({ kind: 'link', link: event.link });
    }
  }
}
