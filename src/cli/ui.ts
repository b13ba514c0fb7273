import { Command } from 'commander';
import { exitCodeOf } from '../diff/exit-code.ts';
import { ChargetapeError } from '../errors.ts';
import { openViewer } from '../store/viewer.ts';
import { compareFiles, showOnTerminal } from './comparison.ts';
import { type JudgementOptions, withJudgementOptions } from './judgement.ts';
import { isTerminal } from './output.ts';
import type { Run } from './run.ts';
import { recordingDeeds } from './screens.ts';

interface UiOptions extends JudgementOptions {
  follow?: true;
}

/** `chargetape ui`: the screens of a recording, or of what a candidate does differently. */
export function uiCommand(run: Run): Command {
  const command = new Command('ui')
    .description('look at a recording, or at what a candidate does differently, on the terminal')
    .argument('<recording>', 'a recording')
    .argument('[candidate]', 'the recording under judgement, usually a replay of it')
    .option('--follow', 'the recording is being written: follow what is new');
  return withJudgementOptions(command).action(
    (recording: string, candidate: string | undefined, options: UiOptions) =>
      run(() =>
        candidate === undefined ? showRecording(recording, options) : compare(recording, candidate, options),
      ),
  );
}

async function showRecording(path: string, { follow }: UiOptions): Promise<number> {
  requireTerminal('chargetape list and chargetape show');
  const viewer = await openViewer(path, { follow: follow === true });
  try {
    const { showTour } = await import('../ui/tour.ts');
    await showTour({ recording: { viewer, deeds: recordingDeeds(path) } });
  } finally {
    await viewer.close();
  }
  return 0;
}

async function compare(baseline: string, candidate: string, options: UiOptions): Promise<number> {
  requireTerminal('chargetape diff');
  const comparison = await compareFiles(baseline, candidate, options);
  return exitCodeOf(await showOnTerminal(comparison, { baseline, candidate }, options.rules));
}

function requireTerminal(instead: string): void {
  if (isTerminal(undefined)) return;
  throw new ChargetapeError(
    'NO_TERMINAL',
    `The screens need a terminal on standard input and output; ${instead} print the same.`,
  );
}
