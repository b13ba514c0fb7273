import type { Finding } from '../../diff/finding.ts';

/** The finding that differs first in the course of the recording: among those that follow from no other and are not settled. */
export function firstDivergence(findings: readonly Finding[]): Finding | undefined {
  const open = findings.filter(({ status, causedBy }) => status === 'new' && causedBy === undefined);
  const among = open.length > 0 ? open : findings;
  return among.reduce<Finding | undefined>(
    (first, one) => (first === undefined || placeOf(one) < placeOf(first) ? one : first),
    undefined,
  );
}

/** Frame of the baseline at which it is seen first; what has none there comes by the run's frames, after the others. */
function placeOf({ examples }: Finding): number {
  const frames = examples.map(
    ({ baselineFrame, candidateFrame }) =>
      baselineFrame ?? (candidateFrame ?? Number.MAX_SAFE_INTEGER / 2) + 1e12,
  );
  return Math.min(Number.MAX_SAFE_INTEGER, ...frames);
}
