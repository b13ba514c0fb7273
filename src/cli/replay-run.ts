import { redialModels } from '../charge/makes.ts';
import { ChargetapeError } from '../errors.ts';
import { cleanUpRun } from '../replay/clean-up-run.ts';
import { shardName } from '../replay/clones.ts';
import type { Access } from '../replay/credentials.ts';
import type { Hook } from '../replay/hook.ts';
import { preflight } from '../replay/preflight.ts';
import type { Probing } from '../replay/probing.ts';
import { type LiveReplay, type ReplaySummary, replay, requireMoments } from '../replay/replay.ts';
import { copyFinished, lastIds } from '../replay/resume.ts';
import { chosenSessions, type Selection } from '../replay/session-plans.ts';
import type { Driving } from '../replay/session-run.ts';
import { admitTarget, checkTarget } from '../replay/target-guard.ts';
import type { Reader, Recorder } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import { removeFile } from '../store/recording-file.ts';
import { createRecording } from '../store/recording-writer.ts';
import { clientTls } from '../wire/tls-socket.ts';
import { formatServer, type ServerUrl } from '../wire/url.ts';
import { drivingOf, hookOf, probingOf } from './charger-options.ts';
import { type ReplayOptions, targetCheckOf, targetOf, timeModeOf } from './replay-options.ts';
import { progressPrinter } from './replay-summary.ts';
import { runShell } from './shell-step.ts';
import { TOOL_VERSION } from './version.ts';

/** A replay from the command line: what is played, and how. */
export interface RunJob {
  selection: Selection;
  access: Access;
  out: string;
  options: ReplayOptions;
  signal: AbortSignal;
  /** Who looks on while it plays, instead of a line on standard error. */
  onlooker?: Onlooker;
}

/** Looks on at a run: at what is put on record, and at how far it is. */
export interface Onlooker {
  recorder(recorder: Recorder): Recorder;
  started(live: LiveReplay): void;
}

/** Messages of a run are put on record so much later, ms: one commit for many leaves the time to the chargers. */
export const COLLECT_MS = 10;

/** Replays into a new recording; the target is checked before anything is made or dialled. */
export async function makeRun(job: RunJob): Promise<ReplaySummary> {
  const { selection, out, options } = job;
  const target = targetOf(options);
  const { recording } = selection.reader;
  timeModeOf(options);
  requireMoments(options.scenario, options.speed);
  const check = targetCheckOf(target, recording.upstream, options);
  const admit = await admitTarget(check, selection, job.access.tls?.('') ?? clientTls());
  const access = { ...job.access, ...(admit && { admit }) };
  const hook = await hookOf(options);
  const guard = async (host: string, port: number) => {
    await checkTarget(targetCheckOf({ host, port, path: '' }, recording.upstream, options));
  };
  const driving = await drivingOf(options, guard);
  const probing = await probingOf(options, guard);
  await chosenSessions(selection);
  const interrupted = options.resume === undefined ? null : await openRecording(options.resume);
  try {
    refuseOther(interrupted, selection.reader);
    const firstIds = interrupted ? await lastIds(interrupted) : { id: 0, connection: 0 };
    const head = {
      kind: 'run',
      toolVersion: TOOL_VERSION,
      label: options.label ?? interrupted?.recording.label ?? null,
      upstream: formatServer(target) + target.path,
      source: recording.uuid,
      shard: shardName(options.shard),
    } as const;
    const recorder = await createRecording(out, head, { lastIds: firstIds, collectMs: COLLECT_MS });
    try {
      return await withShellSteps({ ...job, access, recorder, target, interrupted, hook, driving, probing });
    } catch (error) {
      await recorder.close();
      if (isBeforePlay(error)) removeFile(out);
      throw error;
    } finally {
      await recorder.close();
    }
  } finally {
    interrupted?.close();
  }
}

/** Whether a run ended before a charger dialled: there is nothing in it to keep. */
function isBeforePlay(error: unknown): boolean {
  return error instanceof ChargetapeError && ['SETUP_FAILED', 'PREFLIGHT_FAILED'].includes(error.code);
}

/** A job whose recording is made. */
interface OpenJob extends RunJob {
  recorder: Recorder;
  target: ServerUrl;
  interrupted: Reader | null;
  hook: Hook | undefined;
  driving: Driving | undefined;
  probing: Probing | undefined;
}

