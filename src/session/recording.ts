import type { Connection } from './connection.ts';
import type { Frame } from './frame.ts';

/** What a recording is: taken from live traffic, made by a replay, imported, or cut from another. */
export type RecordingKind = 'capture' | 'run' | 'import' | 'cut';

/** The head of a recording, one row per part file; a reader of several parts gives that of the first, with the end of the last. */
export interface Recording {
  uuid: string;
  part: number;
  kind: RecordingKind;
  /** Version of the file format (`PRAGMA user_version`). */
  format: number;
  toolVersion: string;
  label: string | null;
  /** URL of the CSMS it was recorded from or replayed against, without credentials. */
  upstream: string | null;
  /** For a run or a cut: uuid of the recording it came from. */
  source: string | null;
  /** Of a run: which part of it is played here, such as `1/4`; null for all. */
  shard: string | null;
  /** Fingerprint of the key behind the pseudonyms in it; null when persons are named as they are. */
  pseudonymKey: string | null;
  startedAtUs: number;
  startedMonoUs: number;
  /** Null while it is written, or when its writer was killed. */
  endedAtUs: number | null;
  /** Frames in the parts before this one. */
  framesBefore: number;
  /** Whether another part follows. */
  continued: boolean;
}

/** Everything one charger said in one recording. */
export interface Session {
  id: number;
  /** Last non-empty path segment, percent-decoded. */
  identity: string;
  /** Path before the identity, without a trailing slash; may be empty. */
  endpoint: string;
  vendor: string | null;
  model: string | null;
  firmware: string | null;
  /** Of a run or cut: the session of `Recording.source` that it came from. */
  replays: number | null;
}

/** What is missing from a recording: when, how much and why. */
export interface Gap {
  fromUs: number;
  toUs: number;
  /** Connection it concerns; null for all. */
  connection: number | null;
  frames: number;
  bytes: number;
  reason: string;
}

/** Where a frame of a run or cut comes from. Links name (uuid, frame id), never a path. */
export interface Link {
  frame: number;
  /** Uuid of the recording the frame came from. */
  recording: string;
  /** Frame id in that recording; null when a charger's answer had no recorded original. */
  replays: number | null;
  /** When the schedule wanted it sent, µs of the run's monotonic clock. */
  scheduledUs: number | null;
  /** Where a charger's answer to a command came from. */
  source: AnswerSource | null;
}

/**
 * Source of a virtual charger's answer: the matching recorded command's, that action's, the state that it keeps (configuration,
 * local list, running transactions), or a conforming default.
 */
export type AnswerSource = 'recorded' | 'action' | 'state' | 'default';

/**
 * One id the CSMS issued, or one name that the run was told to use instead (classes `identity` and `idTag`): what it was in the
 * recording, what it is in the run. Values are exact JSON texts.
 */
export interface Binding {
  session: number;
  /** Id class, such as `transactionId`. */
  idClass: string;
  recorded: string;
  live: string;
  /** Frame of the run that issued it; 0 for a name. */
  frame: number;
}

/** How the replay of one session went. */
export interface Outcome {
  session: number;
  complete: boolean;
  /** Why it is incomplete, in words; null when complete. */
  reason: string | null;
  /** Frames of the recording that were not sent because an external command did not come, or an id was refused. */
  notSent: number;
}

/**
 * What a run departs from its recording in: a command that should have come and did not; one that nobody made the CSMS send;
 * a charger that the CSMS did not admit, or that had to ask more often; a transaction that was running when the recording began, sent as recorded, started first, or left out.
 */
export type DepartureKind =
  | 'command-missing'
  | 'not-stimulated'
  | 'not-admitted'
  | 'asked-again'
  | 'orphan-kept'
  | 'orphan-started'
  | 'orphan-skipped';

