import { Command } from 'commander';
import { openRecording } from '../store/reader.ts';
import { type Moment, oneSession, parseMoment, sliceOf } from './arguments.ts';
import { eventJson } from './event-json.ts';
import { gapsWithin, ladderLines } from './ladder.ts';
import { jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';

interface ShowOptions {
  from?: Moment;
  to?: Moment;
  json?: true;
}

/** `chargetape show`: one session as a ladder, a line for each frame, connection opening and end. */
export function showCommand(run: Run): Command {
  return new Command('show')
    .description('show one session as a ladder: time, who, what, latency of the answer')
    .argument('<recording>', 'a recording')
    .argument('<session>', 'identity of the charger, or session id')
    .option('--from <time>', 'from this ISO time, or +SECONDS from the start', parseMoment)
    .option('--to <time>', 'up to, not including, this ISO time or +SECONDS', parseMoment)
    .option('--json', 'print one JSON object a line')
    .action((recording: string, name: string, options: ShowOptions) =>
      run(async () => {
        const reader = await openRecording(recording);
        try {
          const session = await oneSession(reader, name);
          const slice = await sliceOf(reader, options.from, options.to);
          const events = reader.events(session.id, slice);
          if (options.json) {
            for await (const event of events) await printLine(jsonLine(eventJson(event)));
          } else {
            const gaps = gapsWithin(await reader.gaps(), slice);
            for await (const line of ladderLines(events, gaps)) await printLine(line);
          }
        } finally {
          reader.close();
        }
        return 0;
      }),
    );
}
