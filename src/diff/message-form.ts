import type { Pair } from './align.ts';
import type { Said } from './lane.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Occurrence } from './tally.ts';

/** Reports a message whose array is formed otherwise (OCPP-J 1.6 §4.2), or that came in another sort of frame: some parsers stumble over it. */
export function compareForms(
  scope: Scope,
  { baseline, candidate }: Pair<Said>,
  subject: Pick<Occurrence, 'caller' | 'action' | 'variety'>,
): void {
  const [before, after] = [formOf(baseline), formOf(candidate)];
  if (before === after) return;
  report(scope, {
    ...subject,
    kind: 'format-changed',
    severity: severityOf(scope.protocol, 'format-changed', subject.action, []),
    path: [],
    baseline: before,
    candidate: after,
    baselineEvidence: baseline,
    candidateEvidence: candidate,
  });
}

function formOf({ opcode, message }: Said): string {
  const frame = opcode === 2 ? 'binary' : 'text';
  const oddity = message.type === 'malformed' ? undefined : message.oddity;
  return oddity === undefined ? frame : `${frame}, ${oddity}`;
}
