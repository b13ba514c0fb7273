import type { Side } from '../ocpp/message.ts';
import type { Gap } from '../session/recording.ts';
import type { Delays } from './delay-window.ts';

/** Why the recording is not as it should be, and since when. */
export interface RecordingFault {
  /** Such as `DISK_FULL`; `OFF` while recording is switched off. */
  code: string;
  sentence: string;
  sinceUs: number;
}

/**
 * How a recorder is, at one moment: what the admin port tells as JSON at `/state` and as metrics at `/metrics`. Made of
 * counters in memory, so asking often costs little and never touches the disk. Counters count from the start of the
 * process; times are µs since the epoch; delays are of the last five seconds, ms.
 */
export interface RecorderState {
  atUs: number;
  startedAtUs: number;
  pid: number;
  version: string;
  /** Where chargers connect, and the CSMS. */
  url: string;
  upstream: string;
  recording: {
    uuid: string;
    /** The file that is being written, and which part of the recording it is. */
    file: string;
    part: number;
    /** False while switched off, by whomever. */
    isOn: boolean;
    /** Null when all is well. */
    fault: RecordingFault | null;
    /** Rows waiting to be committed; rows that were forwarded first; times the hold ran out. */
    queuedFrames: number;
    lateFrames: number;
    expiries: number;
    /** Gaps, the frames missing in them, and the newest of them, oldest first. */
    gaps: number;
    missingFrames: number;
    newestGaps: readonly Gap[];
    walBytes: number;
  };
  traffic: {
    /** False while draining, or while `--strict` refuses. */
    isAccepting: boolean;
    isDraining: boolean;
    /** TCP connections open now, and since the start. */
    open: number;
    connections: number;
    frames: Record<Side, number>;
    bytes: Record<Side, number>;
    /** Handshakes that were not accepted, by status. */
    refusals: Record<number, number>;
    /** Connections that did not get as far as a request; that pass unrecorded, as asked for; that were one too many. */
    turnedAway: number;
    unrecorded: number;
    overLimit: number;
    /** Times a tap failed. */
    faults: number;
  };
  chargers: { known: number; connected: number };
  delays: {
    /** How late the event loop comes round. */
    loop: Delays;
    /** How long a commit takes. */
    commit: Delays;
    /** How long frames waited to be on record: the latency that recording adds. */
    hold: Delays;
  };
}

/** One charger in the answer of `/state`. */
export interface ChargerState {
  /** Session id in the recording. */
  session: number;
  identity: string;
  endpoint: string;
  vendor: string | null;
  model: string | null;
  firmware: string | null;
  open: number;
  connections: number;
  frames: number;
  lastAtUs: number;
  lastAction: string | null;
  /** Transactions that are running, as far as was seen. */
  charging: number;
}

/** Which chargers `/state` lists: `?limit=N&after=SESSION&since=US`. */
export interface ChargerQuery {
  limit: number;
  after: number;
  sinceUs: number;
}

/** The answer of `/state`: the recorder, and a page of its chargers in the order of session ids; `next` is the `after` of the next page. */
export type StateAnswer = RecorderState & { page: { chargers: ChargerState[]; next: number | null } };
