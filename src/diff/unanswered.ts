import type { Connection } from '../session/connection.ts';
import type { Pair } from './align.ts';
import { answerValue, reportAbout } from './answers.ts';
import { loseIssued } from './issued-ids.ts';
import { answerOf, connectionOf, type Exchange, endMonoUs } from './lane.ts';
import type { Fates, Scope } from './scope.ts';
import { beginningOf, type Strays } from './strays.ts';

/** How long an answer may take before the lack of one means something, µs. */
const PATIENCE_US = 30_000_000;

/**
 * Judges a call of the charger that only one side answered: a difference, unless the connection or the recording ended before an
 * answer could come. A stray message that came in place of the answer is shown with it and is no finding of its own; a text that is
 * no OCPP-J is told as that.
 */
export function compareUnanswered(scope: Scope, fates: Fates, strays: Strays, pair: Pair<Exchange>): void {
  const { baseline, candidate } = pair;
  const [before, after] = [answerOf(baseline), answerOf(candidate)];
  if (before === undefined && after === undefined) {
    scope.tally.compared.exchanges++;
    return;
  }
  if (before?.message.type === 'callResult')
    loseIssued(scope, baseline.action, 'result', before.message.payload);
  const excuse =
    after === undefined ? candidateExcuse(scope, fates, candidate) : baselineExcuse(scope, baseline);
  if (excuse !== null) {
    scope.tally.skip(excuse);
    return;
  }
  scope.tally.compared.exchanges++;
  const causedBy = after === undefined ? scope.silence.causeOf(candidate) : undefined;
  const stray = after === undefined ? strays.inPlaceOfAnswer(candidate) : undefined;
  const isMalformed = stray?.message.type === 'malformed';
  const finding = reportAbout(scope, baseline, {
    kind: isMalformed ? 'malformed' : 'unanswered',
    path: [],
    ...(before !== undefined && { baseline: answerValue(before) }),
    ...(after !== undefined && { candidate: answerValue(after) }),
    ...(isMalformed && { candidate: beginningOf(stray) }),
    baselineEvidence: before,
    candidateEvidence: after ?? stray,
    causedBy,
  });
  if (after === undefined) scope.silence.told(candidate, finding);
  if (candidate.messageId !== null) scope.misdirected.unanswered(candidate.messageId, finding);
}

/** Why the candidate could not have answered; null when it could. */
function candidateExcuse(scope: Scope, fates: Fates, candidate: Exchange): string | null {
  const connection = scope.candidate.connections.get(connectionOf(candidate));
  const reconnected = !fates.originals.has(connectionOf(candidate));
  if (connection?.endedBy === 'csms' && (reconnected || fates.cut.has(connection.id)))
    return 'call cut off by the end of its connection';
  const aborted = connection?.ending === 'stopped' && (!scope.complete || goesOnAfter(scope, connection));
  const patient = scope.linked && !aborted && scope.candidate.recording.endedAtUs !== null;
  if (patient || waitedUs(scope.candidate, candidate) >= PATIENCE_US) return null;
  return 'call whose answer was not waited for';
}

/** Whether the session was on another connection after this one: then the run has cut this one off itself, before its end. */
function goesOnAfter({ candidate }: Scope, { closedMonoUs }: Connection): boolean {
  const endUs = closedMonoUs ?? Number.POSITIVE_INFINITY;
  return [...candidate.connections.values()].some(({ openedMonoUs }) => openedMonoUs > endUs);
}

/** Why the baseline could not have been answered; null when it could. */
function baselineExcuse(scope: Scope, baseline: Exchange): string | null {
  return waitedUs(scope.baseline, baseline) < PATIENCE_US ? 'call whose answer was not waited for' : null;
}

function waitedUs(lane: Scope['baseline'], exchange: Exchange): number {
  return endMonoUs(lane, exchange) - exchange.call.frame.monoUs;
}
