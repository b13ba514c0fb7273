import { Command } from 'commander';
import type { Filter } from '../filter/filter.ts';
import type { SessionEvent } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import { type Moment, oneSession, parseMoment, sliceOf } from './arguments.ts';
import { eventJson } from './event-json.ts';
import { MessageFilter, tellNothing, withFilterOption } from './filter-option.ts';
import { gapsWithin, ladderLines } from './ladder.ts';
import { jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';

interface ShowOptions {
  from?: Moment;
  to?: Moment;
  filter?: Filter;
  json?: true;
}

/** `chargetape show`: one session as a ladder, a line for each frame, connection opening and end. */
export function showCommand(run: Run): Command {
  const command = new Command('show')
    .description('show one session as a ladder: time, who, what, latency of the answer')
    .argument('<recording>', 'a recording')
    .argument('<session>', 'identity of the charger, or session id')
    .option('--from <time>', 'from this ISO time, or +SECONDS from the start', parseMoment)
    .option('--to <time>', 'up to, not including, this ISO time or +SECONDS', parseMoment)
    .option('--json', 'print one JSON object a line');
  return withFilterOption(command, 'only messages that match').action(
    (recording: string, name: string, options: ShowOptions) =>
      run(async () => {
        const reader = await openRecording(recording);
        try {
          const session = await oneSession(reader, name);
          const slice = await sliceOf(reader, options.from, options.to);
          const events = options.filter
            ? told((await MessageFilter.of(options.filter, reader)).events(session, slice))
            : reader.events(session.id, slice);
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

/** Events that a filter let through; says so when there are none. */
async function* told(events: AsyncIterable<SessionEvent>): AsyncGenerator<SessionEvent> {
  let isNone = true;
  for await (const event of events) {
    isNone = false;
    yield event;
  }
  if (isNone) tellNothing('message of this session');
}
