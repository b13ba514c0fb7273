import { isEmptyObject, type Json, jsonEqual } from '../ocpp/json.ts';
import type { CallError, CallResult } from '../ocpp/message.ts';
import type { Pair } from './align.ts';
import { isSameTag } from './charger-calls.ts';
import { compareDuplicateKeys } from './duplicate-keys.ts';
import type { FindingKind } from './finding.ts';
import { bindIssued, loseIssued } from './issued-ids.ts';
import { answerOf, type Exchange, type Said } from './lane.ts';
import { compareForms } from './message-form.ts';
import { comparePayloads, type PayloadDifference } from './payload.ts';
import { breaksSchema } from './schema-break.ts';
import { chargerOf, report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Occurrence } from './tally.ts';

/** A call that takes longer has been given up by the charger, µs. */
const PATIENCE_US = 30_000_000;

/** Two answers to the same call of the charger. */
interface Answers {
  exchange: Exchange;
  /** Whether both calls name the same tag. */
  sameTag: boolean;
  baseline: Said;
  candidate: Said;
}

/**
 * Compares the answers to one call of the charger that both sides answered. True when the answer became another one in kind (an
 * error, another status), so that what the CSMS does next may follow from it.
 */
export function compareAnswers(scope: Scope, pair: Pair<Exchange>): boolean {
  const baseline = answerOf(pair.baseline)!;
  const candidate = answerOf(pair.candidate)!;
  const sameTag = scope.linked || isSameTag(scope, pair);
  const answers: Answers = { exchange: pair.baseline, sameTag, baseline, candidate };
  scope.tally.compared.exchanges++;
  compareLatency(scope, pair, answers);
  compareCount(scope, pair);
  compareForms(scope, answers, { caller: 'charger', action: pair.baseline.action });
  const [before, after] = [baseline.message, candidate.message];
  if (before.type === 'callResult' && after.type === 'callResult')
    return compareResults(scope, answers, before, after);
  if (before.type === 'callResult') loseIssued(scope, pair.baseline.action, 'result', before.payload);
  if (before.type === 'callError' && after.type === 'callError')
    return compareErrors(scope, answers, before, after);
  const kind = before.type === 'callResult' ? 'result-to-error' : 'error-to-result';
  differ(scope, answers, kind, answerValue(baseline), answerValue(candidate));
  return true;
}

function compareResults(scope: Scope, answers: Answers, before: CallResult, after: CallResult): boolean {
  const { protocol, ids, tally } = scope;
  const { action } = answers.exchange;
  const { differences, expected } = comparePayloads(before.payload, after.payload, {
    protocol,
    ids,
    action,
    part: 'result',
    baselineAtUs: answers.baseline.frame.atUs,
    candidateAtUs: answers.candidate.frame.atUs,
  });
  if (isEmptyObject(before.payload) && isEmptyObject(after.payload)) tally.compared.emptyAnswers++;
  for (const variation of expected) tally.expect(variation);
  compareDuplicateKeys(scope, answers, { caller: 'charger', action });
  let otherInKind = false;
  const isOfTag = ({ path }: PayloadDifference) => !answers.sameTag && path[0] === protocol.tagField;
  tally.skip('what is said of another tag', differences.filter(isOfTag).length);
  const isEnum = ({ path }: PayloadDifference) => protocol.isEnum(action, 'result', path);
  const told = differences
    .filter((one) => !isOfTag(one))
    .sort((a, b) => Number(isEnum(b)) - Number(isEnum(a)));
  let causedBy: string | undefined;
  for (const difference of told) {
    const kind = breaksSchema(protocol, action, 'result', difference) ? 'schema' : difference.kind;
    const isListed = isEnum(difference);
    const finding = reportAnswer(scope, answers, {
      ...difference,
      kind,
      isEnum: isListed && kind === 'field-changed',
      ...(!isListed && { causedBy }),
    });
    if (isListed && difference.kind === 'field-changed') causedBy ??= finding;
    otherInKind ||= isListed;
  }
  for (const reused of bindIssued(scope, action, 'result', before.payload, after.payload))
    reportAnswer(scope, answers, { ...reused, kind: 'id-reused' });
  return otherInKind;
}

function compareErrors(scope: Scope, answers: Answers, before: CallError, after: CallError): boolean {
  const canonical = scope.protocol.canonicalErrorCode;
  if (canonical(before.errorCode) !== canonical(after.errorCode)) {
    differ(scope, answers, 'error-code', before.errorCode, after.errorCode);
    return true;
  }
  if (before.errorCode !== after.errorCode) scope.tally.expect('spelling of an error code');
  const sameText =
    before.errorDescription === after.errorDescription && jsonEqual(before.errorDetails, after.errorDetails);
  if (!sameText) scope.tally.expect('error text');
  return false;
}

function compareLatency(scope: Scope, pair: Pair<Exchange>, answers: Answers): void {
  const before = latencyUs(pair.baseline, answers.baseline);
  const after = latencyUs(pair.candidate, answers.candidate);
  if (before < PATIENCE_US && after >= PATIENCE_US)
    differ(scope, answers, 'late-answer', Math.round(before / 1_000), Math.round(after / 1_000));
  scope.latencies.add({
    action: pair.baseline.action,
    baselineUs: before,
    candidateUs: after,
    baselineEvidence: answers.baseline,
    candidateEvidence: answers.candidate,
    session: scope.session,
    charger: chargerOf(scope),
  });
}

function latencyUs({ call }: Exchange, answer: Said): number {
  return answer.frame.monoUs - call.frame.monoUs;
}

/** A further answer on one side only. */
function compareCount(scope: Scope, { baseline, candidate }: Pair<Exchange>): void {
  const [before, after] = [baseline.answers, candidate.answers];
  if (before.length === after.length) return;
  const more = after.length > before.length;
  const extra = more ? after[before.length]! : before[after.length]!;
  const side = more
    ? { candidate: answerValue(extra), baselineEvidence: answerOf(baseline), candidateEvidence: extra }
    : { baseline: answerValue(extra), baselineEvidence: extra, candidateEvidence: answerOf(candidate) };
  reportAbout(scope, baseline, { ...side, kind: 'duplicate-answer', path: [] });
}

/** A difference about a call of the charger as a whole or one place of its answer. */
export function reportAbout(
  scope: Scope,
  exchange: Exchange,
  difference: Omit<Occurrence, 'session' | 'charger' | 'severity' | 'caller' | 'action'>,
): string {
  const { caller, action } = exchange;
  const severity = severityOf(scope.protocol, difference.kind, action, difference.path);
  return report(scope, { ...difference, severity, caller, action });
}

function reportAnswer(
  scope: Scope,
  { exchange, baseline, candidate }: Answers,
  difference: Omit<Occurrence, 'session' | 'charger' | 'severity' | 'caller' | 'action'>,
): string {
  return reportAbout(scope, exchange, {
    ...difference,
    baselineEvidence: baseline,
    candidateEvidence: candidate,
  });
}

function differ(scope: Scope, answers: Answers, kind: FindingKind, baseline: Json, candidate: Json): void {
  reportAnswer(scope, answers, { kind, path: [], baseline, candidate });
}

/** What stands for a whole answer in a finding: a result's payload, an error's code, a text that is no OCPP-J as it is. */
export function answerValue({ message }: Said): Json {
  if (message.type === 'callResult' || message.type === 'call') return message.payload;
  return message.type === 'callError' ? message.errorCode : message.reason;
}
