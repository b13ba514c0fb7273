import { type Command, InvalidArgumentError } from 'commander';
import { exitCodeOf } from '../diff/exit-code.ts';
import type { Comparison } from '../diff/finding.ts';
import type { Surroundings } from '../diff/surroundings.ts';
import { FORMATS, type Format, isFormat } from '../report/formats.ts';
import type { Reader } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import { openViewer } from '../store/viewer.ts';
import { findingDeeds } from './finding-deeds.ts';
import { judged } from './judgement.ts';
import type { JudgementOptions } from './judgement-options.ts';
import { isTerminal, printLine, requireWritable, writeWhole } from './output.ts';
import { recordingDeeds } from './recording-deeds.ts';
import { surroundingsOf } from './surroundings.ts';

/** A file that the comparison is written to. */
interface Output {
  format: Format;
  file: string;
}

/** How a comparison is to be made and shown: the flags that `diff` and `replay` share. */
export interface ComparisonOptions extends JudgementOptions {
  format?: Format;
  output?: Output[];
  json?: true;
  plain?: true;
}

/** Adds the flags that say how a comparison is shown. */
export function withComparisonOptions(command: Command): Command {
  return command
    .option('--format <format>', `print it as ${Object.keys(FORMATS).join(', ')}`, parseFormat)
    .option('--output <format=file>', 'write it to a file too; may be repeated', collectOutput)
    .option('--json', 'the same as --format json')
    .option('--plain', 'print lines even on a terminal');
}

/** Refuses files that cannot be written, before anything is done that takes time. CANNOT_WRITE. */
export function requireOutputs({ output = [] }: ComparisonOptions): void {
  for (const { file } of output) requireWritable(file);
}

/** Compares two recordings, prints or shows what differs (after `amend` had its say), and returns the exit code. */
export async function compareAndShow(
  baseline: string,
  candidate: string,
  options: ComparisonOptions,
  amend: (comparison: Comparison) => Promise<Comparison> = async (comparison) => comparison,
): Promise<number> {
  requireOutputs(options);
  const comparison = await amend(await compareFiles(baseline, candidate, options));
  const surroundings = await surroundingsFor(options, comparison, baseline, candidate);
  return exitCodeOf(await showComparison(comparison, options, { baseline, candidate }, surroundings));
}

/** Compares two recordings on disk, as the flags say. EMPTY_RECORDING when one holds no session. */
export async function compareFiles(
  baseline: string,
  candidate: string,
  options: JudgementOptions = {},
): Promise<Comparison> {
  return withReaders(baseline, candidate, (before, after) => judged(before, after, options));
}

/** What passed around the findings, when a format that shows it is asked for. */
export async function surroundingsFor(
  { format, output = [] }: ComparisonOptions,
  comparison: Comparison,
  baseline: string,
  candidate: string,
): Promise<ReadonlyMap<string, Surroundings> | undefined> {
  if (![format, ...output.map((one) => one.format)].includes('html')) return undefined;
  return withReaders(baseline, candidate, (before, after) => surroundingsOf(comparison, before, after));
}

async function withReaders<T>(
  baseline: string,
  candidate: string,
  use: (before: Reader, after: Reader) => Promise<T>,
): Promise<T> {
  const before = await openRecording(baseline);
  try {
    const after = await openRecording(candidate);
    try {
      return await use(before, after);
    } finally {
      after.close();
    }
  } finally {
    before.close();
  }
}

/**
 * Writes the files asked for, then shows the findings screen on a terminal, or prints the format asked for. Gives the comparison as
 * the reader's decisions leave it. CANNOT_WRITE once the findings were shown all the same.
 */
export async function showComparison(
  comparison: Comparison,
  options: ComparisonOptions,
  files: ComparedFiles,
  surroundings?: ReadonlyMap<string, Surroundings>,
): Promise<Comparison> {
  const failures: unknown[] = [];
  for (const { format, file } of options.output ?? []) {
    try {
      writeWhole(file, FORMATS[format](comparison, surroundings));
    } catch (error) {
      failures.push(error);
    }
  }
  const left = await showOrPrint(comparison, options, files, surroundings);
  if (failures.length > 0) throw failures[0];
  return left;
}

async function showOrPrint(
  comparison: Comparison,
  options: ComparisonOptions,
  files: ComparedFiles,
  surroundings?: ReadonlyMap<string, Surroundings>,
): Promise<Comparison> {
  const format = options.json ? 'json' : options.format;
  if (format === undefined && isTerminal(options.plain)) {
    return showOnTerminal(comparison, files, options.rules);
  }
  // It stands also when whoever reads the findings has seen enough of them.
  process.exitCode = exitCodeOf(comparison);
  await printLine(FORMATS[format ?? 'text'](comparison, surroundings).trimEnd());
  return comparison;
}

/** The two recordings of a comparison, by their paths. */
export interface ComparedFiles {
  baseline: string;
  candidate: string;
}

/** The findings screen, with the chargers of the baseline behind it. */
export async function showOnTerminal(
  comparison: Comparison,
  { baseline, candidate }: ComparedFiles,
  rules: string | undefined,
): Promise<Comparison> {
  const { showTour } = await import('../ui/tour.ts');
  const viewer = await openViewer(baseline);
  try {
    const recording = { viewer, deeds: recordingDeeds(baseline) };
    const deeds = findingDeeds(comparison, baseline, candidate, rules);
    const left = await showTour({ recording, comparison, findingDeeds: deeds });
    return left.comparison ?? comparison;
  } finally {
    await viewer.close();
  }
}

function parseFormat(word: string): Format {
  if (isFormat(word)) return word;
  throw new InvalidArgumentError(`Known formats: ${Object.keys(FORMATS).join(', ')}.`);
}

function collectOutput(text: string, before: Output[] = []): Output[] {
  const [word = '', ...rest] = text.split('=');
  const file = rest.join('=');
  if (isFormat(word) && file !== '') return [...before, { format: word, file }];
  throw new InvalidArgumentError(`Give FORMAT=FILE with FORMAT one of ${Object.keys(FORMATS).join(', ')}.`);
}
