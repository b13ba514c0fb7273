import { Command } from 'commander';
import type { Filter } from '../filter/filter.ts';
import type { Reader, Session, Slice } from '../session/recording.ts';
import { cutRecording } from '../store/cut.ts';
import { openRecording } from '../store/reader.ts';
import { collect, type Moment, parseMoment, selectSessions, sliceOf } from './arguments.ts';
import { MessageFilter, tellNothing, withFilterOption } from './filter-option.ts';
import { counted, jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';
import { TOOL_VERSION } from './version.ts';

interface CutOptions {
  out: string;
  session?: string[];
  from?: Moment;
  to?: Moment;
  filter?: Filter;
  json?: true;
}

/** `chargetape cut`: some sessions, or a part of their time, as a recording of its own. */
export function cutCommand(run: Run): Command {
  const command = new Command('cut')
    .description('copy sessions, or a part of their time, into a new recording')
    .argument('<recording>', 'a recording')
    .requiredOption('--out <file>', 'the new recording; never overwritten')
    .option('--session <glob>', 'only sessions whose identity matches; may be repeated', collect)
    .option('--from <time>', 'from this ISO time, or +SECONDS from the start', parseMoment)
    .option('--to <time>', 'up to, not including, this ISO time or +SECONDS', parseMoment)
    .option('--json', 'print what was cut as JSON');
  return withFilterOption(command, 'only sessions in which a message matches').action(
    (recording: string, options: CutOptions) =>
      run(async () => {
        const reader = await openRecording(recording);
        try {
          const named = await selectSessions(reader, options.session);
          const slice = await sliceOf(reader, options.from, options.to);
          const sessions = options.filter ? await touched(reader, options.filter, slice, named) : named;
          const cut = await cutRecording(reader, options.out, { sessions, slice, toolVersion: TOOL_VERSION });
          await printLine(
            options.json
              ? jsonLine({ out: options.out, ...cut })
              : `${options.out}: ${counted(cut.sessions, 'session')}, ${counted(cut.connections, 'connection')}, ${counted(cut.frames, 'frame')}`,
          );
        } finally {
          reader.close();
        }
        return 0;
      }),
  );
}

/** Of these sessions, those in which a message of the slice matches; whole, since a message alone is no conversation to replay. */
async function touched(
  reader: Reader,
  filter: Filter,
  slice: Slice,
  named: (session: Session) => boolean,
): Promise<(session: Session) => boolean> {
  const ids = await (await MessageFilter.of(filter, reader)).sessions(slice);
  if (ids.size === 0) tellNothing('message of this recording');
  return (session) => ids.has(session.id) && named(session);
}
