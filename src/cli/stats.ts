import { Command } from 'commander';
import { coverageOf } from '../report/census.ts';
import { coverageText } from '../report/coverage-text.ts';
import { openRecording } from '../store/reader.ts';
import { jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';

/** `chargetape stats`: which actions, answers, statuses, errors and makes of charger a recording holds, and which it lacks. */
export function statsCommand(run: Run): Command {
  return new Command('stats')
    .description('say what a recording covers: actions, answers, statuses, errors, makes of charger')
    .argument('<recording>', 'a recording')
    .option('--json', 'print one JSON object')
    .action((recording: string, options: { json?: true }) =>
      run(async () => {
        const reader = await openRecording(recording);
        try {
          const coverage = await coverageOf(reader);
          await printLine(options.json ? jsonLine(coverage) : coverageText(coverage).trimEnd());
        } finally {
          reader.close();
        }
        return 0;
      }),
    );
}
