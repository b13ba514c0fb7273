import type { Filter } from '../filter/filter.ts';
import type { Side } from '../ocpp/message.ts';
import type { Gravity } from '../session/gravity.ts';
import type { Recording } from '../session/recording.ts';

/** How far the reading of a recording has come: rows read, of how many. */
export interface Progress {
  done: number;
  of: number;
}

/** What a connector last told. */
export interface ConnectorState {
  connector: number | null;
  status: string;
  isFault: boolean;
}

/** A transaction that is running. */
export interface RunningTransaction {
  id: string;
  connector: number | null;
  sinceUs: number;
}

/** What stands at a charger at some moment. */
export interface ChargerStanding {
  connectors: ConnectorState[];
  transactions: RunningTransaction[];
}

/** Whether a charger is connected, was turned away last, or is gone. */
export type Presence = 'online' | 'offline' | 'refused';

/** One line of the list of chargers. */
export interface ChargerRow extends ChargerStanding {
  session: number;
  /** `endpoint/identity`. */
  charger: string;
  /** Vendor, model and firmware, as far as they are known. */
  make: string;
  presence: Presence;
  connections: number;
  frames: number;
  calls: number;
  /** Calls a second: at the moment of a recording that grows, else over its span. */
  rate: number;
  firstAtUs: number | null;
  lastAtUs: number | null;
  /** The last message, in a word or two. */
  last: string;
  lastSender: Side | null;
  callErrors: number;
  malformed: number;
  refusals: number;
  /** Connections that ended otherwise than by a clean close. */
  drops: number;
  gravity: Gravity | null;
  /** Messages that the filter lets through; null without a filter. */
  matches: number | null;
}

/** Orders of the list of chargers. */
export const FLEET_ORDERS = ['worst', 'name', 'recent', 'busiest'] as const;
export type FleetOrder = (typeof FLEET_ORDERS)[number];

/** Which part of the list of chargers is wanted. */
export interface FleetQuery {
  filter: Filter;
  order: FleetOrder;
  /** Keep the places that the chargers had in the last answer; new ones come last. */
  hold: boolean;
  /** The window: its first row and how many. */
  top: number;
  rows: number;
  /** Session whose place in the list is wanted too. */
  selected: number | null;
}

/** What is true of the whole recording. */
export interface FleetTotals {
  chargers: number;
  online: number;
  charging: number;
  faulted: number;
  connections: number;
  frames: number;
  calls: number;
  callErrors: number;
  malformed: number;
  refusals: number;
  drops: number;
  gaps: { count: number; frames: number };
  /** Calls a second now (a recording that grows) or on average. */
  rate: number;
  /** Calls in each of the last seconds, the newest last; empty for a recording that has ended. */
  recentCalls: number[];
  /** Latency of the CSMS's answers, µs: of the last seconds while it grows, else of all; null without answers. */
  csmsLatency: { p50Us: number; p95Us: number; p99Us: number } | null;
  fromUs: number | null;
  toUs: number | null;
}

/** A window of the list of chargers. */
export interface FleetPart {
  rows: ChargerRow[];
  /** How many the filter lets through. */
  total: number;
  /** Place of the asked-for session; null when the filter hides it. */
  selectedAt: number | null;
  totals: FleetTotals;
  /** Null when all that is there was read. */
  reading: Progress | null;
  /** Of the filter; null when it has seen all. */
  filtering: Progress | null;
  /** Whether its recorder has not ended it. */
  isGrowing: boolean;
}

/** What a ladder is of, and which part of it is wanted. */
export interface LadderQuery {
  session: number;
  filter: Filter;
  top: number;
  rows: number;
  /** Row whose standing is wanted too. */
  selected: number;
}

/** One row of a ladder. */
export interface LadderRow {
  /** Place among the rows that the filter lets through. */
  index: number;
  /** Place in the recording-wide order. */
  id: number;
  kind: 'frame' | 'opened' | 'closed' | 'gap';
  atUs: number;
  /** Since the row before it, µs; null for the first. */
  sinceUs: number | null;
  /** Number of the connection in this session, from 1. */
  connection: number;
  sender: Side | 'chargetape';
  /** `call`, `result`, `ping` and the like. */
  what: string;
  action: string;
  /** Key fields, on one line. */
  text: string;
  tookUs: number | null;
  gravity: Gravity | null;
}

/** A window of a ladder. */
export interface LadderPart {
  rows: LadderRow[];
  total: number;
  reading: Progress | null;
  /** What stood after the asked-for row; null when there is no such row. */
  standing: ChargerStanding | null;
  isGrowing: boolean;
}

/** A frame, opening or end in full: what is known of it beside its text. */
export interface RowDetail {
  id: number;
  title: string;
  facts: [name: string, value: string][];
  text: string;
}

/** A recording as a person looks at it. It is read in a thread of its own: no key waits for the disk. */
export interface Viewer {
  readonly path: string;
  readonly recording: Recording;
  fleet(query: FleetQuery): Promise<FleetPart>;
  ladder(query: LadderQuery): Promise<LadderPart>;
  /** Place in the filtered ladder of the row with this id, or of the one before it; null when there is none. */
  ladderPlace(session: number, filter: Filter, id: number): Promise<number | null>;
  /** Place of the next (or, with a negative direction, previous) row of medium or high gravity, or of one of these ids. */
  nextTrouble(query: TroubleQuery): Promise<number | null>;
  detail(session: number, id: number): Promise<RowDetail | null>;
  /** The session of this name (`endpoint/identity`); null when there is none. */
  sessionNamed(name: string): Promise<number | null>;
  /** Values that the filter's completion may offer, by field. */
  known(): Promise<Record<string, string[]>>;
  /** Calls back when more was read, or the recording has grown; at most a few times a second. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Where to look for trouble from, and what counts. */
export interface TroubleQuery {
  session: number;
  filter: Filter;
  from: number;
  direction: 1 | -1;
  /** Ids of rows that count; null: rows of medium or high gravity. */
  ids: readonly number[] | null;
}
