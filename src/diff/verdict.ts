import type { Comparison, Finding, Summary } from './finding.ts';

/** Whether a finding by itself makes the candidate another one: nothing accepts it, no noise explains it, and only the new build shows it. */
export function decides({ status, class: build = 'new' }: Finding): boolean {
  return status === 'new' && build === 'new';
}

/** The same comparison with other findings, or with more known about them: the verdict is given anew. */
export function judgedAnew(comparison: Comparison, findings: Finding[], facts: Partial<Summary>): Comparison {
  const summary = { ...comparison.summary, ...facts };
  return { ...comparison, verdict: verdictOf(findings, summary), summary, findings };
}

/** What is to be said of the candidate: `incomplete` wins over `different`. */
export function verdictOf(
  findings: readonly Finding[],
  { incompleteSessions }: Pick<Summary, 'incompleteSessions'>,
): Comparison['verdict'] {
  if (incompleteSessions.length > 0) return 'incomplete';
  return findings.some(decides) ? 'different' : 'same';
}
