import { Command } from 'commander';
import { cutRecording } from '../store/cut.ts';
import { openRecording } from '../store/reader.ts';
import { collect, type Moment, parseMoment, selectSessions, sliceOf } from './arguments.ts';
import { counted, jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';
import { TOOL_VERSION } from './version.ts';

interface CutOptions {
  out: string;
  session?: string[];
  from?: Moment;
  to?: Moment;
  json?: true;
}

/** `chargetape cut`: some sessions, or a part of their time, as a recording of its own. */
export function cutCommand(run: Run): Command {
  return new Command('cut')
    .description('copy sessions, or a part of their time, into a new recording')
    .argument('<recording>', 'a recording')
    .requiredOption('--out <file>', 'the new recording; never overwritten')
    .option('--session <glob>', 'only sessions whose identity matches; may be repeated', collect)
    .option('--from <time>', 'from this ISO time, or +SECONDS from the start', parseMoment)
    .option('--to <time>', 'up to, not including, this ISO time or +SECONDS', parseMoment)
    .option('--json', 'print what was cut as JSON')
    .action((recording: string, options: CutOptions) =>
      run(async () => {
        const reader = await openRecording(recording);
        try {
          const sessions = await selectSessions(reader, options.session);
          const slice = await sliceOf(reader, options.from, options.to);
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
