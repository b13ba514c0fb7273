import { Command } from 'commander';
import { openRecording } from '../store/reader.ts';
import { summaryJson } from './event-json.ts';
import { gapLine } from './ladder.ts';
import { jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';
import { sessionLines } from './session-table.ts';

/** `chargetape list`: the sessions of a recording, one a line. */
export function listCommand(run: Run): Command {
  return new Command('list')
    .description('list the sessions of a recording')
    .argument('<recording>', 'a recording')
    .option('--json', 'print one JSON object a session')
    .action((recording: string, options: { json?: true }) =>
      run(async () => {
        const reader = await openRecording(recording);
        try {
          if (options.json) {
            for await (const summary of reader.summaries()) await printLine(jsonLine(summaryJson(summary)));
          } else {
            for await (const line of sessionLines(reader.summaries())) await printLine(line);
            for (const gap of await reader.gaps()) await printLine(gapLine(gap));
          }
        } finally {
          reader.close();
        }
        return 0;
      }),
    );
}
