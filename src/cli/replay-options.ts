import { type Command, Option } from 'commander';
import { ChargetapeError } from '../errors.ts';
import { MOMENT, SURGE_MS } from '../load/scenario.ts';
import type { Arrivals, Shard } from '../replay/clones.ts';
import { type Laps, requireMovingTimes } from '../replay/laps.ts';
import { requireShiftable } from '../replay/replay.ts';
import type { TargetCheck } from '../replay/target-guard.ts';
import type { TimeMode } from '../replay/time-shift.ts';
import { parseServerUrl, type ServerUrl } from '../wire/url.ts';
import {
  collect,
  type Moment,
  parseDuration,
  parseLaps,
  parseMoment,
  parseSeconds,
  parseShard,
  parseSpeed,
  parseTimes,
  type Speed,
} from './arguments.ts';
import type { ChargerOptions } from './charger-options.ts';
import type { ComparisonOptions } from './comparison.ts';
import { type LoadOptions, withLoadOptions } from './load-options.ts';
import type { StagingOptions } from './staging-options.ts';

/** The flags of `replay`. */
export interface ReplayOptions extends ComparisonOptions, StagingOptions, ChargerOptions, LoadOptions {
  target?: string;
  against?: string;
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
  resume?: string;
  dryRun?: true;
  requirements?: 'csv' | 'json';
  /** µs. */
  budget?: number;
  confirm?: number;
  clones?: number;
  /** µs. */
  ramp?: number;
  arrivalRate?: number;
  loop?: Laps;
  loadReport?: string;
  shard?: Shard;
}

/** Adds the flags that say what is replayed, where to and how. */
export function withReplayOptions(command: Command): Command {
  return withLoadOptions(command)
    .option('--target <url>', 'the CSMS under test, such as ws://127.0.0.1:8180')
    .option('--against <url>', 'the old build: play it at the same time; only what is new decides')
    .option('--out <file>', 'the run; never overwritten (default: a new file in ./recordings)')
    .option('--label <text>', 'a note that the run keeps, such as the release of the CSMS')
    .option('--speed <factor>', '1, a factor such as 10, or max', parseSpeed, 1)
    .addOption(
      new Option(
        '--time <mode>',
        'how recorded times are told again: shift (default at speed 1), end-now (default else), weeks, keep',
      ).choices(['shift', 'end-now', 'weeks', 'keep']),
    )
    .option('--session <glob>', 'only sessions whose identity matches; may be repeated', collect)
    .option('--from <time>', 'from this ISO time, or +SECONDS from the start', parseMoment)
    .option('--to <time>', 'up to, not including, this ISO time or +SECONDS', parseMoment)
    .option('--wait <seconds>', 'how long a missing answer, id or command is waited for', parseSeconds, 30)
    .option('--allow-target <host[:port]>', 'a test system that may be dialled; may be repeated', collect)
    .option('--confirm-target <host>', 'the target typed out: dial it whatever the safety check says')
    .option('--clones <n>', 'play each session as so many chargers, each with names of its own', parseTimes)
    .option('--ramp <time>', 'over how long the clones arrive, such as 30m', parseDuration)
    .option(
      '--arrival-rate <chargers>',
      'how many chargers arrive each second, instead of --ramp',
      parseTimes,
    )
    .option('--loop <times>', 'play the recording so many times, or for so long, such as 2h', parseLaps)
    .option('--load-report <file>', 'write how the CSMS bore it to a file, as JSON')
    .option('--shard <i/n>', 'only every n-th of them, from the i-th; see merge', parseShard)
    .option('--resume <run>', 'go on after a run that was stopped or killed: play the sessions it lacks')
    .option('--budget <time>', 'replay no longer than this, such as 20m: the part worth most', parseDuration)
    .option('--confirm <times>', 'play the sessions that differ again, so many times', parseTimes)
    .option('--dry-run', 'say what a replay would do; dial nothing')
    .addOption(
      new Option(
        '--requirements <format>',
        'list what the target must know: chargers, tags, transactions, settings, certificates; dial nothing',
      ).choices(['csv', 'json']),
    )
    .option('--no-diff', 'only make the run, do not compare it');
}

/** How times are told again. USAGE for a shift at another pace than the recorded one. */
export function timeModeOf({ time, speed, maxGap, loop }: ReplayOptions): TimeMode {
  const mode = time ?? (speed === 1 && maxGap === undefined ? 'shift' : 'end-now');
  requireShiftable(mode, speed, maxGap);
  if (loop) requireMovingTimes(mode, loop);
  return mode;
}

/** When the clones begin, in the time of the recording; null when nothing is said of it. USAGE without clones or a schedule. */
export function arrivalsOf(options: ReplayOptions): Arrivals | null {
  const { ramp, arrivalRate, clones, speed, scenario } = options;
  const isSurge = scenario === 'surge';
  if (ramp === undefined && arrivalRate === undefined && !isSurge) return null;
  if (clones === undefined)
    throw new ChargetapeError(
      'USAGE',
      '--ramp, --arrival-rate and --scenario surge say when clones arrive: give --clones.',
    );
  if (speed === 'max')
    throw new ChargetapeError('USAGE', 'At --speed max there is no time over which clones could arrive.');
  if (isSurge && (ramp !== undefined || arrivalRate !== undefined))
    throw new ChargetapeError(
      'USAGE',
      '--scenario surge says when clones arrive: leave out --ramp and --arrival-rate.',
    );
  if (isSurge) return { withinUs: SURGE_MS * 1000 * speed, afterShare: MOMENT };
  if (arrivalRate !== undefined) return { perSecond: arrivalRate / speed };
  return { overUs: ramp! * speed };
}

/** The URL of `--target`. USAGE when there is none. */
export function targetOf({ target }: ReplayOptions): ServerUrl {
  if (target !== undefined) return parseServerUrl(target);
  throw new ChargetapeError('USAGE', "Required option '--target <url>' not specified.");
}

/** What decides whether a target may be dialled, by the flags and CHARGETAPE_TARGETS. */
export function targetCheckOf(
  target: ServerUrl,
  upstream: string | null,
  { allowTarget = [], confirmTarget }: Pick<ReplayOptions, 'allowTarget' | 'confirmTarget'>,
): TargetCheck {
  const listed = (process.env.CHARGETAPE_TARGETS ?? '').split(/[\s,]+/);
  const allowed = [...allowTarget, ...listed].filter((entry) => entry !== '');
  return { target, upstream, allowed, ...(confirmTarget !== undefined && { typedName: confirmTarget }) };
}
