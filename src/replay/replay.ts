import { ChargetapeError } from '../errors.ts';
import { Lateness } from '../load/lateness.ts';
import { type MishapRule, mishapsFor } from '../load/mishap.ts';
import { loadReport } from '../load/report.ts';
import type { Scenario } from '../load/scenario.ts';
import { Strain } from '../load/strain.ts';
import type { Threshold } from '../load/threshold.ts';
import { Traffic } from '../load/traffic.ts';
import type { Outcome, Recorder, Session } from '../session/recording.ts';
import { monoNowUs, wallNowUs } from '../wire/clock.ts';
import type { ServerUrl } from '../wire/url.ts';
import { type Access, NO_ACCESS } from './credentials.ts';
import { cutOffs, outageOf, type ScenarioOptions } from './cut-offs.ts';
import { Demand } from './demand.ts';
import { pacingOf } from './gap-cuts.ts';
import type { MissingCommandPolicy } from './gates.ts';
import type { Hook } from './hook.ts';
import { goesOn, type Laps, ONCE, requireMovingTimes, secondsBack } from './laps.ts';
import { BACK_OFF_MS } from './lines.ts';
import { dueUs, type Pacing, type Speed } from './pacing.ts';
import type { Plan } from './plan.ts';
import type { Probing } from './probing.ts';
import { ReadAhead } from './read-ahead.ts';
import { type Selection, type SessionPlan, selectedPlans } from './session-plans.ts';
import { type Driving, type Measures, SessionRun } from './session-run.ts';
import { latenessOf, type ReplaySummary, type SessionResult, summaryOf, together } from './summary.ts';
import { TagTurns } from './tag-turns.ts';
import { deltaSeconds, type TimeMode } from './time-shift.ts';

export type { ReplaySummary } from './summary.ts';

/** A replay: what to play, where to, how fast, and where to put it on record. */
export interface ReplayOptions extends Selection {
  /** How often the recording is played; once when not given. */
  laps?: Laps;
  recorder: Recorder;
  target: ServerUrl;
  speed: Speed;
  /** How times are told again; `shift` needs speed 1. */
  time: TimeMode;
  /** How the live identities come in; without passwords and certificates when not given. */
  access?: Access;
  /** Whether what the sessions leave standing at the CSMS is ended when all are over; true when not given. */
  cleanUp?: boolean;
  /** How long an answer, an id or a cause is waited for, ms; never scaled. */
  waitMs?: number;
  /** Waits before the attempts to come back after trouble with a connection, ms; never scaled. */
  backOffMs?: readonly number[];
  /** Pauses of the run, in which no session does anything, are cut to this, ms; none when not given. */
  maxGapMs?: number;
  /** What to do when a command that a step depends on does not come; `skip-dependents` when not given. */
  onMissingCommand?: MissingCommandPolicy;
  /** Who makes the CSMS send commands that people start; nobody when not given. */
  driving?: Driving;
  /** What is looked at in the system under test while it plays; nothing when not given. */
  probing?: Probing;
  /** What goes wrong with calls, and the seed of when; nothing when not given. */
  faults?: { rules: readonly MishapRule[]; seed: number };
  /** May rewrite each message before it is sent. */
  hook?: Hook;
  /** What befalls the chargers as a fleet; nothing when not given. Needs a speed that is a number. */
  scenario?: ScenarioOptions;
  /** Limits that the CSMS must keep under this load; none when not given. */
  thresholds?: readonly Threshold[];
  /** Addresses of this machine that the sessions take turns to dial from; the system's choice when there are none. */
  localAddresses?: readonly string[];
  /** Told once it begins; what it tells may be looked at for as long as the run goes on. */
  onStart?: (live: LiveReplay) => void;
  /** Called each second and when all sessions are over. */
  onProgress?: (progress: ReplayProgress) => void;
  /** Ends all sessions at once, incomplete. */
  signal?: AbortSignal;
}

/** A replay under way, for who wants to look closer than its progress. */
export interface LiveReplay {
  startedUs: number;
  /** When the last step is due by the schedule, µs of the monotonic clock; null at full speed, which has none. */
  endsUs: number | null;
  sessions: readonly LiveSession[];
  lateness: Pick<Lateness, 'percentile'>;
}

