import type { Json, JsonObject } from '../../src/ocpp/json.ts';

/** What a scripted CSMS says to a call of a charger; null keeps it silent. */
export type ScriptedAnswer = { result: JsonObject } | { error: string } | null;

/** Answers of one flow that are not the usual ones: `nth` counts the calls of that action from 1. */
export type Answers = Record<string, (payload: JsonObject, nth: number) => ScriptedAnswer | undefined>;

/** Heartbeat interval that the CSMS gives, s. */
const INTERVAL_S = 300;

/** A CSMS without a socket and without surprises: answers each call by a table, and remembers the transactions that it named. */
export class ScriptedCsms {
  readonly #answers: Answers;
  readonly #counts = new Map<string, number>();
  readonly #transactions: number[] = [];
  #nextId: number;

  /** `firstId` is the first transaction id that it gives. */
  constructor(answers: Answers, firstId: number) {
    this.#answers = answers;
    this.#nextId = firstId;
  }

  /** Id of the newest transaction. */
  get transactionId(): number {
    return this.#transactions.at(-1) ?? 0;
  }

  answer(action: string, payload: JsonObject, nowMs: number): ScriptedAnswer {
    const nth = (this.#counts.get(action) ?? 0) + 1;
    this.#counts.set(action, nth);
    const own = this.#answers[action]?.(payload, nth);
    return own !== undefined ? own : { result: this.#usual(action, nowMs) };
  }

  #usual(action: string, nowMs: number): JsonObject {
    const currentTime = new Date(nowMs).toISOString();
    const accepted: Json = { status: 'Accepted' };
    switch (action) {
      case 'BootNotification':
        return { status: 'Accepted', currentTime, interval: INTERVAL_S };
      case 'Heartbeat':
        return { currentTime };
      case 'Authorize':
        return { idTagInfo: accepted };
      case 'StartTransaction': {
        const transactionId = this.#nextId++;
        this.#transactions.push(transactionId);
        return { idTagInfo: accepted, transactionId };
      }
      case 'StopTransaction':
        return { idTagInfo: accepted };
      case 'DataTransfer':
      case 'SignCertificate':
        return { status: 'Accepted' };
      default:
        return {};
    }
  }
}
