import type { Json, Path, PathPattern } from './json.ts';
import type { Side } from './message.ts';

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
}

/** The answer a conforming charger gives to a command it has no recorded answer for. */
export type DefaultAnswer = { result: Json } | { errorCode: string };

/** All that is specific to one OCPP version; nothing outside `ocpp/` names a version, an action or a field. */
export interface Protocol {
  subprotocol: string;
  /** Who may call this action; null for an action the version does not know. */
  callerOf(action: string): Side | 'both' | null;
  idClasses: readonly IdClass[];
  /** Places of RFC 3339 times (from the schemas' `date-time` formats). */
  timePaths(action: string, part: Part): readonly PathPattern[];
  /** Places whose time is an expiry: any future value is as good as another. */
  isExpiry(action: string, part: Part, path: Path): boolean;
  /** Whether the schema lists the values of this field. */
  isEnum(action: string, part: Part, path: Path): boolean;
  /** Field that tells the objects of this array apart, whatever their order; null (or no function) for arrays that are sequences. */
  itemKey?(action: string, part: Part, path: Path): string | null;
  /** What identifies a command among others of its action (key fields, as text); equal keys are the same request. */
  commandKey(action: string, payload: Json): string;
  /** What identifies a charger's call when two captures are aligned. */
  callKey(action: string, payload: Json): string;
  /** Commands that only an operator, app or cron starts, unless a rule says otherwise. */
  isExternal(action: string): boolean;
  /** Calls whose answer may make the CSMS send a command (design: Boot, Status, StartTransaction, DataTransfer). */
  stimulates(action: string): boolean;
  edges: readonly CausalEdge[];
  defaultAnswer(action: string, payload: Json): DefaultAnswer;
  /** Vendor, model and firmware when this call tells them; null otherwise. */
  chargerFacts(
    action: string,
    payload: Json,
  ): { vendor: string | null; model: string | null; firmware: string | null } | null;
  /** The error code under its correct or misspelt name, as one (OCPP-J 1.6 errata). */
  canonicalErrorCode(code: string): string;
  /** How grave a difference at this place is, for sorting. */
  severity(action: string | null, path: Path): 'high' | 'medium' | 'low';
}
