import type { Command } from 'commander';
import { collect, parseTimes } from './arguments.ts';

/** What is known before a comparison about differences that do not count: the flags that `diff` and `replay` share. */
export interface JudgementOptions {
  noise?: string[];
  rules?: string;
  strictRules?: true;
  /** How many sessions to compare. */
  sample?: number;
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
    )
    .option('--sample <sessions>', 'compare so many sessions, chosen evenly from all', parseTimes);
}
