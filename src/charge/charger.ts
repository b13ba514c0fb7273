import { Chance } from '../load/chance.ts';
import { Redial } from '../load/redial.ts';
import type { AnsweredCall } from '../load/traffic.ts';
import { type Json, valueAt } from '../ocpp/json.ts';
import { decodeMessage } from '../ocpp/message.ts';
import type { ChargerState, Protocol } from '../ocpp/protocol.ts';
import type { ClientTls } from '../wire/tls-socket.ts';
import { type Act, actOn } from './act.ts';
import { Agenda } from './agenda.ts';
import { Bay } from './bay.ts';
import { Certificates } from './certificates.ts';
import { Introduction } from './introduction.ts';
import { writeMessage } from './json-style.ts';
import { Obedient } from './obedient.ts';
import { Outbox, type Pending, type Wish } from './outbox.ts';
import { fillPattern } from './pattern.ts';
import { Procedures } from './procedures.ts';
import type { Profile } from './profile.ts';
import { Settings } from './settings.ts';
import { Triggers } from './triggers.ts';
import { Voice } from './voice.ts';

/** What happens to a charger: on its connection, and at the charger itself. */
export type Stimulus =
  | { kind: 'opened' }
  | { kind: 'refused'; status: number; retryAfterMs: number | null }
  | { kind: 'failed' }
  | { kind: 'ended' }
  | { kind: 'text'; text: string }
  | { kind: 'act'; act: Act }
  | { kind: 'tick' };

/** What a charger wants done, in this order. */
export type Effect =
  | { kind: 'dial' }
  | { kind: 'send'; text: string; isCall: boolean }
  | { kind: 'ping' }
  | { kind: 'end'; how: 'close' | 'fin' | 'reset' }
  /** It has a certificate of its own, which it shows from its next connection on. */
  | { kind: 'certificate'; tls: ClientTls }
  /** A call was answered; it was due when it could have been sent first. */
  | ({ kind: 'answered' } & AnsweredCall)
  /** It has given up waiting for the answer to a call. */
  | { kind: 'unanswered'; action: string };

/** Which charger lives, and when its life begins. */
export interface ChargerOptions {
  profile: Profile;
  protocol: Protocol;
  identity: string;
  /** Its number in its fleet; identities and serials count by it. */
  number: number;
  /** Equal seeds and equal happenings give equal words. */
  seed: number;
  /** Wall clock, ms since the epoch. */
  nowMs: number;
  /** TLS of its first connection; not given where it comes in without. */
  tls?: ClientTls;
}

/** How long a soft reset or a new start takes, ms. */
const START_MS = 3_000;
/** How long it is away to change its certificate, ms. */
const RENEW_MS = 1_000;
/** Bound on the wait for an answer, s, without the key MessageTimeout. */
const ANSWER_S = 30;

/**
 * A charger that lives: boots, keeps the interval that its CSMS gave, charges whom it may and obeys commands. Sans-I/O: stimuli in,
 * effects out, time given with each.
 */
export class Charger {
  readonly #profile: Profile;
  readonly #number: number;
  readonly #state: ChargerState;
  readonly #settings: Settings;
  readonly #outbox = new Outbox();
  readonly #agenda = new Agenda();
  readonly #voice: Voice;
  readonly #obedient: Obedient;
  readonly #ids: Chance;
  readonly #redial: Redial;
  readonly bays: readonly Bay[];
  #nowMs: number;
  #counter: number;
  /** When the connection was opened, ms. */
  #openedMs = 0;
  #link: 'down' | 'dialling' | 'open' | 'ending' | 'off' = 'down';
  readonly #introduction: Introduction;
  #effects: Effect[] = [];

  constructor({ profile, protocol, identity, number, seed, nowMs, tls }: ChargerOptions) {
    const chance = new Chance(seed);
    this.#profile = profile;
    this.#number = number;
    this.#nowMs = nowMs;
    this.#ids = chance.fork();
    this.#redial = new Redial(profile.redial, chance.fork());
    this.#counter = profile.messageIds.first;
    this.#state = protocol.newChargerState();
    this.#settings = new Settings(profile, this.#state);
    const serial = fillPattern(profile.serial, { chance: chance.fork(), nowMs, counter: 0, number });
    this.#voice = new Voice(profile, this.#outbox, { identity, serial }, () => this.#nowMs);
    this.bays = Array.from({ length: profile.connectors }, (_, index) => this.#bay(index + 1, chance));
    const now = () => this.#nowMs;
    const voice = this.#voice;
    const { bays } = this;
    this.#introduction = new Introduction({
      ...{ profile, voice, bays, now },
      ...{ agenda: this.#agenda, settings: this.#settings },
    });
    const certificates = new Certificates({
      ...{ voice, settings: this.#settings, now },
      seed: `${identity} ${seed}`,
      tls,
      renew: (renewed) => this.#renew(renewed),
    });
    const procedures = new Procedures({
      ...{ voice, certificates, agenda: this.#agenda, now },
      restart: () => this.#restart(),
    });
    const triggers = new Triggers({
      voice,
      bays: this.bays,
      procedures,
      certificates,
      boot: () => this.#introduction.boot(),
      tellCharger: () => this.#introduction.tellCharger(true),
    });
    this.#obedient = new Obedient({
      profile,
      protocol,
      state: this.#state,
      settings: this.#settings,
      bays: this.bays,
      procedures,
      certificates,
      triggers,
      now,
      authorize: (tag, then) => this.#authorize(tag, then),
      reset: (type) => this.#reset(type),
    });
    this.#agenda.set('dial', nowMs, () => this.#dial());
  }

