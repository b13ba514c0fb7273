import { Command } from 'commander';
import type { Filter } from '../filter/filter.ts';
import type { Reader, SessionSummary } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import { summaryJson } from './event-json.ts';
import { MessageFilter, tellNothing, withFilterOption } from './filter-option.ts';
import { gapLine } from './ladder.ts';
import { jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';
import { sessionLines } from './session-table.ts';

interface ListOptions {
  filter?: Filter;
  json?: true;
}

/** `chargetape list`: the sessions of a recording, one a line. */
export function listCommand(run: Run): Command {
  const command = new Command('list')
    .description('list the sessions of a recording')
    .argument('<recording>', 'a recording')
    .option('--json', 'print one JSON object a session');
  return withFilterOption(command, 'only sessions in which a message matches').action(
    (recording: string, options: ListOptions) =>
      run(async () => {
        const reader = await openRecording(recording);
        try {
          const summaries = options.filter ? filtered(reader, options.filter) : reader.summaries();
          if (options.json) {
            for await (const summary of summaries) await printLine(jsonLine(summaryJson(summary)));
          } else {
            let isEmpty = true;
            for await (const line of sessionLines(summaries)) {
              isEmpty = false;
              await printLine(line);
            }
            if (isEmpty && !options.filter) await printLine('No charger was recorded.');
            for (const gap of await reader.gaps()) await printLine(gapLine(gap));
          }
        } finally {
          reader.close();
        }
        return 0;
      }),
  );
}

/** The sessions in which a message matches. */
async function* filtered(reader: Reader, filter: Filter): AsyncGenerator<SessionSummary> {
  const ids = await (await MessageFilter.of(filter, reader)).sessions();
  if (ids.size === 0) tellNothing('message of this recording');
  for await (const summary of reader.summaries()) if (ids.has(summary.id)) yield summary;
}