/** One session of it; `outcome` is null while it plays. */
export interface LiveSession {
  readonly name: string;
  readonly progress: { done: number; of: number };
  readonly outcome: Outcome | null;
}

/** How far a replay is. */
export interface ReplayProgress {
  sessions: number;
  sessionsDone: number;
  steps: number;
  stepsDone: number;
  /** Whether the chargers come in over TLS. */
  isSecure: boolean;
  measures: Measures;
}

/** How long a session takes to begin: so much later the schedule does, lest all are late at first, µs. */
const READY_US = 100;

const PROGRESS_MS = 1_000;

/** Chargers that are cleaned up after at a time. */
const CLEAN_UPS_AT_A_TIME = 100;

/**
 * Plays the sessions of a recording against a CSMS, all side by side, each as one virtual charger, and puts the run on record; as often as is
 * asked for, one lap after the other. What goes wrong with the CSMS makes sessions incomplete and never rejects; throws USAGE and
 * NO_SUCH_SESSION before it begins.
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { laps = ONCE, speed, time, signal } = options;
  requireShiftable(time, speed, options.maxGapMs);
  requireMovingTimes(time, laps);
  requireMoments(options.scenario?.name, speed);
  const measures = { lateness: new Lateness(), traffic: new Traffic(), strain: new Strain() };
  const beganUs = monoNowUs();
  let summary = await playLap(options, 0, measures);
  for (let lap = 1; !signal?.aborted && goesOn(laps, lap, monoNowUs() - beganUs); lap++) {
    summary = together(summary, await playLap(options, lap, measures));
  }
  const load = loadReport(measures, options.thresholds ?? []);
  return { ...summary, load, ...(speed !== 'max' && latenessOf(measures.lateness)) };
}

/** Plays all sessions once; `lap` is how often they were played before. */
async function playLap(options: ReplayOptions, lap: number, measures: Measures): Promise<ReplaySummary> {
  const { reader, recorder, speed, time, laps = ONCE } = options;
  const { span, sessions } = await selectedPlans({ ...options, lap });
  const { target, access = NO_ACCESS, backOffMs = BACK_OFF_MS, waitMs = 30_000 } = options;
  const { driving, probing, scenario, hook, onMissingCommand, localAddresses = [] } = options;
  const faults = options.faults ?? (scenario && { rules: [], seed: scenario.seed });
  const source = reader.recording.uuid;
  const plans = sessions.map(({ plan }) => plan);
  const ground = {
    target,
    recorder,
    source,
    access,
    measures,
    ...(driving && { driving }),
    ...(probing && { probing }),
    ...(faults && { mishapsOf: (name: string) => mishapsFor(faults, name) }),
    ...(scenario && { outageOf: (session: Session) => outageOf(session, scenario) }),
  };
  const pacing = pacingOf(plans, { startUs: 0, speed, maxGapMs: options.maxGapMs });
  const ahead = new ReadAhead(plans);
  await ahead.read(pacing, 0);
  const now = deltaSeconds(time, wallNowUs(), span, speed === 1 && !pacing.cuts);
  const delta = now - secondsBack(time, span, laps, lap);
  const play = {
    ...{ pacing, delta, waitUs: waitMs * 1000, backOffMs },
    ...(hook && { hook }),
    ...(onMissingCommand && { onMissingCommand }),
  };
  const turns = turnsOf(sessions);
  const runs = sessions.map((session, place) => {
    const planned = { ...session, plan: ahead.of(session.plan) };
    const own = { turns: turns.get(session.clone)!, ...addressFor(place, localAddresses) };
    // Who comes later at the recorded pace has later clocks, too.
    const later = time === 'shift' ? Math.floor(session.phaseUs / 1e6) : 0;
    return new SessionRun(planned, { ...ground, ...own }, { ...play, delta: delta + later });
  });
  const tell = teller(runs, { options, measures, pacing, plans });
  pacing.startUs = monoNowUs() + (speed === 'max' ? 0 : sessions.length * READY_US);
  const last = Math.max(0, ...plans.map(({ steps }) => steps.at(-1)?.offsetUs ?? 0));
  const endsUs = speed === 'max' ? null : dueUs(pacing, last);
  options.onStart?.({ startedUs: pacing.startUs, endsUs, sessions: runs, lateness: measures.lateness });
  const reading = ahead.follow(pacing, monoNowUs);
  const moments =
    scenario && endsUs !== null ? cutOffs(runs, scenario, (endsUs - pacing.startUs) / 1000) : [];
  const results = await playAll(runs, options, tell).finally(() => {
    reading.stop();
    for (const moment of moments) clearTimeout(moment);
  });
  if (options.cleanUp ?? true) await cleanUpAll(results);
  return summaryOf(results);
}

