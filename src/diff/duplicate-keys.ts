import { valueAt } from '../ocpp/json.ts';
import type { Pair } from './align.ts';
import type { Said } from './lane.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Occurrence } from './tally.ts';

/** Reports each key that the candidate's CSMS names twice in one object, where the baseline's did not. */
export function compareDuplicateKeys(
  scope: Scope,
  { baseline, candidate }: Pair<Said>,
  subject: Pick<Occurrence, 'caller' | 'action' | 'variety'>,
): void {
  const known = new Set(scope.baseline.duplicateKeys.get(baseline.id)?.map((path) => path.join('/')));
  for (const path of scope.candidate.duplicateKeys.get(candidate.id) ?? []) {
    if (known.has(path.join('/'))) continue;
    const [before, after] = [baseline, candidate].map(({ message }) =>
      'payload' in message ? valueAt(message.payload, path) : undefined,
    );
    report(scope, {
      ...subject,
      kind: 'duplicate-key',
      severity: severityOf(scope.protocol, 'duplicate-key', subject.action, path),
      path,
      ...(before !== undefined && { baseline: before }),
      ...(after !== undefined && { candidate: after }),
      baselineEvidence: baseline,
      candidateEvidence: candidate,
    });
  }
}
