import { type Command, InvalidArgumentError } from 'commander';
import { compareRecordings } from '../diff/compare-recordings.ts';
import { exitCodeOf } from '../diff/exit-code.ts';
import type { Comparison } from '../diff/finding.ts';
import { jsonReport } from '../report/json.ts';
import { textReport } from '../report/text.ts';
import { openRecording } from '../store/reader.ts';
import { collect } from './arguments.ts';
import { isTerminal, printLine, writeWhole } from './output.ts';

/** Each format a comparison can be printed or written in. */
const FORMATS: Record<string, (comparison: Comparison) => string> = { text: textReport, json: jsonReport };

/** How a comparison is to be shown: the flags that `diff` and `replay` share. */
export interface ComparisonOptions {
  format?: string;
  output?: string[];
  json?: true;
  plain?: true;
}

/** Adds the flags that say how a comparison is shown. */
export function withComparisonOptions(command: Command): Command {
  return command
    .option('--format <format>', `print it as ${Object.keys(FORMATS).join(' or ')}`, parseFormat)
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
  const comparison = await compareFiles(baseline, candidate);
  await showComparison(comparison, options);
  return exitCodeOf(comparison);
}

/** Compares two recordings on disk. */
export async function compareFiles(baseline: string, candidate: string): Promise<Comparison> {
  const before = await openRecording(baseline);
  try {
    const after = await openRecording(candidate);
    try {
      return await compareRecordings(before, after);
    } finally {
      after.close();
    }
  } finally {
    before.close();
  }
}

/** Writes the files asked for, then shows the findings screen on a terminal, or prints the format asked for. */
export async function showComparison(comparison: Comparison, options: ComparisonOptions): Promise<void> {
  for (const output of options.output ?? []) {
    const { format, file } = splitOutput(output);
    writeWhole(file, render(format, comparison));
  }
  const format = options.json ? 'json' : options.format;
  if (format === undefined && isTerminal(options.plain)) {
    const { showFindings } = await import('../ui/findings.ts');
    await showFindings(comparison);
  } else {
    await printLine(render(format ?? 'text', comparison).trimEnd());
  }
}

function render(format: string, comparison: Comparison): string {
  const report = FORMATS[format];
  if (!report) throw new Error(`unknown format ${format}`);
  return report(comparison);
}

function parseFormat(format: string): string {
  if (format in FORMATS) return format;
  throw new InvalidArgumentError(`Known formats: ${Object.keys(FORMATS).join(', ')}.`);
}

function collectOutput(text: string, before: string[] | undefined): string[] {
  const { format, file } = splitOutput(text);
  if (!(format in FORMATS) || file === '') {
    throw new InvalidArgumentError(`Give FORMAT=FILE with FORMAT one of ${Object.keys(FORMATS).join(', ')}.`);
  }
  return collect(text, before);
}

function splitOutput(text: string): { format: string; file: string } {
  const at = text.indexOf('=');
  return at < 0 ? { format: text, file: '' } : { format: text.slice(0, at), file: text.slice(at + 1) };
}
