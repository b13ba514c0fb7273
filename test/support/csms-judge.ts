import { createRequire } from 'node:module';
import { createValidator } from 'ocpp-rpc';

/** A payload as the CSMS sees it. */
export type Payload = Record<string, unknown>;

/** A call that the CSMS received, in the order of arrival. `answer` is the first result's payload, or `{errorCode}`. */
export interface ReceivedCall {
  messageId: string;
  action: string;
  payload: Payload;
  /** Which connection of its charger it came on, from 1. */
  connection: number;
  answer: Payload | null;
}

/** A command that the CSMS sent; `answers` counts what came back for it. */
export interface SentCommand {
  messageId: string;
  action: string;
  payload: Payload;
  connection: number;
  answers: number;
}

/** Something that no well-behaved charger does. */
export interface Violation {
  kind:
    | 'unknown-transaction'
    | 'transaction-of-another-connector'
    | 'too-many-outstanding'
    | 'message-id-reused'
    | 'answer-not-asked'
    | 'answered-twice'
    | 'invalid-answer';
  action: string | null;
  messageId: string;
  detail: string;
}

/** What one charger did, as the CSMS saw it. */
export interface ChargerLog {
  /** Its path without the query, such as /ocpp/CP-1. */
  session: string;
  /** Last segment of the path. */
  identity: string;
  /** Handshakes in order, refused ones included. */
  connections: { protocols: string[]; extensions: string; run: string | null }[];
  calls: ReceivedCall[];
  commands: SentCommand[];
  /** Transactions that were issued to it, in order; `id` exactly as sent. */
  transactions: { id: unknown; connectorId: unknown }[];
  maxOutstanding: number;
  /** Texts that were no OCPP-J message. */
  malformed: number;
  violations: Violation[];
}

const schemas = createRequire(import.meta.url)('ocpp-rpc/lib/schemas/ocpp1_6.json') as object[];
const validator = createValidator('ocpp1.6', schemas);

function asMessage(text: string): [number, string, ...unknown[]] | null {
  try {
    const value: unknown = JSON.parse(text);
    const isMessage = Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string';
    return isMessage ? (value as [number, string, ...unknown[]]) : null;
  } catch {
    return null;
  }
}

const asPayload = (value: unknown): Payload =>
  typeof value === 'object' && value !== null ? (value as Payload) : {};

/** What is wrong with an answer to a command by ocpp-rpc's own OCPP 1.6 schemas; null when nothing is. */
function fault(action: string, payload: unknown): string | null {
  try {
    void validator.validate(`urn:${action}.conf`, payload);
    return null;
  } catch (error) {
    return String(error);
  }
}

/** Transactions of a charger that no accepted StopTransaction has ended, as the CSMS itself sees it. */
export function openTransactions({ transactions, calls }: ChargerLog): unknown[] {
  const stopped = calls
    .filter(
      ({ action, answer }) => action === 'StopTransaction' && answer !== null && !('errorCode' in answer),
    )
    .map(({ payload }) => payload.transactionId);
  return transactions.map(({ id }) => id).filter((id) => !stopped.includes(id));
}

/** Watches one connection of a charger: every text either way passes here, in order. */
class JudgedConnection {
  readonly #log: ChargerLog;
  readonly #nth: number;
  readonly #limit: number;
  readonly #calls = new Map<string, ReceivedCall>();
  readonly #open = new Set<string>();
  readonly #commands = new Map<string, SentCommand>();
  readonly #waiting = new Map<string, () => void>();

  constructor(log: ChargerLog, limit: number) {
    this.#log = log;
    this.#nth = log.connections.length;
    this.#limit = limit;
  }

  /** A text came from the charger. */
  received(text: string): void {
    const message = asMessage(text);
    if (message === null) this.#log.malformed += 1;
    else if (message[0] === 2) this.#call(message[1], String(message[2]), asPayload(message[3]));
    else if (message[0] === 3) this.#answer(message[1], message[2]);
    else if (message[0] === 4) this.#answer(message[1], null);
    else this.#log.malformed += 1;
  }

