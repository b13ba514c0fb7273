import type { Finding } from '../diff/finding.ts';
import { decides } from '../diff/verdict.ts';

/** Why a finding does not decide the verdict by itself. */
export type Excuse = 'accepted' | 'noise' | 'flaky' | 'environment' | 'fixed' | 'consequence';

/** Excuses by finding id; a finding that is not in it decides. */
export type Excuses = ReadonlyMap<string, Excuse>;

/** Which findings do not decide by themselves, and why. What follows from another one decides in its place when that one does not. */
export function excusesOf(findings: readonly Finding[]): Excuses {
  const causes = new Set(
    findings.filter((one) => decides(one) && one.causedBy === undefined).map(({ id }) => id),
  );
  return new Map(
    findings.flatMap((finding): [string, Excuse][] => {
      const { id, status, class: build, causedBy } = finding;
      if (status !== 'new') return [[id, status]];
      if (build !== undefined && build !== 'new') return [[id, build]];
      return causedBy !== undefined && causes.has(causedBy) ? [[id, 'consequence']] : [];
    }),
  );
}

/** The findings that decide, each with those that follow from it; and the others by excuse. In the order of the comparison. */
export interface Sorted {
  deciding: { finding: Finding; consequences: Finding[] }[];
  excused: Map<Excuse, Finding[]>;
}

/** Sorts findings for a reader: first causes first, what follows from them beneath, the excused apart. */
export function sortFindings(findings: readonly Finding[]): Sorted {
  const excuses = excusesOf(findings);
  const deciding = new Map<string, Sorted['deciding'][number]>();
  const excused: Sorted['excused'] = new Map();
  for (const finding of findings)
    if (!excuses.has(finding.id)) deciding.set(finding.id, { finding, consequences: [] });
  for (const finding of findings) {
    const excuse = excuses.get(finding.id);
    if (excuse === 'consequence') deciding.get(finding.causedBy!)!.consequences.push(finding);
    else if (excuse !== undefined) excused.set(excuse, [...(excused.get(excuse) ?? []), finding]);
  }
  return { deciding: [...deciding.values()], excused };
}
