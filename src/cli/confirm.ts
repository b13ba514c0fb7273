import type { Comparison } from '../diff/finding.ts';
import { compareFiles } from './comparison.ts';
import { makeRun, type RunJob } from './replay-run.ts';

/** A finding of the first run, and in how many further runs it was found again. */
interface Confirmed {
  finding: Comparison['findings'][number];
  again: number;
}

/**
 * Plays the sessions that differed again, so many times, each into a run of its own beside the first; says on standard error which
 * findings came again. The first comparison and its exit code stand.
 */
export async function confirmFindings(recording: string, job: RunJob, times: number): Promise<void> {
  const { findings } = await compareFiles(recording, job.out);
  const concerned = new Set(findings.flatMap(({ sessions }) => sessions));
  if (concerned.size === 0) return;
  const { sessions: chosen = () => true } = job.selection;
  const selection: RunJob['selection'] = {
    ...job.selection,
    sessions: (session) => chosen(session) && concerned.has(`${session.endpoint}/${session.identity}`),
  };
  const { resume: _, preflight: __, ...options } = job.options;
  const confirmed: Confirmed[] = findings.map((finding) => ({ finding, again: 0 }));
  let runs = 0;
  for (let nth = 1; nth <= times && !job.signal.aborted; nth++) {
    const out = job.out.replace(/(\.db)?$/, `-confirm-${nth}.db`);
    await makeRun({ ...job, selection, out, options });
    const found = new Set((await compareFiles(recording, out)).findings.map(({ id }) => id));
    for (const one of confirmed) if (found.has(one.finding.id)) one.again++;
    runs++;
  }
  for (const { finding, again } of confirmed) {
    process.stderr.write(`confirm: ${finding.id} again in ${again} of ${runs} runs: ${finding.message}\n`);
  }
}