/** Addresses of this machine in turn; the system's choice when there are none. */
function addressFor(place: number, addresses: readonly string[]): { localAddress?: string } {
  const localAddress = addresses[place % addresses.length];
  return localAddress === undefined ? {} : { localAddress };
}

/** Whose turn it is among the sessions of each clone: clones have tags of their own. */
function turnsOf(sessions: readonly SessionPlan[]): Map<number, TagTurns> {
  const groups = Map.groupBy(sessions, ({ clone }) => clone);
  return new Map([...groups].map(([clone, own]) => [clone, new TagTurns(own.map(({ plan }) => plan))]));
}

/** USAGE for times that are shifted although the run is not as long as the recording: some would lie in the future. */
export function requireShiftable(time: TimeMode, speed: Speed, maxGapMs: number | undefined): void {
  if (time !== 'shift' || (speed === 1 && maxGapMs === undefined)) return;
  throw new ChargetapeError(
    'USAGE',
    'Times can only be shifted at speed 1 and without --max-gap: use --time end-now, weeks or keep.',
  );
}

/** USAGE for a scenario without a schedule in which it could have its moment. */
export function requireMoments(scenario: Scenario | undefined, speed: Speed): void {
  if (scenario === undefined || scenario === 'steady' || speed !== 'max') return;
  throw new ChargetapeError('USAGE', 'At --speed max there is no time in which a scenario could happen.');
}

async function playAll(
  runs: readonly SessionRun[],
  { signal }: ReplayOptions,
  tell: () => void,
): Promise<SessionResult[]> {
  const ticker = setInterval(tell, PROGRESS_MS);
  const stop = () => {
    for (const run of runs) run.stop();
  };
  signal?.addEventListener('abort', stop);
  try {
    const playing = runs.map(async (run) => ({ run, outcome: await run.play(), cleanUp: null }));
    if (signal?.aborted) stop();
    const results = await Promise.all(playing);
    tell();
    return results;
  } finally {
    clearInterval(ticker);
    signal?.removeEventListener('abort', stop);
  }
}

/** Ends what the sessions left standing. Only now, so that none of them meets a CSMS that another one's clean-up has changed. */
async function cleanUpAll(results: SessionResult[]): Promise<void> {
  const left = results.values();
  const next = async () => {
    for (const result of left) result.cleanUp = await result.run.cleanUp();
  };
  await Promise.all(Array.from({ length: CLEAN_UPS_AT_A_TIME }, next));
}

/** Tells how far the sessions are whenever it is called; nobody, when nobody listens. */
function teller(
  runs: readonly SessionRun[],
  ground: { options: ReplayOptions; measures: Measures; pacing: Pacing; plans: readonly Plan[] },
): () => void {
  const { options, measures, pacing, plans } = ground;
  const { onProgress, target, speed } = options;
  if (!onProgress) return () => {};
  const demand = speed === 'max' ? null : new Demand(plans, pacing);
  const before = measures.traffic.wanted;
  return () => {
    if (demand) measures.traffic.wanted = before + demand.by(monoNowUs() - pacing.startUs);
    onProgress({ ...progressOf(runs), isSecure: target.secure === true, measures });
  };
}

function progressOf(
  runs: readonly SessionRun[],
): Pick<ReplayProgress, 'sessions' | 'sessionsDone' | 'steps' | 'stepsDone'> {
  const progress = { sessions: runs.length, sessionsDone: 0, steps: 0, stepsDone: 0 };
  for (const { outcome, progress: one } of runs) {
    if (outcome !== null) progress.sessionsDone++;
    progress.steps += one.of;
    progress.stepsDone += one.done;
  }
  return progress;
}
