import type { Command } from 'commander';
import { compareRecordings } from '../diff/compare-recordings.ts';
import { compareThree } from '../diff/compare-three.ts';
import type { Comparison } from '../diff/finding.ts';
import { withoutNoise } from '../diff/noise.ts';
import { RuleBook } from '../diff/rule-book.ts';
import { parseRules } from '../diff/rule-file.ts';
import type { WantedPair } from '../diff/session-pairs.ts';
import { ChargetapeError } from '../errors.ts';
import type { Reader } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import { collect, requireSessions } from './arguments.ts';
import { readText } from './input.ts';
import { today } from './today.ts';
import { wantedPairsOf } from './wanted-pairs.ts';

/** What is known before a comparison about differences that do not count: the flags that `diff` and `replay` share. */
export interface JudgementOptions {
  noise?: string[];
  rules?: string;
  strictRules?: true;
  /** A run of the old build, to tell what is new from what both builds do. */
  oldRun?: string;
  /** Sessions to compare whatever they are called, `BASELINE=CANDIDATE`. */
  pair?: string[];
  /** A list of such pairs. */
  pairs?: string;
}

/** Adds the flags that say which differences do not count. */
export function withJudgementOptions(command: Command): Command {
  return command
    .option('--rules <file>', 'YAML: what is expected or accepted, and why (see chargetape accept)')
    .option('--strict-rules', 'exit 1 when a rule is unused, expired or over-broad')
    .option(
      '--noise <run>',
      "another run of the baseline's own build: values that drift in it too are noise; may be repeated",
      collect,
    );
}

/** Compares two recordings as the flags say. EMPTY_RECORDING when one of them, or a run of --noise, holds no session; BAD_RULES. */
export async function judged(
  before: Reader,
  after: Reader,
  options: JudgementOptions = {},
): Promise<Comparison> {
  const { noise = [], strictRules = false } = options;
  const rules = ruleBookOf(options);
  let comparison = await compareBuilds(before, after, options, rules);
  const runs: Comparison[] = [];
  for (const file of noise) runs.push(await withRecording(file, (run) => compareWhole(before, run)));
  if (runs.length > 0) comparison = withoutNoise(comparison, runs);
  return rules?.judge(comparison, strictRules) ?? comparison;
}

/** Refuses rules and runs that cannot be read, before anything is done that takes time. NO_SUCH_FILE, BAD_RULES, USAGE. */
export async function requireJudgement(options: JudgementOptions): Promise<void> {
  ruleBookOf(options);
  for (const file of options.noise ?? []) await withRecording(file, requireSessions);
}

function ruleBookOf({ rules, strictRules }: JudgementOptions): RuleBook | undefined {
  if (rules === undefined && strictRules)
    throw new ChargetapeError('USAGE', '--strict-rules needs a file of --rules.');
  if (rules === undefined) return undefined;
  return new RuleBook(parseRules(readText(rules), rules), today());
}

async function compareBuilds(
  before: Reader,
  after: Reader,
  options: JudgementOptions,
  rules?: RuleBook,
): Promise<Comparison> {
  const { oldRun } = options;
  if (oldRun === undefined)
    return compareWhole(before, after, rules, await wantedPairsOf(before, after, options));
  return withRecording(oldRun, async (old) => {
    for (const reader of [before, old, after]) await requireSessions(reader);
    return compareThree(before, old, after, rules ? { rules } : {});
  });
}

async function compareWhole(
  before: Reader,
  after: Reader,
  rules?: RuleBook,
  wantedPairs: readonly WantedPair[] = [],
): Promise<Comparison> {
  for (const reader of [before, after]) await requireSessions(reader);
  return compareRecordings(before, after, { wantedPairs, ...(rules && { rules }) });
}

async function withRecording<T>(file: string, use: (reader: Reader) => Promise<T>): Promise<T> {
  const reader = await openRecording(file);
  try {
    return await use(reader);
  } finally {
    reader.close();
  }
}
