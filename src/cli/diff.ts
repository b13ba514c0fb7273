import { Command } from 'commander';
import { type ComparisonOptions, compareAndShow, withComparisonOptions } from './comparison.ts';
import type { Run } from './run.ts';

/** `chargetape diff`: what the candidate's CSMS does differently from the baseline's. */
export function diffCommand(run: Run): Command {
  const command = new Command('diff')
    .description('compare two recordings: what does the CSMS of the candidate do differently?')
    .argument('<baseline>', 'the recording that is compared against')
    .argument('<candidate>', 'the recording under judgement, usually a replay of the baseline');
  return withComparisonOptions(command).action(
    (baseline: string, candidate: string, options: ComparisonOptions) =>
      run(() => compareAndShow(baseline, candidate, options)),
  );
}
