import { about } from './about.ts';
import type { Alignment, Pair } from './align.ts';
import { type CommandFindings, compareReply } from './charger-calls.ts';
import { isOnCounterpart, type Judge, matchCommands } from './command-match.ts';
import { compareCommandOrder } from './command-order.ts';
import { commandText } from './command-text.ts';
import { compareDuplicateKeys } from './duplicate-keys.ts';
import type { FindingKind } from './finding.ts';
import { groupBy } from './group.ts';
import { bindIssued, loseIssued } from './issued-ids.ts';
import { callsOf, connectionOf, type Exchange } from './lane.ts';
import { compareForms } from './message-form.ts';
import { reportMissing } from './missing-command.ts';
import { comparePayloads, type PayloadComparison, type PayloadDifference } from './payload.ts';
import { placesOf } from './places.ts';
import { breaksSchema } from './schema-break.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Stage } from './stage.ts';
import type { Strays } from './strays.ts';
import { KnownCommands, reportUnexpected } from './unexpected-command.ts';

/**
 * Compares the commands of the CSMS: what it sends, what is missing, what is new, and the order of reactions to one stimulus. Runs
 * after the answers were compared, since those tell which ids are the same. Gives what became of those that one side alone has.
 */
export function compareCommands(scope: Scope, stage: Stage, strays: Strays): CommandFindings {
  const baseline = callsOf(scope.baseline, 'csms');
  const candidate = callsOf(scope.candidate, 'csms').filter((command) =>
    stage.fates.originals.has(connectionOf(command)),
  );
  scope.tally.skip('command after a reconnect', callsOf(scope.candidate, 'csms').length - candidate.length);
  const alignment = alignCommands(scope, stage, baseline, candidate);
  compareCommandOrder(scope, stage, alignment.pairs);
  reportReusedIds(scope, new Set(alignment.onlyCandidate));
  const known = new KnownCommands(scope, baseline);
  return new Map([
    ...alignment.onlyBaseline.map((one) => [one, reportMissing(scope, stage, strays, one)] as const),
    ...alignment.onlyCandidate.map((one) => [one, reportUnexpected(scope, stage, known, one)] as const),
  ]);
}

/**
 * Reports that the candidate's CSMS gives a message id to two commands on one connection (OCPP-J 1.6 §4.1.4: never twice), which the
 * baseline's did not: chargers take the second one for a repetition. One that is told as new or repeated is not told again.
 */
function reportReusedIds(scope: Scope, told: ReadonlySet<Exchange>): void {
  if (scope.baseline.reusedIds.length > 0) return;
  for (const command of scope.candidate.reusedIds.filter((one) => !told.has(one)))
    report(scope, {
      kind: 'id-reused',
      severity: severityOf(scope.protocol, 'id-reused', null, []),
      caller: 'csms',
      action: null,
      path: [],
      candidateEvidence: command.call,
    });
}

/** Matches and compares action by action, those first whose commands issue ids that others name. */
function alignCommands(
  scope: Scope,
  stage: Stage,
  baseline: readonly Exchange[],
  candidate: readonly Exchange[],
): Alignment<Exchange> {
  const [left, right] = [
    groupBy(baseline, ({ action }) => action),
    groupBy(candidate, ({ action }) => action),
  ];
  const issues = (action: string) =>
    placesOf(scope.protocol, action, 'call').ids.some((id) => id.role === 'issued');
  const actions = [...new Set([...left.keys(), ...right.keys()])].sort(
    (a, b) => Number(issues(b)) - Number(issues(a)),
  );
  const all: Alignment<Exchange> = { pairs: [], onlyBaseline: [], onlyCandidate: [] };
  for (const action of actions) {
    const [before, after] = [left.get(action) ?? [], right.get(action) ?? []];
    const judge = judgeOf(scope, stage, substitutes(scope, before, after));
    const { pairs, onlyBaseline, onlyCandidate } = matchCommands(before, after, judge);
    for (const pair of pairs.sort((a, b) => a.baseline.call.frame.id - b.baseline.call.frame.id))
      compareMatched(scope, pair);
    for (const command of onlyBaseline) loseIssued(scope, action, 'call', command.call.message.payload);
    all.pairs.push(...pairs);
    all.onlyBaseline.push(...onlyBaseline);
    all.onlyCandidate.push(...onlyCandidate);
  }
  return all;
}

