import { decodeMessage } from '../../src/ocpp/message.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { gapCutsOf } from '../../src/replay/gap-cuts.ts';
import type { Deed, Happening } from '../../src/replay/happening.ts';
import type { Hook } from '../../src/replay/hook.ts';
import { BACK_OFF_MS } from '../../src/replay/lines.ts';
import type { Speed } from '../../src/replay/pacing.ts';
import type { Plan } from '../../src/replay/plan.ts';
import { buildPlan } from '../../src/replay/plan-builder.ts';
import { VirtualCharger } from '../../src/replay/virtual-charger.ts';
import { Opcode } from '../../src/session/frame.ts';
import { Observer } from '../../src/session/observe.ts';
import type { SessionEvent } from '../../src/session/recording.ts';
import { SCRIPT_START_US, scriptedSession } from './scripted-session.ts';

/** What a fake CSMS does with a message of the charger: texts to send back, each after some ms (0 when not given). */
export type Respond = (message: SentMessage) => (string | { text: string; ms: number })[];

/** A message that the virtual charger sent. */
export interface SentMessage {
  /** Fake time of sending, ms since the start. */
  ms: number;
  socket: number;
  text: string;
  id: string;
  /** Action of a call; empty for others. */
  action: string;
  payload: Record<string, unknown>;
}

interface Planned {
  us: number;
  happening: Happening;
}

/** How a fake run is played. */
export interface FakeRunOptions {
  speed?: Speed;
  delta?: number;
  waitMs?: number;
  respond?: Respond;
  /** What becomes of the nth dialling (from 1); 101 when not given. */
  dialled?: (nth: number) => number | 'failed';
  /** Changes the recorded events before the plan is made of them. */
  events?: (events: SessionEvent[]) => SessionEvent[];
  /** Changes the plan before it is played. */
  edit?: (plan: Plan) => void;
  /** No pause is longer than this, ms of recorded time. */
  maxGapMs?: number;
  hook?: Hook;
}

/** A virtual charger with a fake clock and a fake CSMS: no sockets, no waiting. */
export class FakeRun {
  readonly deeds: (Deed & { ms: number })[] = [];
  readonly sent: SentMessage[] = [];
  /** Opcodes of control frames sent, in order. */
  readonly control: number[] = [];
  readonly #charger: VirtualCharger;
  readonly #options: FakeRunOptions;
  readonly #observers = new Map<number, Observer>();
  #queue: Planned[] = [];
  #nowUs = 0;
  #frames = 0;
  #dials = 0;

