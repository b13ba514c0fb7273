import { ChargetapeError } from '../errors.ts';
import { cleanUpRun } from '../replay/clean-up-run.ts';
import { admitCleanUp } from '../replay/target-guard.ts';
import { openRecording } from '../store/reader.ts';
import { createRecording } from '../store/recording-writer.ts';
import { clientTls } from '../wire/tls-socket.ts';
import { formatServer } from '../wire/url.ts';
import { selectSessions } from './arguments.ts';
import { newRecordingPath } from './new-recording.ts';
import { jsonLine, printLine } from './output.ts';
import { type ReplayOptions, targetCheckOf, targetOf } from './replay-options.ts';
import { cleanUpLines } from './replay-summary.ts';
import { accessFrom } from './staging-options.ts';
import { warnOfInsecure } from './target-tls.ts';
import { TOOL_VERSION } from './version.ts';

/** `replay --cleanup RUN`: ends what a run left open, and keeps what was said in a recording of its own. Exit 3 when something stays open. */
export async function cleanUpAfter(file: string, options: ReplayOptions): Promise<number> {
  const target = targetOf(options);
  const run = await openRecording(file);
  try {
    if (run.recording.kind !== 'run') throw new ChargetapeError('USAGE', `${file} is not a run.`);
    const own = accessFrom(options);
    const check = targetCheckOf(target, null, options);
    const admit = await admitCleanUp(check, run, own.tls?.('') ?? clientTls());
    const access = { ...own, ...(admit && { admit }) };
    warnOfInsecure(options);
    const sessions = await selectSessions(run, options.session);
    const out = options.out ?? newRecordingPath('clean-up');
    const recorder = await createRecording(out, {
      kind: 'run',
      toolVersion: TOOL_VERSION,
      label: options.label ?? 'clean-up',
      upstream: formatServer(target) + target.path,
      source: run.recording.uuid,
    });
    const summary = await cleanUpRun({
      run,
      recorder,
      target,
      access,
      waitMs: options.wait * 1000,
      sessions,
    }).finally(() => recorder.close());
    await printLine(options.json ? jsonLine({ out, ...summary }) : cleanUpLines(summary).join('\n'));
    return summary.failures.length > 0 ? 3 : 0;
  } finally {
    run.close();
  }
}