/**
 * Whether a command may be another one that changed: in two captures only at about the same place, and of the same sort or of one that
 * comes as often, since what two CSMSs do at different times are different things.
 */
function substitutes(
  { linked, protocol }: Scope,
  before: readonly Exchange[],
  after: readonly Exchange[],
): (pair: Pair<Exchange>, stage: Stage) => boolean {
  if (linked) return () => true;
  const sortOf = ({ action, call }: Exchange) => protocol.varietyOf(action, call.message.payload);
  const [left, right] = [groupBy(before, sortOf), groupBy(after, sortOf)];
  return (pair, stage) => {
    const [one, other] = [sortOf(pair.baseline), sortOf(pair.candidate)];
    const isLike = one === other || left.get(one)!.length === right.get(other)!.length;
    return isLike && stage.isNear(pair);
  };
}

function judgeOf(scope: Scope, stage: Stage, mayBeOne: ReturnType<typeof substitutes>): Judge {
  const { protocol, ids } = scope;
  return {
    text: (command, side) => commandText(protocol, ids, side, command),
    key: ({ action, call }) => protocol.commandKey(action, call.message.payload),
    distance(pair) {
      const { differences, fields } = payloads(scope, pair);
      const places = differences.length;
      return { places, similar: (places <= 1 || places * 2 <= fields) && mayBeOne(pair, stage) };
    },
    displacement(pair) {
      if (!isOnCounterpart(pair, stage.fates.originals)) return 2;
      const stimuli = stage.stimuli.get(pair.baseline)!;
      return stimuli.length === 0 || stage.stimuliBefore(pair).length > 0 ? 0 : 1;
    },
  };
}

function payloads(scope: Scope, { baseline, candidate }: Pair<Exchange>): PayloadComparison {
  const { protocol, ids } = scope;
  return comparePayloads(baseline.call.message.payload, candidate.call.message.payload, {
    protocol,
    ids,
    action: baseline.action,
    part: 'call',
    baselineAtUs: baseline.call.frame.atUs,
    candidateAtUs: candidate.call.frame.atUs,
  });
}

/** Reports each place where a command that did come differs, and notes the ids that it issues. */
function compareMatched(scope: Scope, pair: Pair<Exchange>): void {
  const { protocol, tally } = scope;
  const { action } = pair.baseline;
  const { differences, expected, lostIds } = payloads(scope, pair);
  tally.compared.commands++;
  tally.skip('field that names an id which was not issued', lostIds);
  if (scope.ofCaptures) compareReply(scope, pair);
  for (const variation of expected) tally.expect(variation);
  const calls = { baseline: pair.baseline.call, candidate: pair.candidate.call };
  compareForms(scope, calls, about(scope, pair.baseline));
  compareDuplicateKeys(scope, calls, about(scope, pair.baseline));
  const evidence = {
    ...about(scope, pair.baseline),
    baselineEvidence: pair.baseline.call,
    candidateEvidence: pair.candidate.call,
  };
  for (const difference of differences) {
    const { path } = difference;
    const isBroken = breaksSchema(protocol, action, 'call', difference);
    const isEnum = !isBroken && difference.kind === 'field-changed' && protocol.isEnum(action, 'call', path);
    const kind = isBroken ? 'schema' : kindOf(difference);
    const severity = severityOf(protocol, kind, action, path);
    report(scope, { ...evidence, ...difference, kind, severity, isEnum });
  }
  const [before, after] = [pair.baseline.call.message.payload, pair.candidate.call.message.payload];
  for (const reused of bindIssued(scope, action, 'call', before, after))
    report(scope, { ...evidence, ...reused, kind: 'id-reused', severity: 'high' });
}

/** A request that says something else is a changed command; how it says it is of its own kind. */
function kindOf({ kind }: PayloadDifference): FindingKind {
  return CONTENT.has(kind) ? 'command-changed' : kind;
}

const CONTENT: ReadonlySet<FindingKind> = new Set(['field-changed', 'field-added', 'field-removed']);
