import { Command } from 'commander';
import type { Comparison } from '../diff/finding.ts';
import { ChargetapeError } from '../errors.ts';
import { thresholdExitCode } from '../load/report.ts';
import { budgeted } from '../replay/budget.ts';
import { dryRun } from '../replay/dry-run.ts';
import type { ReplaySummary } from '../replay/replay.ts';
import { requirementsCsv, requirementsOf } from '../replay/requirements.ts';
import type { Selection } from '../replay/session-plans.ts';
import { openRecording } from '../store/reader.ts';
import { requireSessions, selectSessions, sliceOf } from './arguments.ts';
import { isWatchable, watchReplay } from './attended-replay.ts';
import { makeBothRuns, oldRunPath } from './both-runs.ts';
import { rulesOf, withChargerOptions } from './charger-options.ts';
import { cleanUpAfter } from './clean-up.ts';
import { compareAndShow, requireOutputs, withComparisonOptions } from './comparison.ts';
import { confirmFindings } from './confirm.ts';
import { requireJudgement } from './judgement.ts';
import { withJudgementOptions } from './judgement-options.ts';
import { newRecordingPath } from './new-recording.ts';
import { requireSockets } from './open-files.ts';
import { jsonLine, printLine, requireWritable, writeWhole } from './output.ts';
import { arrivalsOf, type ReplayOptions, targetOf, withReplayOptions } from './replay-options.ts';
import { makeRun, type Onlooker } from './replay-run.ts';
import { budgetLines, dryRunText, notes, summaryText } from './replay-summary.ts';
import type { Run } from './run.ts';
import { accessFrom, stagingOf, withStagingOptions } from './staging-options.ts';
import { StopSignal } from './stop-signal.ts';
import { warnOfInsecure } from './target-tls.ts';

/** `chargetape replay`: plays the recorded chargers against a CSMS and says what it does differently. */
export function replayCommand(run: Run): Command {
  const command = new Command('replay')
    .description('replay the recorded chargers against another build of the CSMS, and compare')
    .argument('[recording]', 'a recording');
  withStagingOptions(withChargerOptions(withReplayOptions(command)));
  return withComparisonOptions(withJudgementOptions(command)).action(
    (recording: string | undefined, options: ReplayOptions) => run(() => replayAs(recording, options)),
  );
}

/** Does what the flags ask for: a clean-up, a look ahead, or the replay. */
async function replayAs(recording: string | undefined, options: ReplayOptions): Promise<number> {
  if (typeof options.cleanup === 'string') return cleanUpAfter(options.cleanup, options);
  if (recording === undefined) throw new ChargetapeError('USAGE', "Missing required argument 'recording'.");
  if (options.dryRun || options.requirements) return lookAhead(recording, options);
  if (options.loop && (options.resume !== undefined || options.confirm !== undefined))
    throw new ChargetapeError('USAGE', '--loop goes with neither --resume nor --confirm.');
  targetOf(options);
  requireComparison(options);
  requireOutputs(options);
  if (options.loadReport !== undefined) requireWritable(options.loadReport);
  await requireJudgement(options);
  return replayAndCompare(recording, options);
}

/** Flags that say how a comparison is made and shown. */
const COMPARING = {
  output: '--output',
  format: '--format',
  rules: '--rules',
  strictRules: '--strict-rules',
  noise: '--noise',
  confirm: '--confirm',
} as const;

/** Refuses flags of a comparison where none is made: whoever gave them waits for a report. USAGE. */
function requireComparison(options: ReplayOptions): void {
  if (options.diff && !options.shard) return;
  const unused = (Object.keys(COMPARING) as (keyof typeof COMPARING)[]).find((name) => options[name]);
  if (unused === undefined) return;
  const why = options.diff ? 'a shard is compared by `merge`' : '--no-diff compares nothing';
  throw new ChargetapeError('USAGE', `${COMPARING[unused]} has no use here: ${why}.`);
}

/** Prints what a replay would do or presume, and dials nothing. */
async function lookAhead(recording: string, options: ReplayOptions): Promise<number> {
  return withSelection(recording, options, async (selection) => {
    if (options.requirements) {
      const requirements = await requirementsOf(selection);
      const asJson = options.requirements === 'json';
      await printLine(asJson ? jsonLine(requirements) : requirementsCsv(requirements));
    } else {
      const dry = await dryRun(selection, options.speed, options.maxGap && options.maxGap * 1000);
      await printLine(options.json ? jsonLine(dry) : dryRunText(dry));
    }
    return 0;
  });
}