/** Where a run departs from its recording, and what follows. */
export interface Departure {
  session: number;
  kind: DepartureKind;
  /** Frame of the recording that it is about: the command, the call that was not admitted, the first that names the transaction. */
  frame: number;
  /** Action of that frame. */
  action: string;
  /** Frames of the recording that were not sent because of it. */
  notSent: number;
  /** More about it, in words; null when there is no more to say. */
  reason: string | null;
}

/** What a probe saw of the system under test at one point of a run. */
export interface Observation {
  session: number;
  /** Name of the probe. */
  probe: string;
  /** The charger's call whose answer it followed, by frame id of the run; null at the end of the session. */
  frame: number | null;
  /** When it was seen, µs since the epoch. */
  atUs: number;
  /** JSON text of what was seen; null when the probe failed. */
  value: string | null;
  /** Why it failed, in words without secrets; null when it did not. */
  failure: string | null;
}

/** Everything that can be put on record. A connection or session given again replaces its row. */
export type Entry =
  | { kind: 'frame'; frame: Frame }
  | { kind: 'connection'; connection: Connection }
  | { kind: 'session'; session: Session }
  | { kind: 'gap'; gap: Gap }
  | { kind: 'link'; link: Link }
  | { kind: 'binding'; binding: Binding }
  | { kind: 'outcome'; outcome: Outcome }
  | { kind: 'departure'; departure: Departure }
  | { kind: 'observation'; observation: Observation };

/** Puts entries on record. The proxy and the replay write through it and never see the store. */
export interface Recorder {
  readonly recording: Recording;
  /** Next place in the recording-wide order, for a frame or a connection's opening or end. */
  nextId(): number;
  /** Next id of a connection. */
  nextConnectionId(): number;
  /** The session of this identity and endpoint, made and put on record at first sight. */
  session(identity: string, endpoint: string): Session;
  /** Queues an entry; all entries of one event-loop turn are committed together. Never throws, never blocks. */
  record(entry: Entry): void;
  /** Calls back when everything recorded so far is on record, or its hold has run out; at once when it already is. In order. */
  whenOnRecord(done: () => void): void;
  /** Commits what is queued and makes the part one plain file. */
  close(): Promise<void>;
}

/** A part of a recording: connection openings, frames and endings of one session, in recording order. */
export type SessionEvent =
  | { kind: 'opened'; id: number; connection: Connection }
  | { kind: 'frame'; id: number; frame: Frame; link: Link | null }
  | { kind: 'closed'; id: number; connection: Connection };

/** From and to (half-open), µs since the epoch. */
export interface Slice {
  fromUs?: number;
  toUs?: number;
}

/** What a listing shows of a session without reading its frames' payloads. */
export interface SessionSummary extends Session {
  connections: number;
  frames: number;
  calls: number;
  firstAtUs: number | null;
  lastAtUs: number | null;
}

/** Reads a recording, read-only, page by page; a recording of millions of frames is never loaded whole. */
export interface Reader {
  readonly recording: Recording;
  /** Sessions in id order. */
  sessions(): AsyncIterable<Session>;
  summaries(): AsyncIterable<SessionSummary>;
  /** Events of one session in recording order. */
  events(session: number, slice?: Slice): AsyncIterable<SessionEvent>;
  /** The frames of these ids that there are, in the order given. */
  frames(ids: readonly number[]): AsyncIterable<Frame>;
  /** One frame that `events` has given, read again at once: for those who keep places instead of payloads. */
  frame(id: number): Frame;
  /** Connections without a session: ordinary HTTP and bytes that were no HTTP. */
  strays(): AsyncIterable<Connection>;
  gaps(): Promise<Gap[]>;
  bindings(session: number): Promise<Binding[]>;
  outcomes(): Promise<Outcome[]>;
  /** Of a run: where its session departs from the recording, in the order of recording. */
  departures(session: number): Promise<Departure[]>;
  /** Of a run: what its probes saw in a session, in the order of recording. */
  observations(session: number): Promise<Observation[]>;
  /** Wall clock of the first and last event, µs; null for an empty recording. */
  span(): Promise<{ fromUs: number; toUs: number } | null>;
  close(): void;
}
