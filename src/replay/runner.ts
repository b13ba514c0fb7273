import { ChargetapeError } from '../errors.ts';
import { faultOf, type MishapRule, type Mishaps } from '../load/mishap.ts';
import type { Strain } from '../load/strain.ts';
import type { JsonObject } from '../ocpp/json.ts';
import { FrameFlag } from '../session/frame.ts';
import type { Departure, Outcome, Session } from '../session/recording.ts';
import { monoNowUs } from '../wire/clock.ts';
import { FaultyConnection } from './faulty-connection.ts';
import type { Deed, Happening } from './happening.ts';
import { LiveConnection, type LiveConnectionOptions, type RunContext } from './live-connection.ts';
import type { Outage } from './outage.ts';
import type { Plan } from './plan.ts';
import type { TagTurns } from './tag-turns.ts';
import { type PlayOptions, VirtualCharger } from './virtual-charger.ts';

/** What is told of a connection last. */
const OVER: ReadonlySet<Happening['kind']> = new Set(['refused', 'failed', 'ended']);

/** setTimeout takes no more than this, ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Where one session of a run goes. */
export interface SessionContext extends RunContext {
  /** Frames of the recording that are sent beforehand, marked as ours. */
  preamble?: ReadonlySet<number>;
  /** Keeps sessions in turn that name the same tags. */
  turns?: TagTurns;
  /** What goes wrong with its calls; nothing when not given. */
  mishaps?: Mishaps;
  /** How it is cut off with its fleet; never when not given. */
  outage?: Outage;
  /** Watches whether the generator keeps up. */
  strain?: Strain;
  /** Makes the CSMS send a command: null when that went well, else why it did not. Never rejects. */
  drive?: (action: string, values: JsonObject) => Promise<string | null>;
}

/** A virtual charger with real sockets and one timer: carries its deeds out and tells it what happens. */
export class Runner {
  readonly #charger: VirtualCharger;
  readonly #context: SessionContext;
  readonly #session: Session;
  readonly #connections = new Map<number, LiveConnection | FaultyConnection>();
  #resolve: (outcome: Outcome) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  /** When the timer goes off, µs; infinite when none is armed. */
  #armedUs = Number.POSITIVE_INFINITY;
  readonly #tick = () => {
    this.#context.strain?.late(Math.max(0, monoNowUs() - this.#armedUs));
    this.#armedUs = Number.POSITIVE_INFINITY;
    this.#happen({ kind: 'tick' });
  };
  /** Where the session departed from the recording; known when it is over. */
  departures: readonly Departure[] = [];
  /** Faults that happened because they were asked for. */
  faults = 0;

  /** `session` is that of the run. */
  constructor(plan: Plan, session: Session, context: SessionContext, options: PlayOptions) {
    const turns = context.turns?.of(plan, () => setImmediate(() => this.#happen({ kind: 'tick' })));
    this.#charger = new VirtualCharger(plan, { ...options, ...(turns && { turns }) });
    this.#context = context;
    this.#session = session;
  }

  /** Plays the session to its end; the outcome is on record then. Never rejects. */
  run(): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#happen({ kind: 'tick' });
    });
  }

  /** Ends the session now, incomplete. */
  stop(): void {
    this.#happen({ kind: 'stop', reason: 'stopped' });
  }

  /** It is cut off with its fleet: its connections are lost, and so is its power for so long, ms, when that is given. */
  cutOff(kind: string, forMs?: number): void {
    this.#context.outage?.begin(forMs);
    for (const connection of this.#connections.values()) {
      if (connection instanceof FaultyConnection && connection.lose()) this.#noteFault(kind);
    }
  }

  /** Steps taken or left out so far. */
  get progress(): { done: number; of: number } {
    return this.#charger.progress;
  }

  #happen(happening: Happening): void {
    for (const deed of this.#deeds(happening)) this.#carryOut(deed);
    const { wakeAtUs } = this.#charger;
    if (wakeAtUs >= this.#armedUs && wakeAtUs !== Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#arm(wakeAtUs);
  }

  /** A timer that goes off too early costs less than one anew for each happening. */
  #arm(wakeAtUs: number): void {
    this.#armedUs = wakeAtUs;
    if (wakeAtUs === Number.POSITIVE_INFINITY) return;
    const ms = Math.max(0, Math.ceil((wakeAtUs - monoNowUs()) / 1000));
    this.#timer = setTimeout(this.#tick, Math.min(ms, MAX_TIMEOUT_MS));
  }

  /** What the charger wants done; a recording that can no longer be read ends the session. */
  #deeds(happening: Happening): Deed[] {
    try {
      return this.#charger.handle(happening, monoNowUs());
    } catch (error) {
      if (!(error instanceof ChargetapeError)) throw error;
      return this.#charger.handle({ kind: 'stop', reason: error.message }, monoNowUs());
    }
  }

  #carryOut(deed: Deed): void {
    if (deed.kind === 'dial') this.#dial(deed);
    else if (deed.kind === 'send') this.#send(deed);
    else if (deed.kind === 'end') this.#connections.get(deed.socket)?.end(deed.how, deed.ours);
    else if (deed.kind === 'answered') this.#context.traffic?.answered(deed);
    else if (deed.kind === 'drive') void this.#drive(deed);
    else if (deed.kind === 'done') this.#finish(deed);
    else {
      const binding = { session: this.#session.id, ...deed.bound, frame: deed.frame };
      this.#context.recorder.record({ kind: 'binding', binding });
    }
  }

  #send({ socket, frame }: Extract<Deed, { kind: 'send' }>): void {
    const isPreamble = frame.replays !== null && this.#context.preamble?.has(frame.replays);
    const flags = frame.flags | FrameFlag.ours;
    this.#connections.get(socket)?.send(isPreamble ? { ...frame, flags, replays: null } : frame);
  }

  async #drive({ command, values }: Extract<Deed, { kind: 'drive' }>): Promise<void> {
    const failure = (await this.#context.drive?.(command.call.action, values)) ?? null;
    this.#happen({ kind: 'driven', command: command.index, failure });
  }

  #dial({ socket, planned, again }: Extract<Deed, { kind: 'dial' }>): void {
    const { mishaps, outage } = this.#context;
    const options = {
      ...this.#context,
      session: this.#session.id,
      planned,
      socket,
      again,
      onHappening: (happening: Happening) => {
        if (OVER.has(happening.kind)) this.#connections.delete(socket);
        this.#happen(happening);
      },
    } satisfies LiveConnectionOptions;
    const onFault = ({ kind }: MishapRule) => this.#noteFault(kind);
    const connection = mishaps
      ? new FaultyConnection(options, { mishaps, onFault, ...(outage && { outage }) })
      : new LiveConnection(options);
    this.#connections.set(socket, connection);
    void connection.open();
  }

  /** Faults that were asked for are on record, beside what came of them. */
  #noteFault(kind: string): void {
    this.faults++;
    this.#context.recorder.record({ kind: 'observation', observation: faultOf(this.#session.id, kind) });
  }

  #finish({ complete, reason, notSent, departures }: Extract<Deed, { kind: 'done' }>): void {
    for (const connection of this.#connections.values()) connection.destroy();
    const outcome: Outcome = { session: this.#session.id, complete, reason, notSent };
    const { recorder } = this.#context;
    recorder.record({ kind: 'outcome', outcome });
    this.departures = departures.map((departure) => ({ session: this.#session.id, ...departure }));
    for (const departure of this.departures) recorder.record({ kind: 'departure', departure });
    this.#resolve(outcome);
  }
}
