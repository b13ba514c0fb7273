import { Chance } from '../load/chance.ts';
import { faultOf, type MishapRule, Mishaps } from '../load/mishap.ts';
import type { Strain } from '../load/strain.ts';
import type { Traffic } from '../load/traffic.ts';
import type { JsonObject } from '../ocpp/json.ts';
import type { Happening } from '../replay/happening.ts';
import { LiveConnection, type RunContext } from '../replay/live-connection.ts';
import type { Outgoing } from '../replay/outgoing.ts';
import type { PlannedConnection } from '../replay/plan.ts';
import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import { monoNowUs, wallNowUs } from '../wire/clock.ts';
import { type ClientTls, clientTls } from '../wire/tls-socket.ts';
import type { Act } from './act.ts';
import { Charger, type ChargerOptions, type Effect, type Stimulus } from './charger.ts';
import type { Conformance } from './conformance.ts';
import { handshakeOf } from './handshake.ts';
import { type Habits, Visits } from './visits.ts';

/** What a living charger needs beside itself: where it dials, where that is put on record, and what befalls it. */
export interface Surroundings extends RunContext {
  /** Endpoint of its session in the recording. */
  endpoint: string;
  traffic: Traffic;
  strain: Strain;
  conformance: Conformance;
  /** How people use it; nobody does when not given. */
  habits?: Habits;
  /** What may go wrong with its calls. */
  mishaps: readonly MishapRule[];
}

/** setTimeout takes no more than this, ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** How long a CSMS may take to say goodbye, ms. */
const LEAVE_MS = 3_000;

/** Close code 1000 (RFC 6455 §7.4.1). */
const NORMAL_CLOSE = Buffer.from([0x03, 0xe8]);

/** Difference of the wall clock to the monotonic one, ms: chargers' times never go back. */
const CLOCK_MS = (wallNowUs() - monoNowUs()) / 1000;

/** A charger with a real socket, one timer and people who use it. */
export class LivingCharger {
  readonly identity: string;
  readonly #charger: Charger;
  readonly #visits: Visits | null;
  readonly #mishaps: Mishaps;
  readonly #surroundings: Surroundings;
  readonly #session: number;
  readonly #planned: PlannedConnection;
  /** What it shows and trusts when it dials; undefined without TLS. */
  #tls: ClientTls | undefined;
  #connection: LiveConnection | null = null;
  #socket = 0;
  /** The charger has ended the connection itself. */
  #isLeaving = false;
  #timer: NodeJS.Timeout | undefined;
  #wakeAtMs = 0;
  #left: (() => void) | null = null;

  constructor(options: Omit<ChargerOptions, 'nowMs' | 'tls'>, surroundings: Surroundings) {
    const nowMs = nowOf();
    const { profile, identity, protocol, seed, number } = options;
    const chance = new Chance(seed);
    this.identity = identity;
    const { target, tls } = surroundings;
    this.#tls = target.secure ? (tls ?? clientTls()) : undefined;
    this.#charger = new Charger({ ...options, nowMs, ...(this.#tls && { tls: this.#tls }) });
    this.#surroundings = surroundings;
    this.#planned = handshakeOf(profile, identity, protocol);
    this.#mishaps = new Mishaps(surroundings.mishaps, chance.fork());
    const { recorder, endpoint, habits } = surroundings;
    const session = recorder.session(identity, endpoint);
    const facts = protocol.chargerFacts('BootNotification', profile.boot as JsonObject);
    recorder.record({ kind: 'session', session: { ...session, ...facts } });
    this.#session = session.id;
    const { connectors, tags } = profile;
    const ground = { tags, number, connectors, nowMs };
    this.#visits = habits ? new Visits(habits, chance.fork(), ground) : null;
  }

  /** Begins to live. */
  start(): void {
    this.#happen({ kind: 'tick' });
  }

  /** Somebody does something to it. */
  act(act: Act): void {
    this.#happen({ kind: 'act', act });
  }

  /** Whether its CSMS has accepted it and can be reached. */
  get isOnline(): boolean {
    return this.#charger.isOnline;
  }

  /** Calls that it wanted to make so far. */
  get wanted(): number {
    return this.#charger.wanted;
  }

  /** Its connectors, in order. */
  get bays(): Charger['bays'] {
    return this.#charger.bays;
  }