  /** When it wants a tick even if nothing happens, ms; infinite when it does not. */
  get wakeAtMs(): number {
    if (this.#link === 'off') return Number.POSITIVE_INFINITY;
    const speaks =
      this.#link === 'open' && (this.#outbox.pending !== null || this.#introduction.standing === 'accepted');
    return Math.min(this.#agenda.nextMs, speaks ? this.#outbox.wakeAtMs : Number.POSITIVE_INFINITY);
  }

  /** Calls that it wanted to make so far. */
  get wanted(): number {
    return this.#outbox.wanted;
  }

  /** Whether its CSMS has accepted it and can be reached. */
  get isOnline(): boolean {
    return this.#link === 'open' && this.#introduction.standing === 'accepted';
  }

  /** Takes what happened; gives what is to be done. `nowMs` never goes back. */
  handle(stimulus: Stimulus, nowMs: number): Effect[] {
    if (this.#link === 'off') return [];
    this.#nowMs = nowMs;
    this.#agenda.run(nowMs);
    this.#take(stimulus);
    if (this.#link === 'open') this.#speak();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #take(stimulus: Stimulus): void {
    if (stimulus.kind === 'opened') this.#opened();
    else if (stimulus.kind === 'refused') this.#away(stimulus.retryAfterMs ?? 0);
    else if (stimulus.kind === 'failed' || stimulus.kind === 'ended') this.#away();
    else if (stimulus.kind === 'text') this.#hear(stimulus.text);
    else if (stimulus.kind === 'act') this.#act(stimulus.act);
  }

  #dial(): void {
    this.#link = 'dialling';
    this.#effects.push({ kind: 'dial' });
  }

  #opened(): void {
    this.#link = 'open';
    if (this.#agenda.has('dial')) {
      // It was to be away by now: what made it so came while it dialled.
      this.#end('reset');
      return;
    }
    this.#openedMs = this.#nowMs;
    this.#redial.succeeded();
    const { messageIds } = this.#profile;
    if (messageIds.restarts === 'connection') this.#counter = messageIds.first;
    this.#outbox.disconnected();
    this.#pingLater();
    this.#introduction.begin();
  }

  /** The connection is over, or was not to be had: it will come back. */
  #away(retryAfterMs = 0): void {
    this.#introduction.pause();
    this.#agenda.cancel('ping');
    this.#outbox.disconnected();
    this.#link = 'down';
    if (this.#agenda.has('dial')) return;
    const waitMs = Math.max(retryAfterMs, this.#redial.nextMs());
    this.#agenda.set('dial', this.#nowMs + waitMs, () => this.#dial());
  }

  #pingLater(): void {
    const seconds = this.#settings.number('WebSocketPingInterval', 0);
    if (seconds <= 0) return;
    this.#agenda.set('ping', this.#nowMs + seconds * 1000, () => {
      this.#effects.push({ kind: 'ping' });
      this.#pingLater();
    });
  }

