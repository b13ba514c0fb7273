import { type CompareOptions, compareRecordings } from '../diff/compare-recordings.ts';
import { compareThree } from '../diff/compare-three.ts';
import type { Comparison } from '../diff/finding.ts';
import { withoutNoise } from '../diff/noise.ts';
import { RuleBook } from '../diff/rule-book.ts';
import { parseRules } from '../diff/rule-file.ts';
import { ChargetapeError } from '../errors.ts';
import type { Reader } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import { requireSessions } from './arguments.ts';
import { readText } from './input.ts';
import type { JudgementOptions } from './judgement-options.ts';
import { today } from './today.ts';
import { wantedPairsOf } from './wanted-pairs.ts';

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
    return compareWhole(before, after, {
      ...comparing(options, rules),
      wantedPairs: await wantedPairsOf(before, after, options),
    });
  return withRecording(oldRun, async (old) => {
    for (const reader of [before, old, after]) await requireSessions(reader);
    return compareThree(before, old, after, comparing(options, rules));
  });
}

async function compareWhole(
  before: Reader,
  after: Reader,
  options: CompareOptions = {},
): Promise<Comparison> {
  for (const reader of [before, after]) await requireSessions(reader);
  return compareRecordings(before, after, options);
}

function comparing({ sample }: JudgementOptions, rules: RuleBook | undefined): CompareOptions {
  return { ...(rules && { rules }), ...(sample !== undefined && { sample }) };
}

async function withRecording<T>(file: string, use: (reader: Reader) => Promise<T>): Promise<T> {
  const reader = await openRecording(file);
  try {
    return await use(reader);
  } finally {
    reader.close();
  }
}
