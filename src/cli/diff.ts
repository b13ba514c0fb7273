import { Command } from 'commander';
import { type ComparisonOptions, compareAndShow, withComparisonOptions } from './comparison.ts';
import { withJudgementOptions } from './judgement-options.ts';
import type { Run } from './run.ts';
import { withPairOptions } from './wanted-pairs.ts';

/** The flags of `diff`. */
interface DiffOptions extends ComparisonOptions {
  against?: string;
}

/** `chargetape diff`: what the candidate's CSMS does differently from the baseline's. */
export function diffCommand(run: Run): Command {
  const command = new Command('diff')
    .description('compare two recordings: what does the CSMS of the candidate do differently?')
    .argument('<baseline>', 'the recording that is compared against')
    .argument('<candidate>', 'the recording under judgement, usually a replay of the baseline')
    .option(
      '--against <run>',
      'a replay of the same baseline against the old build: only what is new decides',
    );
  withPairOptions(command);
  return withComparisonOptions(withJudgementOptions(command)).action(
    (baseline: string, candidate: string, { against, ...options }: DiffOptions) =>
      run(() => compareAndShow(baseline, candidate, { ...options, ...(against && { oldRun: against }) })),
  );
}
