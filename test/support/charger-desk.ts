import type { Act } from '../../src/charge/act.ts';
import { Charger, type ChargerOptions, type Effect, type Stimulus } from '../../src/charge/charger.ts';
import { type Json, type JsonObject, parseJson } from '../../src/ocpp/json.ts';
import { decodeMessage } from '../../src/ocpp/message.ts';
import { ScriptedCsms } from './scripted-csms.ts';

/** Result of a call of the charger, or null for silence; undefined leaves it to the usual CSMS. */
type Answer = (payload: JsonObject) => JsonObject | null | undefined;

/** A charger on the desk: time goes when it is told to, and the CSMS answers at once. */
export class Desk {
  /** Answers that are not the usual ones, by action. */
  readonly answers: Record<string, Answer> = {};
  /** What the charger called, in order. */
  readonly actions: string[] = [];
  /** What it wrote, connection by connection. */
  readonly connections: string[][] = [];
  /** Effects other than texts and answers. */
  readonly effects: string[] = [];
  readonly #charger: Charger;
  readonly #csms = new ScriptedCsms({}, 100);
  readonly #said = new Map<string, Json>();
  readonly #replies = new Map<string, Json>();
  #nowMs: number;
  #commands = 0;

  constructor(options: ChargerOptions) {
    this.#nowMs = options.nowMs;
    this.#charger = new Charger(options);
  }

  /** All that it wrote. */
  get texts(): string[] {
    return this.connections.flat();
  }

  /** Id of the newest transaction. */
  get transactionId(): number {
    return this.#csms.transactionId;
  }

  /** Payload of the last call of this action. */
  last(action: string): Json {
    return this.#said.get(action) ?? null;
  }

  /** Lets seconds pass. */
  run(seconds: number): void {
    const untilMs = this.#nowMs + seconds * 1000;
    while (this.#charger.wakeAtMs <= untilMs) {
      this.#nowMs = Math.max(this.#nowMs, this.#charger.wakeAtMs);
      this.#give({ kind: 'tick' });
    }
    this.#nowMs = untilMs;
  }

  act(act: Act): void {
    this.#give({ kind: 'act', act });
  }

  /** The charger's answer to a command: a result, `{ errorCode }`, or null for silence. */
  command(action: string, payload: Json): Json {
    const messageId = `command-${++this.#commands}`;
    this.#give({ kind: 'text', text: JSON.stringify([2, messageId, action, payload]) });
    return this.#replies.get(messageId) ?? null;
  }

  #give(stimulus: Stimulus): void {
    for (const effect of this.#charger.handle(stimulus, this.#nowMs)) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === 'send') this.#heard(effect.text);
    else if (effect.kind !== 'answered') this.effects.push(effect.kind);
    if (effect.kind === 'dial') {
      this.connections.push([]);
      this.#give({ kind: 'opened' });
    }
    if (effect.kind === 'end') this.#give({ kind: 'ended' });
  }

  #heard(text: string): void {
    this.connections.at(-1)?.push(text);
    const message = decodeMessage(text);
    if (message.type === 'callResult') this.#replies.set(message.messageId, message.payload);
    else if (message.type === 'callError')
      this.#replies.set(message.messageId, { errorCode: message.errorCode });
    if (message.type !== 'call') return;
    const payload = message.payload as JsonObject;
    this.actions.push(message.action);
    this.#said.set(message.action, payload);
    const own = this.answers[message.action]?.(payload);
    if (own === null) return;
    const usual = this.#csms.answer(message.action, payload, this.#nowMs);
    const result = own ?? (usual && 'result' in usual ? usual.result : {});
    this.#give({ kind: 'text', text: JSON.stringify([3, message.messageId, result]) });
  }
}

/** Text of a message as JSON. */
export function elementsOf(text: string): Json[] {
  return parseJson(text) as Json[];
}
