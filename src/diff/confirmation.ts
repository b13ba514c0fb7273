import type { Comparison, Finding } from './finding.ts';
import { decides, judgedAnew } from './verdict.ts';

/**
 * Marks as flaky the findings that did not come again in every further run of the sessions that differ: they are counted and shown, and
 * do not decide. `runs` are the ids that each of those runs shows. Without a further run nothing is known.
 */
export function withConfirmation(comparison: Comparison, runs: readonly ReadonlySet<string>[]): Comparison {
  if (runs.length === 0) return comparison;
  const findings = comparison.findings.map((finding): Finding => {
    const recurs = runs.every((ids) => ids.has(finding.id));
    return recurs || !decides(finding) ? finding : { ...finding, status: 'flaky' };
  });
  const flaky = findings.filter(({ status }) => status === 'flaky').length;
  return judgedAnew(comparison, findings, { confirmation: { runs: runs.length, flaky } });
}
