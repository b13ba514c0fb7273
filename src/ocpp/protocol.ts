import type { Json, Path, PathPattern } from './json.ts';
import type { Side } from './message.ts';
import type { Schema } from './schema.ts';

export type { Path, PathPattern } from './json.ts';

/** Which payload of an exchange: the call's or the result's. */
export type Part = 'call' | 'result';

/** One place where a payload carries something of interest. */
export interface Site {
  action: string;
  part: Part;
  path: PathPattern;
}

/** A class of ids that the CSMS issues and either side uses afterwards (never mapped by equal value across classes). */
export interface IdClass {
  name: string;
  /** Where the CSMS issues one: in an answer (`result`) or in a command (`call`). */
  issued: readonly Site[];
  /** Where either side names one again. */
  used: readonly Site[];
  /** What to make of an id that was issued before the recording began; absent for classes of which that does not matter. */
  orphans?: OrphanRule;
}

/** What to make of ids whose issuing is not in the recording, such as a transaction that was running at its beginning. */
export interface OrphanRule {
  /** Whether a CSMS may have issued this value (plain text); quirks such as 0, -1 or 2^63-1 are the charger's own. */
  isPlausible(value: string): boolean;
  /** The call that lets the CSMS issue one, made up from the calls that name it, in order; `at` is the first one's time. */
  start(calls: readonly Json[], at: Date): { action: string; payload: Json };
  /** Where the answer to that call has the id. */
  path: Path;
}

/** A command that provokes something of the charger's. */
export interface CausalEdge {
  command: string;
  /** Action of the provoked call; null: the charger ends the connection. */
  provokes: string | null;
  /** Whether this call of the charger is the one provoked by this command. */
  matches(command: Json, call: Json): boolean;
  /** What replay does with the provoked step when the command never comes: leave it out, or do it anyway. */
  whenMissing: 'skip' | 'continue';
  /** Whether one more matching call, after those before it, comes of the same command; without it, only the first does. */
  more?(command: Json, call: Json, before: readonly Json[]): boolean;
  /** How long after the command it may still come, s; 60 when not given. */
  withinSeconds?: number;
  /** Places that the provoked call has from its command: what the command says there, the charger says too. */
  carries?: readonly { from: Path; to: Path }[];
}

/** An exchange that is over: a call of either side and the payload of its result. */
export interface Exchanged {
  caller: Side;
  action: string;
  call: Json;
  result: Json;
}

/** A charger as far as its answers to commands depend on what happened before. Changes with what it is told. */
export interface ChargerState {
  /** Takes an exchange of the recording: what this charger is able to, and its settings at the beginning. */
  recall(exchange: Exchanged): void;
  /** Takes an exchange that just took place. Whether a question (see `isQuery`) is answered otherwise because of it. */
  learn(exchange: Exchanged): boolean;
  /** What the charger says to a command now; null when its state does not decide that. `nowMs` is the wall clock, ms since the epoch. */
  answer(action: string, payload: Json, nowMs: number): DefaultAnswer | null;
}

/** The answer a conforming charger gives to a command it has no recorded answer for. */
export type DefaultAnswer = { result: Json } | { errorCode: string };

/** What the CSMS says of a tag. */
export interface TagVerdict {
  tag: string;
  status: string;
  parent: string | null;
}

/**
 * Something that an answered call makes true until a later one with the same key replaces or ends it: a call of the charger at the CSMS,
 * or a command of the CSMS (kind `command`) at the charger.
 */
export interface Standing {
  key: string;
  kind: 'introduction' | 'status' | 'command' | 'transaction';
  ends: boolean;
  /** When it ends by itself, ms since the epoch. */
  untilMs?: number;
  /** What it is in a word: a connector's status, a transaction's id. */
  says?: string;
  /** Whether it tells that something is broken. */
  isFault?: boolean;
}

/** Something that a CSMS gave to a charger or knows of it, so that another one has to know it too. */
export type Provision =
  | { kind: 'setting'; key: string; value: string }
  /** `certificate`: what it is known by; `use`: what it is for. */
  | { kind: 'certificate'; certificate: string; use: string };

/** A place of a charger's call that tells how far an energy meter has counted. */
export interface Register {
  path: Path;
  /** The connector whose meter it is; null when only the transaction tells. */
  connector: string | null;
  /** The transaction that it belongs to, as text; null when the call names none. */
  transaction: string | null;
  /** Which of a connector's meters: phase and place; empty for the one that meterStart and meterStop tell. */
  meter: string;
  /** What is written there, as text. */
  text: string;
  /** Watt-hours that one of its unit is. */
  unitWh: number;
}

