import type { Json } from '../ocpp/json.ts';
import type { Connection } from '../session/connection.ts';
import { callsOf, connectionOf, type Lane } from './lane.ts';
import type { Scope } from './scope.ts';

/** How long after the charger's last message an end by the CSMS counts as its answer to it, µs of the recording. */
const REACTION_US = 5_000_000;

/** Close codes by which a CSMS judges the charger; others come of its own life (RFC 6455 §7.4.1: going away, restart). */
const JUDGING_CODES: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/** How two connections ended: alike, differently, or why that is not compared. */
export function compareEnds(scope: Scope, baseline: Connection, candidate: Connection): string {
  if (candidate.closedId === null) return 'connection whose end the candidate did not record';
  const unknown =
    baseline.closedId === null || baseline.endedBy === null || baseline.endedBy === 'chargetape';
  if (unknown) return candidate.endedBy === 'csms' ? 'different' : 'connection whose end was not recorded';
  if (candidate.endedBy === 'chargetape') return comparedWithOurs(scope, baseline);
  if (baseline.endedBy === 'charger' && candidate.endedBy === 'charger')
    return scope.linked ? 'same' : 'end by the charger';
  return sameEnd(baseline, candidate) ? 'same' : 'different';
}

/** The CSMS ended it in the baseline, and in the candidate we had to: certain only when it had judged what the charger said. */
function comparedWithOurs(scope: Scope, baseline: Connection): string {
  const judged =
    baseline.endedBy === 'csms' &&
    baseline.closeCode !== null &&
    (JUDGING_CODES.has(baseline.closeCode) || baseline.closeCode >= 3000) &&
    followsCharger(scope.baseline, baseline);
  return judged && scope.linked && scope.complete ? 'different' : 'end that the CSMS did not come to';
}

/** Whether the charger said something shortly before the end. */
function followsCharger(lane: Lane, connection: Connection): boolean {
  const last = callsOf(lane, 'charger').findLast((exchange) => connectionOf(exchange) === connection.id);
  if (last === undefined || connection.closedMonoUs === null) return false;
  return connection.closedMonoUs - last.call.frame.monoUs <= REACTION_US;
}

function sameEnd(a: Connection, b: Connection): boolean {
  return a.endedBy === b.endedBy && a.ending === b.ending && a.closeCode === b.closeCode;
}

/** Who ended a connection and how, as a value of a finding; undefined when it was nobody's end or our own. */
export function endOf({ endedBy, ending, closeCode }: Connection): Json | undefined {
  if (endedBy === null || endedBy === 'chargetape') return undefined;
  return { endedBy, ending, ...(closeCode !== null && { code: closeCode }) };
}

/** The same in words. */
export function endInWords({ endedBy, ending, closeCode, closeReason }: Connection): string {
  if (endedBy === null || ending === null) return 'It stayed open.';
  const who = { charger: 'The charger', csms: 'The CSMS', chargetape: 'Chargetape' }[endedBy];
  const how = {
    close: `sent a close frame${closeCode === null ? ' without a code' : ` with code ${closeCode}`}`,
    fin: 'ended the TCP connection without a close frame',
    reset: 'reset the TCP connection',
    refused: 'refused the connection',
    timeout: 'gave up waiting',
    stopped: 'was stopped',
  }[ending];
  return `${who} ${how}${closeReason ? ` (${closeReason})` : ''}.`;
}
