import { Command } from 'commander';
import type { Reader } from '../session/recording.ts';
import { mergeRuns } from '../store/merge.ts';
import { openRecording } from '../store/reader.ts';
import {
  type ComparisonOptions,
  compareAndShow,
  requireOutputs,
  withComparisonOptions,
} from './comparison.ts';
import { requireJudgement } from './judgement.ts';
import { withJudgementOptions } from './judgement-options.ts';
import { counted, jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';
import { TOOL_VERSION } from './version.ts';

interface MergeOptions extends ComparisonOptions {
  out: string;
  baseline?: string;
}

/** `chargetape merge`: one run of the shards that several machines have played, and its verdict. */
export function mergeCommand(run: Run): Command {
  const command = new Command('merge')
    .description('make one run of its shards, and compare it')
    .argument('<runs...>', 'all shards of a run')
    .requiredOption('--out <file>', 'the whole run; never overwritten')
    .option('--baseline <recording>', 'the recording that was replayed: compare the run with it');
  return withComparisonOptions(withJudgementOptions(command)).action(
    (runs: string[], options: MergeOptions) => run(() => merge(runs, options)),
  );
}

async function merge(runs: readonly string[], options: MergeOptions): Promise<number> {
  requireOutputs(options);
  await requireJudgement(options);
  if (options.baseline !== undefined) (await openRecording(options.baseline)).close();
  const readers: Reader[] = [];
  try {
    for (const file of runs) readers.push(await openRecording(file));
    const merged = await mergeRuns(readers, options.out, TOOL_VERSION);
    const { shards, sessions, connections, frames } = merged;
    const isCompared = options.baseline !== undefined;
    const counts = [
      counted(sessions, 'session'),
      counted(connections, 'connection'),
      counted(frames, 'frame'),
    ];
    const line = options.json
      ? jsonLine({ out: options.out, ...merged })
      : `${options.out}: ${counted(shards, 'shard')}, ${counts.join(', ')}`;
    if (isCompared) process.stderr.write(`${line}\n`);
    else await printLine(line);
  } finally {
    for (const reader of readers) reader.close();
  }
  return options.baseline === undefined ? 0 : compareAndShow(options.baseline, options.out, options);
}
