import { Charger, type Effect, type Stimulus } from '../../src/charge/charger.ts';
import { handshakeOf } from '../../src/charge/handshake.ts';
import { fillPattern } from '../../src/charge/pattern.ts';
import type { Profile } from '../../src/charge/profile.ts';
import { Chance } from '../../src/load/chance.ts';
import type { JsonObject } from '../../src/ocpp/json.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { ScriptedCsms } from './scripted-csms.ts';
import type { Flow } from './vendor-flows.ts';

/** When every rehearsal begins: a Monday morning. */
const BEGIN_MS = Date.parse('2026-03-02T07:00:00.000Z');
/** From either side to the other, ms. */
const TRANSIT_MS = 40;
/** What the CSMS takes to answer, ms. */
const ANSWER_MS = 25;

/** A line of a capture, as `chargetape import` reads it. */
export type Line = { t: number; conn: number } & Record<string, unknown>;

interface Appointment {
  atMs: number;
  order: number;
  run: () => void;
}

/**
 * One flow of a profile's charger in virtual time, as a capture taken at the charger: the same profile, flow and seed give the same
 * lines to the letter.
 */
export function rehearse(
  profile: Profile,
  flow: Flow,
  { number, seed }: { number: number; seed: number },
): Line[] {
  return new Rehearsal(profile, flow, number, seed).run();
}

class Rehearsal {
  readonly #flow: Flow;
  readonly #charger: Charger;
  readonly #csms: ScriptedCsms;
  readonly #head: string[];
  readonly #lines: Line[] = [];
  #dates: Appointment[] = [];
  #nowMs = BEGIN_MS;
  #order = 0;
  #connection = 0;
  #isOpen = false;
  #isOver = false;
  #commands = 0;

  constructor(profile: Profile, flow: Flow, number: number, seed: number) {
    this.#flow = flow;
    const ground = { chance: new Chance(seed), nowMs: BEGIN_MS, counter: number, number };
    const identity = fillPattern(profile.identity, ground);
    this.#head = handshakeOf(profile, identity, ocpp16)
      .recorded.requestHead.replace('Host: -', 'Host: csms.example')
      .replace('Sec-WebSocket-Key: -', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')
      .trimEnd()
      .split('\r\n');
    this.#csms = new ScriptedCsms(flow.answers ?? {}, 1000 + number * 10);
    this.#charger = new Charger({ profile, protocol: ocpp16, identity, number, seed, nowMs: BEGIN_MS });
  }

  run(): Line[] {
    for (const moment of this.#flow.moments) {
      this.#at(BEGIN_MS + moment.at * 1000, () => {
        if ('act' in moment) this.#give({ kind: 'act', act: moment.act });
        else
          this.#command(
            moment.command,
            moment.payload({ transactionId: this.#csms.transactionId, nowMs: this.#nowMs }),
          );
      });
    }
    this.#at(BEGIN_MS + this.#flow.until * 1000, () => {
      this.#give({ kind: 'act', act: { kind: 'leave' } });
      this.#isOver = true;
    });
    this.#give({ kind: 'tick' });
    while (this.#step());
    return this.#lines;
  }

  /** The next date or wake-up. Whether there was one. */
  #step(): boolean {
    this.#dates.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const [next] = this.#dates;
    const wakeAtMs = this.#isOver ? Number.POSITIVE_INFINITY : this.#charger.wakeAtMs;
    if (!next && wakeAtMs === Number.POSITIVE_INFINITY) return false;
    if (next && next.atMs <= wakeAtMs) {
      this.#dates.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    } else {
      this.#nowMs = Math.max(this.#nowMs, wakeAtMs);
      this.#give({ kind: 'tick' });
    }
    return true;
  }

  #at(atMs: number, run: () => void): void {
    this.#dates.push({ atMs, order: this.#order++, run });
  }

  #give(stimulus: Stimulus): void {
    for (const effect of this.#charger.handle(stimulus, this.#nowMs)) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === 'dial') this.#open();
    else if (effect.kind === 'send') this.#said(effect.text);
    else if (effect.kind === 'ping') this.#ping();
    else if (effect.kind === 'end') this.#end(effect.how);
  }

  #open(): void {
    this.#connection++;
    this.#write({ event: 'tcp-open' });
    this.#write({ dir: 'cp->csms', handshake: this.#head });
    this.#at(this.#nowMs + 2 * TRANSIT_MS, () => {
      const offered = this.#head.find((line) => /^sec-websocket-protocol:/i.test(line));
      const answer = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      answer.push('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
      if (offered) answer.push(`Sec-WebSocket-Protocol: ${offered.replace(/^[^:]*:\s*/, '').split(',')[0]}`);
      this.#write({ dir: 'csms->cp', handshake: answer });
      this.#isOpen = true;
      this.#give({ kind: 'opened' });
    });
  }

  #ping(): void {
    const connection = this.#connection;
    this.#write({ dir: 'cp->csms', op: 'ping', payload: '' });
    this.#at(this.#nowMs + 2 * TRANSIT_MS, () => {
      if (connection === this.#connection && this.#isOpen)
        this.#write({ dir: 'csms->cp', op: 'pong', payload: '' });
    });
  }

  #said(text: string): void {
    this.#write({ dir: 'cp->csms', raw: text });
    const [type, messageId, action, payload] = JSON.parse(text) as [number, string, string, JsonObject];
    if (type !== 2) return;
    const connection = this.#connection;
    this.#at(this.#nowMs + 2 * TRANSIT_MS + ANSWER_MS, () => {
      if (connection !== this.#connection || !this.#isOpen) return;
      const answer = this.#csms.answer(action, payload, this.#nowMs);
      if (!answer) return;
      this.#hear('result' in answer ? [3, messageId, answer.result] : [4, messageId, answer.error, '', {}]);
    });
  }

  #command(action: string, payload: JsonObject): void {
    if (this.#isOpen) this.#hear([2, `csms-${++this.#commands}`, action, payload]);
  }

  #hear(message: unknown[]): void {
    const text = JSON.stringify(message);
    this.#write({ dir: 'csms->cp', raw: text });
    this.#give({ kind: 'text', text });
  }

  #end(how: 'close' | 'fin' | 'reset'): void {
    this.#isOpen = false;
    if (how === 'close') {
      this.#write({ dir: 'cp->csms', op: 'close', code: 1000, reason: '' });
      this.#write({ dir: 'csms->cp', op: 'close', code: 1000, reason: '' });
    }
    this.#write({ event: how === 'reset' ? 'cp-err' : 'cp-fin' });
    if (how !== 'reset') this.#write({ event: 'csms-fin' });
    this.#at(this.#nowMs, () => this.#give({ kind: 'ended' }));
  }

  #write(fact: Record<string, unknown>): void {
    this.#lines.push({ t: this.#nowMs, conn: this.#connection, ...fact });
  }
}
