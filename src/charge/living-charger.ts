import type { JsonObject } from '../ocpp/json.ts';
import type { Happening } from '../replay/happening.ts';
import { LiveConnection, type RunContext } from '../replay/live-connection.ts';
import type { Outgoing } from '../replay/outgoing.ts';
import type { PlannedConnection } from '../replay/plan.ts';
import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import { monoNowUs } from '../wire/clock.ts';
import { Chance } from './chance.ts';
import { type Act, Charger, type ChargerOptions, type Effect, type Stimulus } from './charger.ts';
import { handshakeOf } from './handshake.ts';
import { type Habits, Visits } from './visits.ts';

/** What a living charger needs beside itself: where it dials, and where that is put on record. */
export interface Surroundings extends RunContext {
  /** Endpoint of its session in the recording. */
  endpoint: string;
  /** How people use it; nobody does when not given. */
  habits?: Habits;
}

/** setTimeout takes no more than this, ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Close code 1000 (RFC 6455 §7.4.1). */
const NORMAL_CLOSE = Buffer.from([0x03, 0xe8]);

/** A charger with a real socket, one timer and people who use it. */
export class LivingCharger {
  readonly #charger: Charger;
  readonly #visits: Visits | null;
  readonly #surroundings: Surroundings;
  readonly #session: number;
  readonly #planned: PlannedConnection;
  readonly #clockMs: number;
  #connection: LiveConnection | null = null;
  #socket = 0;
  /** The charger has ended the connection itself. */
  #isLeaving = false;
  #timer: NodeJS.Timeout | undefined;
  #left: (() => void) | null = null;

  constructor(options: Omit<ChargerOptions, 'nowMs'>, surroundings: Surroundings) {
    this.#clockMs = Date.now() - monoNowUs() / 1000;
    const nowMs = this.#nowMs();
    const { profile, identity, protocol, seed, number } = options;
    this.#charger = new Charger({ ...options, nowMs });
    this.#surroundings = surroundings;
    this.#planned = handshakeOf(profile, identity, protocol);
    const { recorder, endpoint } = surroundings;
    const session = recorder.session(identity, endpoint);
    const facts = protocol.chargerFacts('BootNotification', profile.boot as JsonObject);
    recorder.record({ kind: 'session', session: { ...session, ...facts } });
    this.#session = session.id;
    const { connectors, tags } = profile;
    const { habits } = surroundings;
    this.#visits = habits
      ? new Visits(habits, new Chance(seed).fork(), { tags, number, connectors, nowMs })
      : null;
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

  /** Ends its transactions as one does who switches it off, and says goodbye; resolves when its connection is over. */
  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.#left = resolve;
      this.act({ kind: 'leave' });
      clearTimeout(this.#timer);
      if (!this.#connection) resolve();
    });
  }

  #nowMs(): number {
    return Math.floor(this.#clockMs + monoNowUs() / 1000);
  }

  #happen(stimulus: Stimulus): void {
    const nowMs = this.#nowMs();
    this.#carryOut(this.#charger.handle(stimulus, nowMs));
    for (const act of this.#visits?.due(nowMs) ?? []) {
      this.#carryOut(this.#charger.handle({ kind: 'act', act }, nowMs));
    }
    this.#visits?.look(this.#charger.bays, nowMs);
    this.#wakeLater();
  }

  #wakeLater(): void {
    clearTimeout(this.#timer);
    const atMs = Math.min(this.#charger.wakeAtMs, this.#visits?.nextMs ?? Number.POSITIVE_INFINITY);
    if (this.#left || atMs === Number.POSITIVE_INFINITY) return;
    const ms = Math.min(Math.max(0, atMs - this.#nowMs()), MAX_TIMEOUT_MS);
    this.#timer = setTimeout(() => this.#happen({ kind: 'tick' }), ms);
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'dial') this.#dial();
      else if (effect.kind === 'send') this.#send(Opcode.text, Buffer.from(effect.text, 'utf8'));
      else if (effect.kind === 'ping') this.#send(Opcode.ping, Buffer.alloc(0));
      else this.#end(effect.how);
    }
  }

  #dial(): void {
    const socket = ++this.#socket;
    this.#isLeaving = false;
    const [planned, session] = [this.#planned, this.#session];
    const onHappening = (happening: Happening) => this.#heard(socket, happening);
    const options = { ...this.#surroundings, session, planned, socket, again: true, onHappening };
    this.#connection = new LiveConnection(options);
    void this.#connection.open();
  }

  #heard(socket: number, happening: Happening): void {
    if (socket !== this.#socket) return;
    if (happening.kind === 'frame') this.#frame(happening.frame);
    else if (happening.kind === 'opened') this.#happen({ kind: 'opened' });
    else {
      this.#connection = null;
      if (this.#left) this.#left();
      else if (happening.kind === 'refused') this.#happen({ kind: 'refused', status: happening.status });
      else this.#happen({ kind: 'failed' });
    }
  }

  #frame({ opcode, payload }: Frame): void {
    if (opcode === Opcode.ping) this.#send(Opcode.pong, payload);
    else if (opcode === Opcode.text) {
      this.#happen({ kind: 'text', text: Buffer.from(payload).toString('utf8') });
    } else if (opcode === Opcode.close && !this.#isLeaving) {
      this.#send(Opcode.close, payload);
      this.#connection?.end('fin', false);
    }
  }

  #send(opcode: number, payload: Uint8Array): void {
    const frame: Outgoing = {
      opcode,
      payload,
      flags: FrameFlag.masked,
      fragments: null,
      replays: null,
      scheduledUs: monoNowUs(),
      source: null,
    };
    this.#connection?.send(frame);
  }

  #end(how: 'close' | 'fin' | 'reset'): void {
    this.#isLeaving = true;
    if (how === 'close') this.#send(Opcode.close, NORMAL_CLOSE);
    this.#connection?.end(how === 'reset' ? 'reset' : 'fin', false);
  }
}