/** Sets the target up, plays, and takes it down again whatever happened. SETUP_FAILED. */
async function withShellSteps(job: OpenJob): Promise<ReplaySummary> {
  const { options, out, recorder } = job;
  const env = {
    CHARGETAPE_RUN: recorder.recording.uuid,
    CHARGETAPE_RUN_FILE: out,
    CHARGETAPE_TARGET: options.target ?? '',
  };
  try {
    const failure = options.setup === undefined ? null : await runShell(options.setup, env);
    if (failure !== null)
      throw new ChargetapeError('SETUP_FAILED', `The --setup command failed: ${failure}.`);
    if (options.preflight) await lookFirst(job);
    return await play(job);
  } finally {
    const failure = options.teardown === undefined ? null : await runShell(options.teardown, env);
    if (failure !== null) process.stderr.write(`the --teardown command failed: ${failure}\n`);
  }
}

/** Dials each identity once. PREFLIGHT_FAILED when one is not accepted, after all of those were printed. */
async function lookFirst({ selection, access, recorder, target }: OpenJob): Promise<void> {
  const receptions = await preflight({ ...selection, access, target, run: recorder.recording.uuid });
  const refused = receptions.filter(({ problem }) => problem !== null);
  for (const { session, identity, problem } of refused) {
    process.stderr.write(`preflight: ${session} as ${identity}: ${problem}\n`);
  }
  const accepted = receptions.length - refused.length;
  if (refused.length === 0) process.stderr.write(`preflight: all ${accepted} identities are accepted\n`);
  else {
    const sentence = `The target accepts ${accepted} of ${receptions.length} identities.`;
    throw new ChargetapeError('PREFLIGHT_FAILED', sentence);
  }
}

async function play(job: OpenJob): Promise<ReplaySummary> {
  const { selection, access, options, recorder, target, signal, interrupted, onlooker } = job;
  const rest = interrupted ? await resumed(job, interrupted) : selection;
  const onProgress = onlooker ? undefined : progressPrinter();
  if (rest === null) return { sessions: 0, complete: 0, incomplete: [], notSent: 0 };
  return replay({
    ...rest,
    recorder: onlooker?.recorder(recorder) ?? recorder,
    target,
    access,
    speed: options.speed,
    ...(options.loop && { laps: options.loop }),
    ...(options.fault && { faults: { rules: options.fault, seed: options.seed } }),
    time: timeModeOf(options),
    cleanUp: options.cleanup !== false,
    waitMs: options.wait * 1000,
    onMissingCommand: options.onMissingCommand,
    ...(options.maxGap !== undefined && { maxGapMs: options.maxGap * 1000 }),
    ...(job.hook && { hook: job.hook }),
    ...(options.localAddress && { localAddresses: options.localAddress }),
    ...(job.driving && { driving: job.driving }),
    ...(job.probing && { probing: job.probing }),
    signal,
    ...(options.scenario !== 'steady' && {
      scenario: { name: options.scenario, seed: options.seed, redialOf: redialModels() },
    }),
    ...(options.threshold && { thresholds: options.threshold }),
    ...(onlooker && { onStart: (live) => onlooker.started(live) }),
    ...(onProgress && { onProgress }),
  });
}

/** Takes over what the interrupted run finished, ends what it left open, and gives the sessions that are left; null for none. */
async function resumed(job: OpenJob, interrupted: Reader): Promise<Selection | null> {
  const { selection, recorder, target, access, options } = job;
  const finished = await copyFinished(interrupted, recorder);
  const isLeft = ({ replays }: { replays: number | null }) => replays === null || !finished.has(replays);
  if (options.cleanup !== false) {
    const waitMs = options.wait * 1000;
    await cleanUpRun({ run: interrupted, recorder, target, access, waitMs, sessions: isLeft });
  }
  const left = (await chosenSessions(selection)).filter(({ id }) => !finished.has(id));
  process.stderr.write(`resume: ${finished.size} taken over, ${left.length} to play\n`);
  const ids = new Set(left.map(({ id }) => id));
  return left.length === 0 ? null : { ...selection, sessions: ({ id }) => ids.has(id) };
}

function refuseOther(interrupted: Reader | null, reader: Reader): void {
  if (interrupted === null) return;
  const { kind, source } = interrupted.recording;
  if (kind === 'run' && source === reader.recording.uuid) return;
  throw new ChargetapeError('USAGE', 'The run of --resume is not one of this recording.');
}