  constructor(script: string, options: FakeRunOptions = {}) {
    const { session, events } = scriptedSession(script);
    this.#options = options;
    const plan = buildPlan(session, options.events?.(events) ?? events, SCRIPT_START_US);
    options.edit?.(plan);
    this.#charger = new VirtualCharger(plan, {
      pacing: {
        startUs: 0,
        speed: options.speed ?? 1,
        ...(options.maxGapMs && { cuts: gapCutsOf([plan], options.maxGapMs * 1000) }),
      },
      ...(options.hook && { hook: options.hook }),
      delta: options.delta ?? 0,
      backOffMs: BACK_OFF_MS,
      waitUs: (options.waitMs ?? 30_000) * 1000,
    });
  }

  /** Fake time, ms since the start. */
  get ms(): number {
    return this.#nowUs / 1000;
  }

  /** The outcome; undefined while it plays. */
  get outcome(): Extract<Deed, { kind: 'done' }> | undefined {
    return this.deeds.find((deed) => deed.kind === 'done');
  }

  /** Actions of the calls sent, in order. */
  get actions(): string[] {
    return this.sent.flatMap(({ action }) => (action === '' ? [] : [action]));
  }

  /** Lets everything happen in its time until the session is over; fails when it would never be. */
  play(untilMs = Number.POSITIVE_INFINITY): this {
    this.#happen({ kind: 'tick' });
    for (let turn = 0; turn < 100_000 && !this.outcome; turn++) {
      const next = this.#queue.toSorted((a, b) => a.us - b.us)[0];
      const us = Math.min(next?.us ?? Number.POSITIVE_INFINITY, this.#charger.wakeAtUs);
      if (us > untilMs * 1000) return this;
      if (us === Number.POSITIVE_INFINITY)
        throw new Error('the session waits for something that never happens');
      this.#nowUs = Math.max(this.#nowUs, us);
      if (next && next.us <= this.#charger.wakeAtUs) {
        this.#queue = this.#queue.filter((one) => one !== next);
        this.#happen(next.happening);
      } else {
        this.#happen({ kind: 'tick' });
      }
    }
    if (!this.outcome) throw new Error('the session does not come to an end');
    return this;
  }

  /** The CSMS sends a text on a live connection. */
  csms(text: string, ms = 0, socket = this.#dials): void {
    this.#later(ms, this.#frame(socket, Opcode.text, Buffer.from(text)));
  }

  /** The CSMS sends a control frame. */
  csmsControl(opcode: number, payload: Buffer, ms = 0, socket = this.#dials): void {
    this.#later(ms, this.#frame(socket, opcode, payload));
  }

  /** The CSMS ends a live connection. */
  csmsEnds(ms = 0, socket = this.#dials): void {
    this.#later(ms, { kind: 'ended', socket });
  }

  /** Someone stops the run. */
  stop(ms = 0): void {
    this.#later(ms, { kind: 'stop', reason: 'stopped' });
  }

  #later(ms: number, happening: Happening): void {
    this.#queue.push({ us: this.#nowUs + ms * 1000, happening });
  }

  #happen(happening: Happening): void {
    const deeds = this.#charger.handle(happening, this.#nowUs);
    this.deeds.push(...deeds.map((deed) => ({ ...deed, ms: this.ms })));
    for (const deed of deeds) this.#react(deed);
  }

  #react(deed: Deed): void {
    if (deed.kind === 'dial') this.#dialled(deed.socket);
    else if (deed.kind === 'end') this.#later(0, { kind: 'ended', socket: deed.socket });
    else if (deed.kind === 'send') this.#heard(deed);
  }

  #dialled(socket: number): void {
    const result = this.#options.dialled?.(++this.#dials) ?? 101;
    this.#observers.set(socket, new Observer(ocpp16));
    if (result === 'failed') this.#later(0, { kind: 'failed', socket, reason: 'refused' });
    else if (result === 101) this.#later(0, { kind: 'opened', socket });
    else this.#later(0, { kind: 'refused', socket, status: result, retryAfterMs: null });
  }

  #heard({ socket, frame }: Extract<Deed, { kind: 'send' }>): void {
    if (frame.opcode === Opcode.close) this.#later(0, { kind: 'ended', socket });
    if (frame.opcode !== Opcode.text) {
      this.control.push(frame.opcode ?? -1);
      return;
    }
    const text = Buffer.from(frame.payload).toString('utf8');
    const message = decodeMessage(text);
    const sent: SentMessage = {
      ms: this.ms,
      socket,
      text,
      id: message.type === 'malformed' ? '' : message.messageId,
      action: message.type === 'call' ? message.action : '',
      payload: ('payload' in message ? message.payload : {}) as Record<string, unknown>,
    };
    this.sent.push(sent);
    for (const answer of this.#options.respond?.(sent) ?? []) {
      const { text: reply, ms } = typeof answer === 'string' ? { text: answer, ms: 0 } : answer;
      this.csms(reply, ms, socket);
    }
  }

  #frame(socket: number, opcode: number, payload: Buffer): Happening {
    const observer = this.#observers.get(socket) ?? new Observer(ocpp16);
    const { frame, message } = observer.message({
      id: ++this.#frames,
      connection: socket,
      atUs: this.#nowUs,
      monoUs: this.#nowUs,
      sender: 'csms',
      opcode,
      payload,
      wireBytes: payload.length,
      flags: 0,
      fragments: null,
      sha256: null,
    });
    return { kind: 'frame', socket, frame, message };
  }
}

/** A CSMS that answers every call with `{}`, and these actions with these payloads. */
export function answering(payloads: Record<string, unknown> = {}): Respond {
  return ({ action, id }) => (action === '' ? [] : [JSON.stringify([3, id, payloads[action] ?? {}])]);
}
