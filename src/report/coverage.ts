import type { Side } from '../ocpp/message.ts';
import type { Part } from '../ocpp/protocol.ts';

/** One action as one side calls it: how often, and how it was answered. */
export interface ActionCoverage {
  caller: Side;
  action: string;
  calls: number;
  /** Answers that are results; `empty` of them are `{}`. */
  results: number;
  empty: number;
  /** Refusals by error code. */
  errors: Record<string, number>;
  unanswered: number;
  /** What was said where the protocol lists the values: by JSON Pointer (`*` for array indexes), `result` for the answer's payload. */
  values: { part: Part; path: string; counts: Record<string, number> }[];
}

/** Chargers of one make. */
export interface MakeCoverage {
  vendor: string | null;
  model: string | null;
  firmware: string | null;
  sessions: number;
}

/** What a recording holds, so that "no differences" can be read for what it is. */
export interface Coverage {
  sessions: number;
  connections: number;
  /** Connections by HTTP status when that was not 101; `none` when no answer came. */
  refused: Record<string, number>;
  /** How connections ended: who, and how. */
  endings: Record<string, number>;
  calls: number;
  answers: number;
  emptyAnswers: number;
  malformed: number;
  makes: MakeCoverage[];
  /** By caller, then by name. */
  actions: ActionCoverage[];
  /** Actions of the protocol that never occur, by who may call them. */
  absent: { caller: Side; action: string }[];
}
