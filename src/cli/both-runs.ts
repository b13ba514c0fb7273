import { ChargetapeError } from '../errors.ts';
import type { ReplaySummary } from '../replay/replay.ts';
import { checkTarget } from '../replay/target-guard.ts';
import { parseServerUrl } from '../wire/url.ts';
import { targetCheckOf } from './replay-options.ts';
import { makeRun, type RunJob } from './replay-run.ts';

/** Where the run of the old build stands: beside that of the new one. */
export function oldRunPath(out: string): string {
  return out.replace(/(\.db)?$/, '-against.db');
}

/**
 * Plays the new build and the old one at the same time, so that both see the same load; each into a run of its own. Gives the new one's
 * summary. When one cannot be made, the other is ended too. USAGE with flags that are about one run alone.
 */
export async function makeBothRuns(job: RunJob): Promise<ReplaySummary> {
  const { resume, confirm, against, ...options } = job.options;
  if (against === undefined) return makeRun(job);
  if (resume !== undefined || confirm !== undefined)
    throw new ChargetapeError('USAGE', '--against goes with neither --resume nor --confirm.');
  await checkTarget(targetCheckOf(parseServerUrl(against), job.selection.reader.recording.upstream, options));
  const failure = new AbortController();
  const signal = AbortSignal.any([job.signal, failure.signal]);
  const jobs: RunJob[] = [
    { ...job, signal },
    { ...job, signal, out: oldRunPath(job.out), options: { ...options, target: against } },
  ];
  const runs = jobs.map((one) =>
    makeRun(one).catch((error: unknown) => {
      failure.abort();
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(runs);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return runs[0]!;
}
