import { ChargetapeError } from '../errors.ts';
import type { Outcome, Reader, Recorder, Session, SessionSummary, Slice } from '../session/recording.ts';
import { monoNowUs, wallNowUs } from '../wire/clock.ts';
import type { ServerUrl } from '../wire/url.ts';
import { BACK_OFF_MS } from './lines.ts';
import type { Speed } from './pacing.ts';
import type { Plan } from './plan.ts';
import { PlanBuilder } from './plan-builder.ts';
import { Runner } from './runner.ts';
import { deltaSeconds, type TimeMode } from './time-shift.ts';

/** A replay: what to play, where to, how fast, and where to put it on record. */
export interface ReplayOptions {
  reader: Reader;
  recorder: Recorder;
  target: ServerUrl;
  speed: Speed;
  /** How times are told again; `shift` needs speed 1. */
  time: TimeMode;
  /** Which sessions; all when not given. */
  sessions?: (session: Session) => boolean;
  slice?: Slice;
  /** How long an answer, an id or a cause is waited for, ms; never scaled. */
  waitMs?: number;
  /** Waits before the attempts to come back after trouble with a connection, ms; never scaled. */
  backOffMs?: readonly number[];
  /** Called each second and whenever a session is over. */
  onProgress?: (progress: ReplayProgress) => void;
  /** Ends all sessions at once, incomplete. */
  signal?: AbortSignal;
}

/** How far a replay is. */
export interface ReplayProgress {
  sessions: number;
  sessionsDone: number;
  steps: number;
  stepsDone: number;
}

/** How a replay went. */
export interface ReplaySummary {
  sessions: number;
  complete: number;
  /** Sessions that did not run to their end, as `endpoint/identity`, and why. */
  incomplete: { session: string; reason: string }[];
  /** Recorded frames that were not sent. */
  notSent: number;
}

const PROGRESS_MS = 1_000;

/**
 * Plays the sessions of a recording against a CSMS, all side by side, each as one virtual charger, and puts the run on record.
 * What goes wrong with the CSMS makes sessions incomplete and never rejects; throws USAGE and NO_SUCH_SESSION before it begins.
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { reader, recorder, speed, time, slice } = options;
  if (time === 'shift' && speed !== 1) {
    throw new ChargetapeError('USAGE', 'Times can only be shifted at speed 1: use --time end-now or keep.');
  }
  const chosen = await chosenSessions(options);
  const span = spanOf(chosen, slice);
  const plans: Plan[] = [];
  for (const session of chosen) plans.push(await planOf(reader, session, span.fromUs, slice));
  const pacing = { startUs: monoNowUs(), speed };
  const delta = deltaSeconds(time, wallNowUs(), span);
  const waitUs = (options.waitMs ?? 30_000) * 1000;
  const { backOffMs = BACK_OFF_MS } = options;
  const context = { target: options.target, recorder, source: reader.recording.uuid };
  const runners = plans.map((plan) => {
    return new Runner(plan, runSession(recorder, plan.session), context, {
      pacing,
      delta,
      waitUs,
      backOffMs,
    });
  });
  const outcomes = await runAll(runners, options);
  return summaryOf(plans, outcomes);
}

async function runAll(runners: readonly Runner[], { signal, onProgress }: ReplayOptions): Promise<Outcome[]> {
  let sessionsDone = 0;
  const tell = () => onProgress?.(progressOf(runners, sessionsDone));
  const ticker = setInterval(tell, PROGRESS_MS);
  const stop = () => {
    for (const runner of runners) runner.stop();
  };
  signal?.addEventListener('abort', stop);
  try {
    const running = runners.map(async (runner) => {
      const outcome = await runner.run();
      sessionsDone++;
      tell();
      return outcome;
    });
    if (signal?.aborted) stop();
    return await Promise.all(running);
  } finally {
    clearInterval(ticker);
    signal?.removeEventListener('abort', stop);
  }
}

async function chosenSessions({ reader, sessions, slice }: ReplayOptions): Promise<SessionSummary[]> {
  const chosen: SessionSummary[] = [];
  for await (const session of reader.summaries()) {
    if (session.firstAtUs === null || session.lastAtUs === null) continue;
    if (slice?.fromUs !== undefined && session.lastAtUs < slice.fromUs) continue;
    if (slice?.toUs !== undefined && session.firstAtUs >= slice.toUs) continue;
    if (sessions?.(session) ?? true) chosen.push(session);
  }
  if (chosen.length === 0) {
    throw new ChargetapeError('NO_SUCH_SESSION', 'The recording has no such session to replay.');
  }
  return chosen;
}

/** Wall clock of the first and last event to be replayed, µs. */
function spanOf(sessions: readonly SessionSummary[], slice: Slice = {}): { fromUs: number; toUs: number } {
  let fromUs = Number.POSITIVE_INFINITY;
  let toUs = Number.NEGATIVE_INFINITY;
  for (const { firstAtUs, lastAtUs } of sessions) {
    fromUs = Math.min(fromUs, firstAtUs ?? fromUs);
    toUs = Math.max(toUs, lastAtUs ?? toUs);
  }
  return { fromUs: Math.max(fromUs, slice.fromUs ?? fromUs), toUs: Math.min(toUs, slice.toUs ?? toUs) };
}

async function planOf(reader: Reader, session: Session, originUs: number, slice?: Slice): Promise<Plan> {
  const builder = new PlanBuilder(originUs);
  for await (const event of reader.events(session.id, slice)) builder.add(event);
  return builder.finish(session);
}

/** The session of the run that repeats a recorded one: same identity and endpoint, so that the two can be compared. */
function runSession(recorder: Recorder, recorded: Session): Session {
  const { identity, endpoint, vendor, model, firmware } = recorded;
  const session = recorder.session(identity, endpoint);
  const told = { ...session, vendor, model, firmware, replays: recorded.id };
  recorder.record({ kind: 'session', session: told });
  return told;
}

function progressOf(runners: readonly Runner[], sessionsDone: number): ReplayProgress {
  const progress = { sessions: runners.length, sessionsDone, steps: 0, stepsDone: 0 };
  for (const runner of runners) {
    progress.steps += runner.progress.of;
    progress.stepsDone += runner.progress.done;
  }
  return progress;
}

function summaryOf(plans: readonly Plan[], outcomes: readonly Outcome[]): ReplaySummary {
  const incomplete = outcomes.flatMap(({ complete, reason }, index) => {
    const { endpoint, identity } = plans[index]!.session;
    return complete ? [] : [{ session: `${endpoint}/${identity}`, reason: reason ?? '' }];
  });
  return {
    sessions: outcomes.length,
    complete: outcomes.length - incomplete.length,
    incomplete,
    notSent: outcomes.reduce((sum, { notSent }) => sum + notSent, 0),
  };
}
