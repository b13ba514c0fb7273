import { Command, Option } from 'commander';
import { ChargetapeError } from '../errors.ts';
import { type ReplayProgress, type ReplaySummary, replay } from '../replay/replay.ts';
import { checkTarget } from '../replay/target-guard.ts';
import type { TimeMode } from '../replay/time-shift.ts';
import type { Reader } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import { createRecording } from '../store/recording-writer.ts';
import { formatAddress, parseServerUrl, type ServerUrl } from '../wire/url.ts';
import {
  collect,
  type Moment,
  parseMoment,
  parseSeconds,
  parseSpeed,
  type Speed,
  selectSessions,
  sliceOf,
} from './arguments.ts';
import { type ComparisonOptions, compareAndShow, withComparisonOptions } from './comparison.ts';
import { newRecordingPath } from './new-recording.ts';
import { jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';
import { StopSignal } from './stop-signal.ts';
import { TOOL_VERSION } from './version.ts';

interface ReplayOptions extends ComparisonOptions {
  target: string;
  out?: string;
  label?: string;
  speed: Speed;
  time?: TimeMode;
  session?: string[];
  from?: Moment;
  to?: Moment;
  wait: number;
  allowTarget?: string[];
  confirmTarget?: string;
  diff: boolean;
}

/** `chargetape replay`: plays the recorded chargers against a CSMS and says what it does differently. */
export function replayCommand(run: Run): Command {
  const command = new Command('replay')
    .description('replay the recorded chargers against another build of the CSMS, and compare')
    .argument('<recording>', 'a recording')
    .requiredOption('--target <url>', 'the CSMS under test, such as ws://127.0.0.1:8180')
    .option('--out <file>', 'the run; never overwritten (default: a new file in ./recordings)')
    .option('--label <text>', 'a note that the run keeps, such as the release of the CSMS')
    .option('--speed <factor>', '1, a factor such as 10, or max', parseSpeed, 1)
    .addOption(
      new Option(
        '--time <mode>',
        'how recorded times are told again: shift (default at speed 1), end-now (default else), keep',
      ).choices(['shift', 'end-now', 'keep']),
    )
    .option('--session <glob>', 'only sessions whose identity matches; may be repeated', collect)
    .option('--from <time>', 'from this ISO time, or +SECONDS from the start', parseMoment)
    .option('--to <time>', 'up to, not including, this ISO time or +SECONDS', parseMoment)
    .option('--wait <seconds>', 'how long a missing answer, id or command is waited for', parseSeconds, 30)
    .option('--allow-target <host[:port]>', 'a test system that may be dialled; may be repeated', collect)
    .option('--confirm-target <host>', 'the target typed out: dial it whatever the safety check says')
    .option('--no-diff', 'only make the run, do not compare it');
  return withComparisonOptions(command).action((recording: string, options: ReplayOptions) =>
    run(() => replayAndCompare(recording, options)),
  );
}

async function replayAndCompare(recording: string, options: ReplayOptions): Promise<number> {
  const target = parseServerUrl(options.target);
  const out = options.out ?? newRecordingPath('run');
  const stop = new StopSignal();
  const summary = await makeRun(recording, target, out, options, stop.signal);
  stop.release();
  if (stop.exitCode !== null) {
    process.stderr.write(`stopped; the run so far is in ${out}\n`);
    return stop.exitCode;
  }
  if (options.diff) {
    const exitCode = await compareAndShow(recording, out, options);
    process.stderr.write(`the run is ${out}\n`);
    return exitCode;
  }
  await printLine(options.json ? jsonLine({ out, ...summary }) : summaryText(out, summary));
  return summary.incomplete.length > 0 ? 3 : 0;
}

/** Replays into a new recording; the target is checked before anything is made or dialled. */
async function makeRun(
  recording: string,
  target: ServerUrl,
  out: string,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<ReplaySummary> {
  const reader = await openRecording(recording);
  try {
    const time = options.time ?? (options.speed === 1 ? 'shift' : 'end-now');
    if (time === 'shift' && options.speed !== 1) {
      throw new ChargetapeError('USAGE', 'Times can only be shifted at speed 1: use --time end-now or keep.');
    }
    const allowed = [
      ...(options.allowTarget ?? []),
      ...(process.env.CHARGETAPE_TARGETS ?? '').split(/[\s,]+/),
    ];
    await checkTarget({
      target,
      upstream: reader.recording.upstream,
      allowed: allowed.filter((entry) => entry !== ''),
      ...(options.confirmTarget !== undefined && { typedName: options.confirmTarget }),
    });
    const sessions = await selectSessions(reader, options.session);
    const slice = await sliceOf(reader, options.from, options.to);
    const recorder = await createRecording(out, head(reader, target, options));
    try {
      const { speed } = options;
      const waitMs = options.wait * 1000;
      const onProgress = progressPrinter();
      return await replay({
        reader,
        recorder,
        target,
        speed,
        time,
        sessions,
        slice,
        waitMs,
        signal,
        onProgress,
      });
    } finally {
      await recorder.close();
    }
  } finally {
    reader.close();
  }
}

function head(reader: Reader, target: ServerUrl, options: ReplayOptions) {
  return {
    kind: 'run',
    toolVersion: TOOL_VERSION,
    label: options.label ?? null,
    upstream: `ws://${formatAddress(target.host, target.port)}${target.path}`,
    source: reader.recording.uuid,
  } as const;
}

/** On a terminal, one line that is written over: sessions and steps done. */
function progressPrinter(): (progress: ReplayProgress) => void {
  if (!process.stderr.isTTY) return () => {};
  return ({ sessions, sessionsDone, steps, stepsDone }) => {
    process.stderr.write(
      `\r\x1b[Kreplaying: ${sessionsDone} of ${sessions} sessions, ${stepsDone} of ${steps} steps`,
    );
    if (sessionsDone === sessions) process.stderr.write('\r\x1b[K');
  };
}

function summaryText(out: string, summary: ReplaySummary): string {
  const lines = [`${out}: ${summary.complete} of ${summary.sessions} sessions replayed to their end`];
  for (const { session, reason } of summary.incomplete) lines.push(`  incomplete: ${session}: ${reason}`);
  return lines.join('\n');
}
