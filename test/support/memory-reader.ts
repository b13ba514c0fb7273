import type { Connection } from '../../src/session/connection.ts';
import type { Frame } from '../../src/session/frame.ts';
import type {
  Binding,
  Departure,
  Gap,
  Observation,
  Outcome,
  Reader,
  Recording,
  Session,
  SessionEvent,
  SessionSummary,
  Slice,
} from '../../src/session/recording.ts';

/** What a recording in memory holds; events by session id, in recording order. */
export interface Contents {
  recording: Recording;
  sessions: Session[];
  events: Map<number, SessionEvent[]>;
  gaps?: Gap[];
  outcomes?: Outcome[];
  bindings?: Binding[];
  departures?: Departure[];
  observations?: Observation[];
  strays?: Connection[];
}

/** A recording that is in memory, read like one on disk. */
export class MemoryReader implements Reader {
  readonly contents: Contents;

  constructor(contents: Contents) {
    this.contents = contents;
  }

  get recording(): Recording {
    return this.contents.recording;
  }

  async *sessions(): AsyncIterable<Session> {
    yield* this.contents.sessions;
  }

  async *summaries(): AsyncIterable<SessionSummary> {
    for (const session of this.contents.sessions) {
      const frames = this.framesOf(session.id);
      const connections = this.eventsOf(session.id).filter(({ kind }) => kind === 'opened');
      yield {
        ...session,
        connections: connections.length,
        frames: frames.length,
        calls: frames.filter(({ messageType }) => messageType === 'call').length,
        firstAtUs: frames[0]?.atUs ?? null,
        lastAtUs: frames.at(-1)?.atUs ?? null,
      };
    }
  }

  async *events(session: number, slice: Slice = {}): AsyncIterable<SessionEvent> {
    const { fromUs = Number.NEGATIVE_INFINITY, toUs = Number.POSITIVE_INFINITY } = slice;
    for (const event of this.eventsOf(session))
      if (event.kind !== 'frame' || (event.frame.atUs >= fromUs && event.frame.atUs < toUs)) yield event;
  }

  async *frames(ids: readonly number[]): AsyncIterable<Frame> {
    const all = this.contents.sessions.flatMap(({ id }) => this.framesOf(id));
    const byId = new Map(all.map((frame) => [frame.id, frame]));
    yield* ids.flatMap((id) => byId.get(id) ?? []);
  }

  frame(id: number): Frame {
    const event = [...this.contents.events.values()].flat().find((one) => one.id === id);
    if (event?.kind !== 'frame') throw new Error(`no frame ${id}`);
    return event.frame;
  }

  async *strays(): AsyncIterable<Connection> {
    yield* this.contents.strays ?? [];
  }

  gaps(): Promise<Gap[]> {
    return Promise.resolve(this.contents.gaps ?? []);
  }

  bindings(session: number): Promise<Binding[]> {
    return Promise.resolve((this.contents.bindings ?? []).filter((one) => one.session === session));
  }

  departures(session: number): Promise<Departure[]> {
    return Promise.resolve((this.contents.departures ?? []).filter((one) => one.session === session));
  }

  observations(session: number): Promise<Observation[]> {
    return Promise.resolve((this.contents.observations ?? []).filter((one) => one.session === session));
  }

  outcomes(): Promise<Outcome[]> {
    return Promise.resolve(this.contents.outcomes ?? []);
  }

  span(): Promise<{ fromUs: number; toUs: number } | null> {
    const times = this.contents.sessions.flatMap(({ id }) => this.framesOf(id).map(({ atUs }) => atUs));
    const span = times.length === 0 ? null : { fromUs: Math.min(...times), toUs: Math.max(...times) };
    return Promise.resolve(span);
  }

  close(): void {}

  private eventsOf(session: number): SessionEvent[] {
    return this.contents.events.get(session) ?? [];
  }

  private framesOf(session: number) {
    return this.eventsOf(session).flatMap((event) => (event.kind === 'frame' ? [event.frame] : []));
  }
}