  #authorize(tag: string, after: () => void): void {
    this.#voice.authorize(tag, (result) => {
      if (valueAt(result, ['idTagInfo', 'status']) === 'Accepted') after();
    });
  }

  #act(act: Act): void {
    if (act.kind === 'drop') this.#drop(act.forMs);
    else if (act.kind === 'power') this.#losePower(act.forMs);
    else if (act.kind === 'leave') this.#leave();
    else {
      const bay = this.bays[act.connector - 1];
      if (bay) actOn(bay, act);
    }
  }

  #drop(forMs: number | undefined): void {
    if (forMs !== undefined) this.#leaveFor(forMs, 'reset');
    else if (this.#link === 'open') this.#end('reset');
  }

  #losePower(forMs: number): void {
    for (const bay of this.bays) bay.stop('PowerLoss');
    this.#introduction.forget();
    this.#leaveFor(forMs, 'reset');
  }

  #leave(): void {
    if (this.#link === 'open') this.#effects.push({ kind: 'end', how: this.#profile.leaves });
    this.#link = 'off';
  }

  /** OCPP 1.6 §5.14: a soft reset ends what is running in good order. */
  #reset(type: 'Soft' | 'Hard'): void {
    for (const bay of this.bays) bay.stop(type === 'Hard' ? 'HardReset' : 'SoftReset');
    if (type === 'Hard') this.#restart();
    else this.#agenda.set('restart', this.#nowMs + START_MS, () => this.#restart());
  }

  #restart(): void {
    this.#introduction.forget();
    if (this.#profile.messageIds.restarts === 'boot') this.#counter = this.#profile.messageIds.first;
    this.#leaveFor(START_MS, this.#profile.leaves);
  }

  /** A certificate is shown as soon as it is valid (Security Whitepaper §5), which takes another connection. */
  #renew(tls: ClientTls): void {
    this.#effects.push({ kind: 'certificate', tls });
    this.#leaveFor(RENEW_MS, this.#profile.leaves);
  }

  #leaveFor(ms: number, how: 'close' | 'fin' | 'reset'): void {
    this.#agenda.set('dial', this.#nowMs + ms, () => this.#dial());
    if (this.#link === 'open') this.#end(how);
  }

  #end(how: 'close' | 'fin' | 'reset'): void {
    this.#link = 'ending';
    this.#effects.push({ kind: 'end', how });
  }

  #hear(text: string): void {
    if (this.#link !== 'open') return;
    const message = decodeMessage(text);
    if (message.type === 'malformed') return;
    if (message.type === 'call') {
      if (this.#introduction.standing !== 'rejected')
        this.#obey(message.messageId, message.action, message.payload);
      return;
    }
    const result = message.type === 'callResult' ? message.payload : null;
    const call = this.#outbox.pending;
    const isOurs = this.#outbox.answered(message.messageId, result, this.#rules(), this.#nowMs);
    if (isOurs && call && result !== null) {
      const { action } = call.wish;
      this.#state.learn({ caller: 'charger', action, call: call.payload, result });
    }
    if (isOurs && call) this.#answered(call, result === null);
  }

  #answered({ wish: { action }, dueMs, sentMs }: Pending, isError: boolean): void {
    const [afterMs, lateMs] = [this.#nowMs - dueMs, sentMs - dueMs];
    this.#effects.push({ kind: 'answered', action, afterMs, lateMs, isError });
  }

  #obey(messageId: string, action: string, payload: Json): void {
    const { answer, after } = this.#obedient.obey(action, payload);
    this.#send(
      'result' in answer
        ? [3, messageId, answer.result]
        : [4, messageId, answer.errorCode, answer.description ?? '', {}],
    );
    after?.();
  }

  /** Says what may be said now. */
  #speak(): void {
    const overdue = this.#outbox.expire(this.#rules(), this.#nowMs);
    if (overdue) this.#effects.push({ kind: 'unanswered', action: overdue.action });
    const allowed = ({ isAdmitted, action }: Wish) => {
      if (this.#introduction.standing === 'accepted') return true;
      return isAdmitted && (this.#introduction.standing !== 'rejected' || action === 'BootNotification');
    };
    for (
      let wish = this.#outbox.next(this.#nowMs, allowed);
      wish;
      wish = this.#outbox.next(this.#nowMs, allowed)
    ) {
      const messageId = this.#messageId();
      const payload = wish.payload();
      this.#send([2, messageId, wish.action, payload]);
      const seconds = this.#settings.number('MessageTimeout', ANSWER_S);
      const dueMs = Math.max(wish.wantedMs, this.#openedMs);
      const sentMs = this.#nowMs;
      this.#outbox.sent({ wish, messageId, payload, dueMs, sentMs, untilMs: sentMs + seconds * 1000 });
    }
  }

  #send(elements: Json[]): void {
    if (this.#link === 'open')
      this.#effects.push({
        kind: 'send',
        text: writeMessage(elements, this.#profile.json),
        isCall: elements[0] === 2,
      });
  }

  #messageId(): string {
    const ground = { chance: this.#ids, nowMs: this.#nowMs, counter: this.#counter, number: this.#number };
    this.#counter++;
    return fillPattern(this.#profile.messageIds.pattern, ground);
  }

  #rules() {
    const seconds = this.#settings.number('TransactionMessageRetryInterval', 10);
    return { attempts: this.#settings.number('TransactionMessageAttempts', 3), retryMs: seconds * 1000 };
  }

  #bay(id: number, chance: Chance): Bay {
    return new Bay(id, {
      profile: this.#profile,
      voice: this.#voice,
      settings: this.#settings,
      agenda: this.#agenda,
      chance: chance.fork(),
      now: () => this.#nowMs,
      isOnline: () => this.isOnline,
      limitOf: (connector) => this.#limitOf(connector),
    });
  }

  /** The limit of the charging profiles that rule a connector now (OCPP 1.6 §3.12); null for none. */
  #limitOf(connectorId: number): { value: number; unit: 'A' | 'W' } | null {
    const answer = this.#state.answer('GetCompositeSchedule', { connectorId, duration: 1 }, this.#nowMs);
    if (!answer || !('result' in answer)) return null;
    const value = valueAt(answer.result, ['chargingSchedule', 'chargingSchedulePeriod', 0, 'limit']);
    const unit = valueAt(answer.result, ['chargingSchedule', 'chargingRateUnit']);
    return typeof value === 'number' ? { value, unit: unit === 'W' ? 'W' : 'A' } : null;
  }
}
