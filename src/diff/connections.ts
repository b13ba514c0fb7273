import type { Json } from '../ocpp/json.ts';
import type { Connection } from '../session/connection.ts';
import type { Alignment } from './align.ts';
import { compareEnds, endInWords, endOf } from './connection-end.ts';
import type { FindingKind } from './finding.ts';
import { compareHeaders } from './handshake-headers.ts';
import { comparePings } from './pings.ts';
import { type Fates, report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';

/** Compares handshakes and ends of the aligned connections, and says what became of each connection. */
export function compareConnections(scope: Scope, alignment: Alignment<Connection>): Fates {
  const fates: Fates = { counterparts: new Map(), originals: new Map(), cut: new Set() };
  scope.tally.skip('connection not opened', alignment.onlyBaseline.length);
  scope.tally.skip('connection that replays none', alignment.onlyCandidate.length);
  for (const { baseline, candidate } of alignment.pairs) {
    if (!compareHandshakes(scope, baseline, candidate)) continue;
    scope.tally.compared.connections++;
    fates.counterparts.set(baseline.id, candidate);
    fates.originals.set(candidate.id, baseline.id);
    if (baseline.status !== 101) continue;
    comparePings(scope, baseline, candidate);
    compareEnd(scope, fates, baseline, candidate);
  }
  return fates;
}

/** Compares two handshakes; false when the connections have nothing more to compare. */
function compareHandshakes(scope: Scope, baseline: Connection, candidate: Connection): boolean {
  const undecided = baseline.status === null || (candidate.status === null && candidate.ending === 'stopped');
  if (undecided || (baseline.endedBy === 'chargetape' && baseline.status !== 101)) {
    scope.tally.skip('handshake not answered');
    return false;
  }
  if (baseline.status !== candidate.status) {
    differ(scope, 'handshake-status', baseline, candidate, ({ status }) => status ?? undefined);
    return false;
  }
  if (baseline.subprotocol !== candidate.subprotocol)
    differ(scope, 'subprotocol', baseline, candidate, ({ subprotocol }) => subprotocol ?? undefined);
  if (negotiated(baseline) !== negotiated(candidate))
    differ(scope, 'extensions', baseline, candidate, ({ extensions }) => extensions || undefined);
  for (const difference of compareHeaders(baseline, candidate))
    report(scope, {
      ...difference,
      kind: 'header',
      severity: severityOf(scope.protocol, 'header', null, difference.path),
      caller: null,
      action: null,
      baselineEvidence: headOf(baseline),
      candidateEvidence: headOf(candidate),
    });
  return true;
}

/** The negotiated extensions without their white space; none is the empty text. */
function negotiated({ extensions }: Connection): string {
  return (extensions ?? '').replaceAll(/\s+/g, '');
}

function compareEnd(scope: Scope, fates: Fates, baseline: Connection, candidate: Connection): void {
  const outcome = compareEnds(scope, baseline, candidate);
  if (outcome === 'same') return;
  if (outcome !== 'different') {
    scope.tally.skip(outcome);
    return;
  }
  if (candidate.endedBy === 'csms') fates.cut.add(candidate.id);
  differ(scope, 'close', baseline, candidate, endOf, endInWords);
}

function differ(
  scope: Scope,
  kind: FindingKind,
  baseline: Connection,
  candidate: Connection,
  value: (connection: Connection) => Json | undefined,
  words: (connection: Connection) => string = headOf,
): void {
  const [before, after] = [value(baseline), value(candidate)];
  report(scope, {
    kind,
    severity: severityOf(scope.protocol, kind, null, []),
    caller: null,
    action: null,
    path: [],
    ...(before !== undefined && { baseline: before }),
    ...(after !== undefined && { candidate: after }),
    baselineEvidence: words(baseline),
    candidateEvidence: words(candidate),
  });
}

function headOf({ responseHead }: Connection): string {
  return responseHead ?? 'No answer to the handshake.';
}