  /** Is switched off, in good order where it is connected; resolves when its connection is over, at the latest after LEAVE_MS. */
  leave(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#cutOff(), LEAVE_MS);
      this.#left = () => {
        clearTimeout(timer);
        resolve();
      };
      this.act({ kind: 'leave' });
      if (!this.#isLeaving) this.#cutOff();
    });
  }

  #cutOff(): void {
    this.#connection?.destroy();
    this.#connection = null;
    this.#left?.();
  }

  #happen(stimulus: Stimulus): void {
    const nowMs = nowOf();
    this.#carryOut(this.#charger.handle(stimulus, nowMs));
    for (const act of this.#visits?.due(nowMs) ?? []) {
      this.#carryOut(this.#charger.handle({ kind: 'act', act }, nowMs));
    }
    this.#visits?.look(this.#charger.bays, nowMs);
    this.#wakeLater();
  }

  #wakeLater(): void {
    const dueMs = Math.min(this.#charger.wakeAtMs, this.#visits?.nextMs ?? Number.POSITIVE_INFINITY);
    const atMs = this.#left ? Number.POSITIVE_INFINITY : dueMs;
    if (atMs === this.#wakeAtMs && this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakeAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const ms = Math.min(Math.max(0, Math.ceil(atMs - nowOf())), MAX_TIMEOUT_MS);
    this.#timer = setTimeout(() => this.#wake(), ms);
  }

  #wake(): void {
    this.#timer = undefined;
    const lateMs = nowOf() - this.#wakeAtMs;
    if (lateMs >= 0) this.#surroundings.strain.late(lateMs * 1000);
    this.#happen({ kind: 'tick' });
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'dial') this.#dial();
      else if (effect.kind === 'send') this.#say(effect);
      else if (effect.kind === 'ping') this.#send(Opcode.ping, Buffer.alloc(0));
      else if (effect.kind === 'end') this.#end(effect.how);
      else if (effect.kind === 'certificate') this.#tls = effect.tls;
      else if (effect.kind === 'unanswered') this.#surroundings.conformance.unanswered(effect.action);
      else this.#surroundings.traffic.answered(effect);
    }
  }

  #dial(): void {
    const socket = ++this.#socket;
    this.#isLeaving = false;
    const [planned, session] = [this.#planned, this.#session];
    const onHappening = (happening: Happening) => this.#heard(socket, happening);
    const options = { session, planned, socket, again: true, onHappening };
    const tls = this.#tls && { tls: this.#tls };
    this.#connection = new LiveConnection({ ...this.#surroundings, ...tls, ...options });
    void this.#connection.open();
  }

  #heard(socket: number, happening: Happening): void {
    if (socket !== this.#socket) return;
    if (happening.kind === 'frame') this.#frame(happening.frame);
    else if (happening.kind === 'opened') this.#happen({ kind: 'opened' });
    else if (happening.kind === 'refused') {
      const { status, retryAfterMs } = happening;
      this.#gone({ kind: 'refused', status, retryAfterMs });
    } else if (happening.kind === 'failed') this.#gone({ kind: 'failed' });
    else this.#gone({ kind: 'ended' });
  }

  #gone(stimulus: Stimulus): void {
    this.#connection = null;
    if (this.#left) this.#left();
    else this.#happen(stimulus);
  }

  #frame(frame: Frame): void {
    const { opcode, payload } = frame;
    if (opcode === Opcode.ping) this.#send(Opcode.pong, payload);
    else if (opcode === Opcode.text) {
      this.#surroundings.conformance.take(frame);
      this.#happen({ kind: 'text', text: Buffer.from(payload).toString('utf8') });
    } else if (opcode === Opcode.close && !this.#isLeaving) {
      this.#send(Opcode.close, payload);
      this.#connection?.end('fin', false);
    }
  }

  #say({ text, isCall }: Extract<Effect, { kind: 'send' }>): void {
    const payload = Buffer.from(text, 'utf8');
    const mishap = isCall ? this.#mishaps.next() : null;
    if (mishap) this.#noteMishap(mishap);
    if (mishap?.kind === 'delay') {
      const connection = this.#connection;
      // What is still held back when the fleet leaves is never sent, and nothing waits for it.
      setTimeout(() => this.#send(Opcode.text, payload, connection), mishap.forMs).unref();
      return;
    }
    this.#send(Opcode.text, payload);
    if (mishap?.kind === 'duplicate') this.#send(Opcode.text, payload);
    else if (mishap?.kind === 'drop-in-call') this.#carryOut(this.#dropped({ kind: 'drop' }));
    else if (mishap?.kind === 'offline') this.#carryOut(this.#dropped({ kind: 'drop', forMs: mishap.forMs }));
  }

  #dropped(act: Act): Effect[] {
    return this.#charger.handle({ kind: 'act', act }, nowOf());
  }

  /** Faults that were asked for are on record, beside what came of them. */
  #noteMishap({ kind }: MishapRule): void {
    const { recorder, traffic } = this.#surroundings;
    traffic.mishap(kind);
    recorder.record({ kind: 'observation', observation: faultOf(this.#session, kind) });
  }

  #send(opcode: number, payload: Uint8Array, connection = this.#connection): void {
    const frame: Outgoing = {
      opcode,
      payload,
      flags: FrameFlag.masked,
      fragments: null,
      replays: null,
      scheduledUs: monoNowUs(),
      source: null,
    };
    connection?.send(frame);
  }

  #end(how: 'close' | 'fin' | 'reset'): void {
    this.#isLeaving = true;
    if (how === 'close') this.#send(Opcode.close, NORMAL_CLOSE);
    this.#connection?.end(how === 'reset' ? 'reset' : 'fin', false);
  }
}

function nowOf(): number {
  return CLOCK_MS + monoNowUs() / 1000;
}
