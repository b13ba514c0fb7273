import { Command } from 'commander';
import { exitCodeOf } from '../diff/exit-code.ts';
import { ChargetapeError } from '../errors.ts';
import { openViewer } from '../store/viewer.ts';
import type { Recorder } from '../ui/screens/live.ts';
import { AdminWatch } from './admin-watch.ts';
import { restrainGarbageCollection } from './garbage-collection.ts';
import { type JudgementOptions, withJudgementOptions } from './judgement-options.ts';
import { isTerminal } from './output.ts';
import { recordingDeeds } from './recording-deeds.ts';
import type { Run } from './run.ts';
import { stepBack } from './step-back.ts';

interface UiOptions extends JudgementOptions {
  follow?: true;
  admin?: string;
}

/** `chargetape ui`: the screens of a recording, or of what a candidate does differently. */
export function uiCommand(run: Run): Command {
  const command = new Command('ui')
    .description('look at a recording, or at what a candidate does differently, on the terminal')
    .argument('<recording>', 'a recording')
    .argument('[candidate]', 'the recording under judgement, usually a replay of it')
    .option('--follow', 'the recording is being written: follow what is new')
    .option('--admin <host:port>', 'the admin port of the recorder that writes it, to show how it is');
  return withJudgementOptions(command).action(
    (recording: string, candidate: string | undefined, options: UiOptions) =>
      run(() =>
        candidate === undefined ? showRecording(recording, options) : compare(recording, candidate, options),
      ),
  );
}

async function showRecording(path: string, { follow, admin }: UiOptions): Promise<number> {
  requireTerminal('chargetape list and chargetape show');
  if (follow) stepBack();
  const watch = admin === undefined ? null : new AdminWatch(admin);
  // Ink takes as long to load as the recording takes to open.
  const [viewer, { showTour }] = await Promise.all([
    openViewer(path, { follow: follow === true }),
    import('../ui/tour.ts'),
  ]);
  // Now that it is as large as Ink and React have made it: smaller, and a fifth of a key's time would be garbage collection.
  restrainGarbageCollection();
  try {
    await watch?.ask();
    await showTour({
      recording: { viewer, deeds: recordingDeeds(path) },
      ...(watch && { recorder: watchedRecorder(watch) }),
    });
  } finally {
    watch?.close();
    await viewer.close();
  }
  return 0;
}

/** A recorder that somebody else has started: looking at it asks nothing when it ends. */
function watchedRecorder(watch: AdminWatch): Recorder {
  return {
    pid: watch.state?.pid ?? 0,
    url: watch.state?.url ?? '',
    upstream: watch.state?.upstream ?? '',
    ended: () => null,
    fault: () => watch.fault,
  };
}

async function compare(baseline: string, candidate: string, options: UiOptions): Promise<number> {
  requireTerminal('chargetape diff');
  const { compareFiles, showOnTerminal } = await import('./comparison.ts');
  const comparison = await compareFiles(baseline, candidate, options);
  return exitCodeOf(await showOnTerminal(comparison, { baseline, candidate }, options.rules));
}

function requireTerminal(instead: string): void {
  if (isTerminal(undefined)) return;
  throw new ChargetapeError(
    'NO_TERMINAL',
    `The screens need a terminal on standard input and output; without one, use ${instead}.`,
  );
}
