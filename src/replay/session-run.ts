import type { Lateness } from '../load/lateness.ts';
import type { Mishaps } from '../load/mishap.ts';
import type { Strain } from '../load/strain.ts';
import type { Traffic } from '../load/traffic.ts';
import type { JsonObject } from '../ocpp/json.ts';
import type { Departure, Outcome, Recorder, Session } from '../session/recording.ts';
import { Standings } from '../session/standings.ts';
import type { ServerUrl } from '../wire/url.ts';
import { type CleanUpResult, cleanUp } from './clean-up.ts';
import { type Access, entryOf } from './credentials.ts';
import type { RunContext } from './live-connection.ts';
import type { Outage } from './outage.ts';
import type { PlannedConnection } from './plan.ts';
import { type Probing, SessionProbing } from './probing.ts';
import { Runner, type SessionContext } from './runner.ts';
import type { SessionPlan } from './session-plans.ts';
import type { TagTurns } from './tag-turns.ts';
import type { PlayOptions } from './virtual-charger.ts';

/** What a run is measured by, over all its sessions. */
export interface Measures {
  /** Of steps, against the schedule. */
  lateness: Lateness;
  traffic: Traffic;
  strain: Strain;
}

/** What all sessions of a run share. */
export interface RunGround {
  target: ServerUrl;
  recorder: Recorder;
  /** Uuid of the recording that is replayed. */
  source: string;
  access: Access;
  measures: Measures;
  turns: TagTurns;
  /** Address of this machine to dial from; the system chooses when not given. */
  localAddress?: string;
  /** Who makes the CSMS send commands that people start; nobody when not given. */
  driving?: Driving;
  /** What is looked at in the system under test; nothing when not given. */
  probing?: Probing;
  /** What goes wrong with the calls of a session, by its name; nothing when not given. */
  mishapsOf?: (name: string) => Mishaps;
  /** How a session is cut off with its fleet; never when not given. */
  outageOf?: (session: Session) => Outage;
}

/** Makes the CSMS send a command of this action: null when that went well, else why it did not. Never rejects. */
export type Driving = (action: string, values: JsonObject) => Promise<string | null>;

/** How long the CSMS may take for each call of a clean-up, and to answer a handshake, at most, ms. */
const PATIENCE_MS = 10_000;

/** A handshake is given this long at least, ms. */
const HANDSHAKE_MS = 1_000;

/** One session of a run: its virtual charger, and what it leaves standing at the CSMS. */
export class SessionRun {
  readonly planned: SessionPlan;
  readonly #runner: Runner;
  /** How it comes in at the system under test, also to clean up. */
  readonly #entry: RunContext;
  readonly #session: Session;
  readonly #standings = new Standings();
  readonly #probing: SessionProbing | undefined;
  readonly #patienceMs: number;

  constructor(planned: SessionPlan, ground: RunGround, options: PlayOptions) {
    const { target, recorder, source, access, measures, driving, probing, localAddress } = ground;
    const { lateness, traffic, strain } = measures;
    const { session } = planned.plan;
    this.planned = planned;
    this.#patienceMs = Math.min(PATIENCE_MS, options.waitUs / 1000);
    this.#entry = {
      ...{ target, recorder, source, handshakeMs: Math.max(HANDSHAKE_MS, this.#patienceMs) },
      ...entryOf(recorder.recording.uuid, planned.identity, access),
      ...(localAddress !== undefined && { localAddress }),
    };
    const context: SessionContext = {
      ...this.#entry,
      ...{ traffic, strain, preamble: planned.preamble, turns: ground.turns },
      ...(ground.mishapsOf && { mishaps: ground.mishapsOf(nameOf(session)) }),
      ...(ground.outageOf && { outage: ground.outageOf(session) }),
      onFrame: (frame, protocol, message) => {
        this.#standings.take(frame, protocol, message);
        this.#probing?.take(frame);
      },
      onLate: (us) => lateness.add(us),
      ...(driving && {
        drive: (action, values) =>
          driving(action, {
            ...values,
            endpoint: session.endpoint,
            identity: planned.identity,
            run: recorder.recording.uuid,
          }),
      }),
    };
    this.#session = runSession(recorder, planned);
    this.#probing = probing && new SessionProbing(probing, this.#session, planned.identity, recorder);
    this.#runner = new Runner(planned.plan, this.#session, context, options);
  }

  /** `endpoint/identity`, as recorded. */
  get name(): string {
    return nameOf(this.#session);
  }

  /** Faults that happened because they were asked for. */
  get faults(): number {
    return this.#runner.faults;
  }

  /** Steps taken or left out so far. */
  get progress(): { done: number; of: number } {
    return this.#runner.progress;
  }

  /** How it went; null while it plays. */
  outcome: Outcome | null = null;

  /** Where it departed from the recording; known when it is over. */
  get departures(): readonly Departure[] {
    return this.#runner.departures;
  }

  /** Plays the session to its end, and lets the probes see the end. Never rejects. */
  async play(): Promise<Outcome> {
    const outcome = await this.#runner.run();
    this.outcome = outcome;
    await this.#probing?.end();
    return outcome;
  }

  /** It is cut off with its fleet, by what is called so; its power is away for so long, ms, when that is given. */
  cutOff(kind: string, forMs?: number): void {
    this.#runner.cutOff(kind, forMs);
  }

  /** Ends it now, incomplete. */
  stop(): void {
    this.#runner.stop();
  }

  /** Ends what it has left standing, on a connection of its own; null when there is nothing. Never rejects. */
  async cleanUp(): Promise<CleanUpResult | null> {
    const calls = this.#standings.undoings(new Date());
    const unnamed = this.#standings.unnamed.map(
      (action) => `${action}: it was not answered, so what it began cannot be named.`,
    );
    const planned = lastAccepted(this.planned);
    if (calls.length === 0 || !planned) return unnamed.length > 0 ? { done: 0, failures: unnamed } : null;
    const result = await cleanUp({
      context: this.#entry,
      session: this.#session.id,
      planned,
      calls,
      waitMs: this.#patienceMs,
    });
    return { ...result, failures: [...result.failures, ...unnamed] };
  }
}

function nameOf({ endpoint, identity }: Session): string {
  return `${endpoint}/${identity}`;
}

function lastAccepted({ plan }: SessionPlan): PlannedConnection | undefined {
  return [...plan.connections.values()].findLast(({ accepted }) => accepted);
}

/** The session of the run that repeats a recorded one: same identity and endpoint, so that the two can be compared; its live names are on record beside it. */
function runSession(recorder: Recorder, { plan, renamings }: SessionPlan): Session {
  const { id, identity, endpoint, vendor, model, firmware } = plan.session;
  const session = recorder.session(identity, endpoint);
  const told = { ...session, vendor, model, firmware, replays: id };
  recorder.record({ kind: 'session', session: told });
  for (const renaming of renamings) {
    recorder.record({ kind: 'binding', binding: { session: session.id, ...renaming, frame: 0 } });
  }
  return told;
}
