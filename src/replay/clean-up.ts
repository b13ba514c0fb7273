import { randomUUID } from 'node:crypto';
import { writeJson } from '../ocpp/json.ts';
import { type Call, encodeCallError, encodeCallResult, type Message } from '../ocpp/message.ts';
import { FrameFlag, Opcode } from '../session/frame.ts';
import type { Undoing } from '../session/standings.ts';
import { monoNowUs } from '../wire/clock.ts';
import type { Happening } from './happening.ts';
import { LiveConnection, type RunContext } from './live-connection.ts';
import type { PlannedConnection } from './plan.ts';

/** One charger whose traces are to be removed. */
export interface CleanUpJob {
  context: RunContext;
  /** Session of the recording that is being written. */
  session: number;
  /** The connection that is dialled again for it. */
  planned: PlannedConnection;
  calls: readonly Undoing[];
  /** How long each answer is waited for, ms. */
  waitMs: number;
}

/** What became of a clean-up: calls that the CSMS accepted, and why others failed. */
export interface CleanUpResult {
  done: number;
  failures: string[];
}

/** Dials once more and sends the calls one after the other, all marked as ours. Bounded; never rejects. */
export function cleanUp(job: CleanUpJob): Promise<CleanUpResult> {
  return new Promise((resolve) => new Visit(job, resolve).begin());
}

/** Close code 1000 (RFC 6455 §7.4.1). */
const NORMAL_CLOSE = Buffer.from([0x03, 0xe8]);

class Visit {
  readonly #job: CleanUpJob;
  readonly #resolve: (result: CleanUpResult) => void;
  readonly #connection: LiveConnection;
  readonly #left: Undoing[];
  readonly #result: CleanUpResult = { done: 0, failures: [] };
  #asked: { messageId: string; action: string } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(job: CleanUpJob, resolve: (result: CleanUpResult) => void) {
    this.#job = job;
    this.#resolve = resolve;
    this.#left = [...job.calls];
    this.#connection = new LiveConnection({
      ...job.context,
      session: job.session,
      planned: job.planned,
      socket: 1,
      again: true,
      onHappening: (happening) => this.#happened(happening),
    });
  }

  begin(): void {
    void this.#connection.open();
  }

  #happened(happening: Happening): void {
    if (happening.kind === 'opened') this.#next();
    else if (happening.kind === 'refused')
      this.#end(`The CSMS answered the handshake with ${happening.status}.`);
    else if (happening.kind === 'failed') this.#end(`The CSMS could not be reached: ${happening.reason}.`);
    else if (happening.kind === 'ended') this.#end('The CSMS ended the connection.');
    else if (happening.kind === 'frame' && happening.message) this.#message(happening.message);
  }

  #message(message: Message): void {
    if (message.type === 'call') this.#command(message);
    else if (message.type !== 'malformed' && message.messageId === this.#asked?.messageId) {
      if (message.type === 'callResult') this.#result.done++;
      else this.#result.failures.push(`${this.#asked.action}: the CSMS answered ${message.errorCode}.`);
      this.#next();
    }
  }

  /** A charger that is about to leave answers, and promises nothing. */
  #command({ action, payload, messageId }: Call): void {
    const answer = this.#job.planned.protocol.defaultAnswer(action, payload);
    this.#send(
      Opcode.text,
      'result' in answer
        ? encodeCallResult(messageId, writeJson(answer.result))
        : encodeCallError(messageId, answer.errorCode, '', '{}'),
    );
  }

  #next(): void {
    clearTimeout(this.#timer);
    const undoing = this.#left.shift();
    if (!undoing) {
      this.#asked = null;
      this.#send(Opcode.close, NORMAL_CLOSE);
      this.#connection.end('fin', true);
      return;
    }
    const { action, payload } = undoing;
    const messageId = randomUUID();
    this.#asked = { messageId, action };
    this.#timer = setTimeout(() => {
      this.#result.failures.push(`${action}: the CSMS did not answer.`);
      this.#next();
    }, this.#job.waitMs);
    this.#send(Opcode.text, `[2,"${messageId}",${JSON.stringify(action)},${writeJson(payload)}]`);
  }

  #send(opcode: number, payload: string | Buffer): void {
    const flags = FrameFlag.masked | FrameFlag.ours;
    this.#connection.send({
      opcode,
      payload: typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload,
      flags,
      fragments: null,
      replays: null,
      scheduledUs: monoNowUs(),
      source: null,
    });
  }

  /** The connection is over; calls that are left have failed for this reason. */
  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    const left = [...(this.#asked ? [this.#asked] : []), ...this.#left];
    for (const { action } of left) this.#result.failures.push(`${action}: ${reason}`);
    this.#resolve(this.#result);
  }
}
