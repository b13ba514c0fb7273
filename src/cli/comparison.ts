import { type Command, InvalidArgumentError } from 'commander';
import { exitCodeOf } from '../diff/exit-code.ts';
import type { Comparison } from '../diff/finding.ts';
import { FORMATS, type Format, isFormat } from '../report/formats.ts';
import type { Surroundings } from '../report/html-ladder.ts';
import type { Reader } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import { type JudgementOptions, judged } from './judgement.ts';
import { isTerminal, printLine, writeWhole } from './output.ts';
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

/** Compares two recordings, prints or shows what differs, and returns the exit code. */
export async function compareAndShow(
  baseline: string,
  candidate: string,
  options: ComparisonOptions,
): Promise<number> {
  const comparison = await compareFiles(baseline, candidate, options);
  await showComparison(comparison, options, await surroundingsFor(options, comparison, baseline, candidate));
  return exitCodeOf(comparison);
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

/** Writes the files asked for, then shows the findings screen on a terminal, or prints the format asked for. */
export async function showComparison(
  comparison: Comparison,
  options: ComparisonOptions,
  surroundings?: ReadonlyMap<string, Surroundings>,
): Promise<void> {
  for (const { format, file } of options.output ?? []) {
    writeWhole(file, FORMATS[format](comparison, surroundings));
  }
  const format = options.json ? 'json' : options.format;
  if (format === undefined && isTerminal(options.plain)) {
    const { showFindings } = await import('../ui/findings.ts');
    await showFindings(comparison);
  } else {
    await printLine(FORMATS[format ?? 'text'](comparison, surroundings).trimEnd());
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
