import type { Path, Protocol } from '../ocpp/protocol.ts';
import type { FindingKind, Severity } from './finding.ts';

/** Differences that are graded by what happened; those of a field are graded by the protocol. */
const BY_KIND: Partial<Record<FindingKind, Severity>> = {
  'type-changed': 'high',
  'beyond-int32': 'high',
  'duplicate-key': 'high',
  'result-to-error': 'high',
  schema: 'high',
  unanswered: 'high',
  'command-missing': 'high',
  'id-reused': 'high',
  'id-unmapped': 'high',
  'handshake-status': 'high',
  subprotocol: 'high',
  close: 'high',
  malformed: 'high',
  extensions: 'low',
  'call-missing': 'low',
  'call-unexpected': 'low',
  'call-changed': 'low',
  'reply-changed': 'low',
};

/** How grave a difference is: first what happened, else where; a changed format is at least medium, since chargers parse strictly. */
export function severityOf(
  protocol: Protocol,
  kind: FindingKind,
  action: string | null,
  path: Path,
): Severity {
  const byKind = BY_KIND[kind];
  if (byKind !== undefined) return byKind;
  const byPlace = path.length === 0 ? 'medium' : protocol.severity(action, path);
  return kind === 'format-changed' && byPlace === 'low' ? 'medium' : byPlace;
}
