import { exitCodeOf } from '../diff/exit-code.ts';
import type { Comparison } from '../diff/finding.ts';
import type { ReplaySummary } from '../replay/replay.ts';
import { openViewer } from '../store/viewer.ts';
import { compareFiles } from './comparison.ts';
import { findingDeeds } from './finding-deeds.ts';
import { isTerminal } from './output.ts';
import { recordingDeeds } from './recording-deeds.ts';
import type { ReplayOptions } from './replay-options.ts';
import type { Onlooker } from './replay-run.ts';
import { RunWatch } from './run-watch.ts';

/** Whether a replay is to be watched on the screens: on a terminal, when it ends in findings that are to be shown there. */
export function isWatchable({ plain, json, format, diff, confirm, against, loop }: ReplayOptions): boolean {
  const isForScreens =
    !json && format === undefined && diff && confirm === undefined && against === undefined && !loop;
  return isForScreens && isTerminal(plain);
}

/** What a replay that was watched came to; `comparison` is null when it was stopped. */
export interface Watched {
  summary: ReplaySummary;
  comparison: Comparison | null;
  exitCode: number;
}

/** Plays while the replay screen shows how far it is, then compares and shows the findings. Ends when the reader quits. */
export async function watchReplay(
  recording: string,
  out: string,
  options: ReplayOptions,
  play: (onlooker: Onlooker) => Promise<ReplaySummary>,
  stopped: () => number | null,
): Promise<Watched> {
  const watch = new RunWatch({ target: options.target ?? '', recording, out, speed: options.speed }, () =>
    process.kill(process.pid, 'SIGINT'),
  );
  const viewer = await openViewer(recording);
  const held = new HeldErrors();
  const { showTour } = await import('../ui/tour.ts');
  let end: () => void = () => undefined;
  const left = showTour(
    { recording: { viewer, deeds: recordingDeeds(recording) }, replay: watch },
    (ends) => {
      end = ends;
    },
  );
  try {
    const summary = await play(watch);
    await watch.ended();
    const exitCode = stopped();
    if (exitCode !== null) {
      end();
      await left;
      return { summary, comparison: null, exitCode };
    }
    const comparison = await compareFiles(recording, out, options);
    watch.compared(comparison, findingDeeds(comparison, recording, out, options.rules));
    const judged = (await left).comparison ?? comparison;
    return { summary, comparison: judged, exitCode: exitCodeOf(judged) };
  } catch (error) {
    end();
    await left;
    throw error;
  } finally {
    watch.close();
    held.release();
    await viewer.close();
  }
}

/** What is written to standard error meanwhile would spoil the screen: it is kept until that is gone. */
class HeldErrors {
  readonly #write = process.stderr.write;
  readonly #texts: (string | Uint8Array)[] = [];

  constructor() {
    process.stderr.write = (text: string | Uint8Array) => {
      this.#texts.push(text);
      return true;
    };
  }

  release(): void {
    process.stderr.write = this.#write;
    for (const text of this.#texts) process.stderr.write(text);
  }
}