async function replayAndCompare(recording: string, options: ReplayOptions): Promise<number> {
  const out = options.out ?? newRecordingPath('run');
  const stop = new StopSignal({ atHangUp: true });
  const { signal } = stop;
  const access = accessFrom(options);
  warnOfInsecure(options);
  const jobOf = (selection: Selection) => ({ selection, access, out, options, signal });
  if (isWatchable(options)) {
    const play = (onlooker: Onlooker) =>
      withSelection(recording, options, (selection) => makeRun({ ...jobOf(selection), onlooker }));
    const watched = await watchReplay(recording, out, options, play, () => stop.exitCode);
    stop.release();
    tell(watched.summary, options);
    process.stderr.write(
      watched.comparison === null ? `stopped; the run so far is in ${out}\n` : `the run is ${out}\n`,
    );
    return watched.comparison === null ? watched.exitCode : decided(watched.exitCode, watched.summary);
  }
  const summary = await withSelection(recording, options, (selection) => makeBothRuns(jobOf(selection)));
  if (!options.confirm) stop.release();
  if (stop.exitCode !== null) {
    tell(summary, options);
    process.stderr.write(`stopped; the run so far is in ${out}\n`);
    return stop.exitCode;
  }
  if (options.diff && !options.shard) {
    const oldRun = options.against === undefined ? {} : { oldRun: oldRunPath(out) };
    const { confirm } = options;
    const confirmed = async (comparison: Comparison) =>
      confirm === undefined
        ? comparison
        : withSelection(recording, options, (selection) =>
            confirmFindings(comparison, recording, jobOf(selection), confirm),
          );
    const exitCode = await compareAndShow(recording, out, { ...options, ...oldRun }, confirmed);
    tell(summary, options);
    process.stderr.write(`the run is ${out}\n`);
    if (options.against !== undefined)
      process.stderr.write(`the run of the old build is ${oldRunPath(out)}\n`);
    return decided(exitCode, summary);
  }
  writeLoad(summary, options);
  await printLine(options.json ? jsonLine({ out, ...summary }) : summaryText(out, summary, isLoad(options)));
  return decided(summary.incomplete.length > 0 ? 3 : 0, summary);
}

/** Tells on standard error what a run did beside playing its sessions. CANNOT_WRITE. */
function tell(summary: ReplaySummary, options: ReplayOptions): void {
  for (const note of notes(summary, isLoad(options))) process.stderr.write(`${note}\n`);
  writeLoad(summary, options);
}

function writeLoad({ load }: ReplaySummary, { loadReport }: ReplayOptions): void {
  if (loadReport !== undefined && load) writeWhole(loadReport, `${jsonLine(load)}\n`);
}

/** Whether a replay is to load the CSMS, not only to ask it. */
function isLoad({ clones, threshold, scenario }: ReplayOptions): boolean {
  return clones !== undefined || threshold !== undefined || scenario !== 'steady';
}

/** The exit code of a comparison, and what the thresholds make of it: what is not known (3) wins over a threshold that was missed (4), and that over what is different (1). */
function decided(exitCode: number, { load }: ReplaySummary): number {
  const byLoad = load ? thresholdExitCode(load) : 0;
  return exitCode === 3 ? 3 : byLoad || exitCode;
}

/** Opens the recording and works out what of it is to be played. */
async function withSelection<T>(
  recording: string,
  options: ReplayOptions,
  use: (selection: Selection) => Promise<T>,
): Promise<T> {
  const rules = rulesOf(options);
  const reader = await openRecording(recording);
  try {
    await requireSessions(reader);
    const sessions = await selectSessions(reader, options.session);
    const slice = await sliceOf(reader, options.from, options.to);
    const chosen = { reader, sessions, slice, preamble: options.preamble, rules };
    const selection = await withinBudget(chosen, options);
    const { clones, shard } = options;
    requireSockets(Math.ceil((clones ?? 1) / (shard?.of ?? 1)));
    const arrivals = arrivalsOf(options);
    const staging = await stagingOf(options, selection);
    const load = { ...(clones && { clones }), ...(arrivals && { arrivals }), ...(shard && { shard }) };
    return await use({ ...selection, staging, ...load });
  } finally {
    reader.close();
  }
}

/** The selection, cut down to the part of it that is worth most when it would take longer than --budget; what is dropped is told. */
async function withinBudget(selection: Selection, { budget, speed }: ReplayOptions): Promise<Selection> {
  if (budget === undefined) return selection;
  if (speed === 'max')
    throw new ChargetapeError(
      'USAGE',
      'At full speed a replay has no length: --budget needs a --speed that is a number.',
    );
  const kept = await budgeted(selection, budget * speed);
  if (kept === null) return selection;
  for (const line of budgetLines(kept)) process.stderr.write(`${line}\n`);
  return { ...selection, slice: kept.slice };
}
