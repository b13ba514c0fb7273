import { withConfirmation } from '../diff/confirmation.ts';
import type { Comparison } from '../diff/finding.ts';
import { decides } from '../diff/verdict.ts';
import { compareFiles } from './comparison.ts';
import { makeRun, type RunJob } from './replay-run.ts';

/**
 * Plays the sessions that differ again, so many times, each into a run of its own beside the first. A finding that does not come again
 * in all of them is flaky and no longer decides; which came again how often is told on standard error.
 */
export async function confirmFindings(
  comparison: Comparison,
  recording: string,
  job: RunJob,
  times: number,
): Promise<Comparison> {
  const concerned = new Set(comparison.findings.filter(decides).flatMap(({ sessions }) => sessions));
  if (concerned.size === 0) return comparison;
  const { sessions: chosen = () => true } = job.selection;
  const selection: RunJob['selection'] = {
    ...job.selection,
    sessions: (session) => chosen(session) && concerned.has(`${session.endpoint}/${session.identity}`),
  };
  const { resume: _, preflight: __, ...options } = job.options;
  const runs: Set<string>[] = [];
  for (let nth = 1; nth <= times && !job.signal.aborted; nth++) {
    const out = job.out.replace(/(\.db)?$/, `-confirm-${nth}.db`);
    await makeRun({ ...job, selection, out, options });
    runs.push(new Set((await compareFiles(recording, out)).findings.map(({ id }) => id)));
  }
  for (const { id, message } of comparison.findings) {
    const again = runs.filter((ids) => ids.has(id)).length;
    process.stderr.write(`confirm: ${id} again in ${again} of ${runs.length} runs: ${message}\n`);
  }
  return withConfirmation(comparison, runs);
}