/** All that is specific to one OCPP version; nothing outside `ocpp/` names a version, an action or a field. */
export interface Protocol {
  subprotocol: string;
  /** Names of all actions of the version, sorted by who calls them. */
  actions: readonly string[];
  /** Who may call this action; null for an action the version does not know. */
  callerOf(action: string): Side | 'both' | null;
  idClasses: readonly IdClass[];
  /** Places of RFC 3339 times (from the schemas' `date-time` formats). */
  timePaths(action: string, part: Part): readonly PathPattern[];
  /** Places whose time is an expiry: any future value is as good as another. */
  isExpiry(action: string, part: Part, path: Path): boolean;
  /** Whether the schema lists the values of this field. */
  isEnum(action: string, part: Part, path: Path): boolean;
  /** Whether the schema allows this value (no array or object) at this place: its list, its length, its 32 bits. */
  allows(action: string, part: Part, path: Path, value: Json): boolean;
  /** Field that tells the objects of this array apart, whatever their order; null (or no function) for arrays that are sequences. */
  itemKey?(action: string, part: Part, path: Path): string | null;
  /** What identifies a command among others of its action (key fields, as text); equal keys are the same request. */
  commandKey(action: string, payload: Json): string;
  /** Whether it makes a difference to a charger which of two commands comes first. */
  depends(one: { action: string; payload: Json }, other: { action: string; payload: Json }): boolean;
  /** What identifies a charger's call when two captures are aligned. */
  callKey(action: string, payload: Json): string;
  /** What sort of call or command of its action this is, as text: the key fields that name no connector and no tag; null when there are none. */
  varietyOf(action: string, payload: Json): string | null;
  /** Whether a place of a charger's call differs from day to day by nature: readings, and how many there are. */
  isReading(action: string, path: Path): boolean;
  /** The JSON schema (draft 7) of a call or of its result; null for an action that there is not. */
  schemaOf(action: string, part: Part): Schema | null;
  /** Where a charger's call tells how far its energy meters have counted. */
  registers(action: string, call: Json): Register[];
  /** Actions that a charger repeats as time goes by. */
  periodic: ReadonlySet<string>;
  /** Commands that only an operator, app or cron starts, unless a rule says otherwise. */
  isExternal(action: string): boolean;
  /** Calls whose answer may make the CSMS send a command (design: Boot, Status, StartTransaction, DataTransfer). */
  stimulates(action: string): boolean;
  edges: readonly CausalEdge[];
  defaultAnswer(action: string, payload: Json): DefaultAnswer;
  /** A charger of which nothing is known yet. */
  newChargerState(): ChargerState;
  /** Commands that ask how the charger stands now: an answer recorded for another one of the action would be no answer. */
  isQuery(action: string): boolean;
  /** Whether this result lets the charger go on to anything else; null for calls of which nothing depends on that. */
  admits(action: string, result: Json): boolean | null;
  /** How long a charger that such a result does not let go on waits before it asks again, s; 0 when that is left to it. */
  askAgainSeconds(result: Json): number;
  /** Actions whose calls may tell `chargerFacts`. */
  introducing: ReadonlySet<string>;
  /** Vendor, model and firmware when this call tells them; null otherwise. */
  chargerFacts(
    action: string,
    payload: Json,
  ): { vendor: string | null; model: string | null; firmware: string | null } | null;
  /** The error code under its correct or misspelt name, as one (OCPP-J 1.6 errata). */
  canonicalErrorCode(code: string): string;
  /** How grave a difference at this place is, for sorting. */
  severity(action: string | null, path: Path): 'high' | 'medium' | 'low';
  /** Every place of a tag: what a person charges with. */
  tagSites: readonly Site[];
  /** Member of an answer under which all is that it says of the call's tag. */
  tagField: string;
  /** Places where a charger may repeat its own identity. */
  identitySites: readonly Site[];
  /** What the CSMS says of the tag that a call of the charger names; null when it says nothing. */
  tagVerdict(call: Json, result: Json): TagVerdict | null;
  /** What an exchange that is over shows of what the CSMS gave to the charger. */
  provisions(exchange: Exchanged): Provision[];
  /** The connector that a call is about; null for none. */
  connectorOf(call: Json): number | null;
  /** Actions whose calls may make something true that lasts. */
  lasting: ReadonlySet<string>;
  /** What an answered call makes true, or ends; none for nothing that lasts. */
  standing(action: string, call: Json, result: Json): readonly Standing[];
  /**
   * The charger's call that ends what such a call made true; null when nothing is to be ended. `meterWh` is what the meter of its transaction
   * was last said to show; null when nothing was said.
   */
  undoing(
    action: string,
    call: Json,
    result: Json,
    told: { at: Date; meterWh: number | null },
  ): { action: string; payload: Json } | null;
  /** Actions whose calls may tell registers of a running transaction. */
  metering: ReadonlySet<string>;
  /** The call by which a charger makes itself known. */
  introduction(vendor: string | null, model: string | null): { action: string; payload: Json };
}