  /** A text went to the charger. */
  sent(text: string): void {
    const message = asMessage(text);
    if (message === null) return;
    const [type, messageId, third, fourth] = message;
    if (type === 2) {
      const command = { messageId, action: String(third), payload: asPayload(fourth) };
      const sent = { ...command, connection: this.#nth, answers: 0 };
      this.#commands.set(messageId, sent);
      this.#log.commands.push(sent);
      return;
    }
    const call = this.#calls.get(messageId);
    if (call === undefined || !this.#open.delete(messageId)) return;
    call.answer = type === 3 ? asPayload(third) : { errorCode: third };
    if (call.action === 'StartTransaction' && type === 3) {
      const { transactionId: id } = call.answer;
      this.#log.transactions.push({ id, connectorId: call.payload.connectorId });
    }
  }

  /** Resolves when the command with this id is answered. */
  answered(messageId: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(messageId, resolve));
  }

  #violate(kind: Violation['kind'], messageId: string, action: string | null, detail: string): void {
    this.#log.violations.push({ kind, action, messageId, detail });
  }

  #call(messageId: string, action: string, payload: Payload): void {
    if (this.#calls.has(messageId)) this.#violate('message-id-reused', messageId, action, messageId);
    const call = { messageId, action, payload, connection: this.#nth, answer: null };
    this.#log.calls.push(call);
    this.#calls.set(messageId, call);
    this.#open.add(messageId);
    const outstanding = this.#open.size;
    this.#log.maxOutstanding = Math.max(this.#log.maxOutstanding, outstanding);
    if (outstanding > this.#limit)
      this.#violate('too-many-outstanding', messageId, action, `${outstanding} calls`);
    if (action === 'MeterValues' || action === 'StopTransaction') this.#judgeTransaction(call);
  }

  #judgeTransaction({ messageId, action, payload }: ReceivedCall): void {
    const { transactionId: id, connectorId } = payload;
    if (id === undefined) return;
    const issued = this.#log.transactions.filter((transaction) => transaction.id === id);
    const detail = `${action} names transaction ${JSON.stringify(id)}`;
    if (issued.length === 0) this.#violate('unknown-transaction', messageId, action, detail);
    else if (connectorId !== undefined && !issued.some((one) => one.connectorId === connectorId))
      this.#violate('transaction-of-another-connector', messageId, action, detail);
  }

  #answer(messageId: string, payload: unknown): void {
    const command = this.#commands.get(messageId);
    if (command === undefined) {
      this.#violate('answer-not-asked', messageId, null, messageId);
      return;
    }
    command.answers += 1;
    this.#waiting.get(messageId)?.();
    if (command.answers > 1) this.#violate('answered-twice', messageId, command.action, messageId);
    const wrong = payload === null ? null : fault(command.action, payload);
    if (wrong !== null) this.#violate('invalid-answer', messageId, command.action, wrong);
  }
}

/** One watched connection, as the CSMS uses it. */
export type { JudgedConnection };

/** The CSMS's own judgement of the chargers it met; it knows nothing of Chargetape. */
export class Judge {
  readonly #logs = new Map<string, ChargerLog>();
  readonly #limit: number;

  /** More than `maxOutstanding` unanswered calls at once on one connection are a violation. */
  constructor(maxOutstanding: number) {
    this.#limit = maxOutstanding;
  }

  /** A handshake came, with the run that it names; returns which one of that charger it is, from 1. */
  handshake(session: string, protocols: string[], extensions: string, run: string | null = null): number {
    return this.#log(session).connections.push({ protocols, extensions, run });
  }

  /** The handshake that came last was accepted. */
  opened(session: string): JudgedConnection {
    return new JudgedConnection(this.#log(session), this.#limit);
  }

  /** Everything seen so far, one log a charger. */
  judgement(): ChargerLog[] {
    return structuredClone([...this.#logs.values()]);
  }

  #log(session: string): ChargerLog {
    let log = this.#logs.get(session);
    if (log === undefined) {
      log = {
        session,
        identity: session.slice(session.lastIndexOf('/') + 1),
        connections: [],
        calls: [],
        commands: [],
        transactions: [],
        maxOutstanding: 0,
        malformed: 0,
        violations: [],
      };
      this.#logs.set(session, log);
    }
    return log;
  }
}
