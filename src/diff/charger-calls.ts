import { expand, type Json, jsonEqual, valueAt } from '../ocpp/json.ts';
import type { Path } from '../ocpp/protocol.ts';
import { about } from './about.ts';
import type { Alignment, Pair } from './align.ts';
import { answerOf, callsOf, type Exchange } from './lane.ts';
import { comparePayloads, type PayloadDifference } from './payload.ts';
import { provokersOf } from './provoked.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';

/** More steps than any path into a payload has. */
const MANY_STEPS = 1_000;

/** What became of the CSMS's commands: those of one side alone, each with its finding; null for one that is not compared. */
export type CommandFindings = ReadonlyMap<Exchange, string | null>;

/**
 * Compares what the charger of two captures says by itself: calls that one side alone has, and what the others say, readings apart. A
 * call that a command of one side alone provoked follows from that command. (In a run the charger's calls are the recording's.)
 */
export function compareChargerCalls(
  scope: Scope,
  calls: Alignment<Exchange>,
  commands: CommandFindings,
): void {
  for (const pair of calls.pairs) compareCall(scope, pair);
  const { protocol } = scope;
  for (const side of ['baseline', 'candidate'] as const) {
    const alone = side === 'baseline' ? calls.onlyBaseline : calls.onlyCandidate;
    if (alone.length === 0) continue;
    const others = new Set(
      callsOf(side === 'baseline' ? scope.candidate : scope.baseline, 'charger').map(({ action }) => action),
    );
    const provokers = provokersOf(scope[side], protocol);
    for (const call of alone) {
      const provoker = provokers.get(call);
      const cause = provoker && commands.get(provoker);
      if (cause === null) scope.tally.skip('call provoked by a command that is not compared');
      else if (cause === undefined && protocol.periodic.has(call.action) && others.has(call.action))
        scope.tally.skip('call that is repeated as time goes by');
      else reportAlone(scope, side, call, cause);
    }
  }
}

function reportAlone(
  scope: Scope,
  side: 'baseline' | 'candidate',
  call: Exchange,
  causedBy: string | undefined,
): void {
  const kind = side === 'baseline' ? 'call-missing' : 'call-unexpected';
  report(scope, {
    ...about(scope, call),
    kind,
    severity: severityOf(scope.protocol, kind, call.action, []),
    path: [],
    [side]: call.call.message.payload,
    [`${side}Evidence`]: call.call,
    causedBy,
  });
}

function compareCall(scope: Scope, { baseline, candidate }: Pair<Exchange>): void {
  const { protocol, ids, tally } = scope;
  const { action } = baseline;
  const { differences, expected } = comparePayloads(
    baseline.call.message.payload,
    candidate.call.message.payload,
    {
      protocol,
      ids,
      action,
      part: 'call',
      baselineAtUs: baseline.call.frame.atUs,
      candidateAtUs: candidate.call.frame.atUs,
    },
  );
  for (const variation of expected) tally.expect(variation);
  const lengths: { path: Path; finding: string }[] = [];
  for (const difference of lengthsFirst(differences)) {
    const { kind, path } = difference;
    const variation = variationAt(scope, action, path);
    if (variation !== null) {
      tally.expect(variation);
      continue;
    }
    const finding = report(scope, {
      ...difference,
      kind: 'call-changed',
      severity: severityOf(protocol, 'call-changed', action, path),
      caller: 'charger',
      action,
      isEnum: kind === 'field-changed' && protocol.isEnum(action, 'call', path),
      baselineEvidence: baseline.call,
      candidateEvidence: candidate.call,
      causedBy: lengths.find((array) => isWithin(path, array.path))?.finding,
    });
    if (kind === 'array-length') lengths.push({ path, finding });
  }
}

/** What differs in the items of an array that has more or fewer of them comes after that, and follows from it. */
function lengthsFirst(differences: readonly PayloadDifference[]): PayloadDifference[] {
  const rank = ({ kind, path }: PayloadDifference) => (kind === 'array-length' ? path.length : MANY_STEPS);
  return differences.toSorted((a, b) => rank(a) - rank(b));
}

function isWithin(path: Path, array: Path): boolean {
  return path.length > array.length && array.every((step, index) => step === path[index]);
}

/** What sort of thing a place of a charger's call carries that is another one on another day; null for all other places. */
function variationAt({ protocol, baseline, candidate }: Scope, action: string, path: Path): string | null {
  if (protocol.isReading(action, path)) return 'reading';
  const isAt = (sites: Scope['protocol']['tagSites']) =>
    sites.some(
      (site) => site.action === action && site.part === 'call' && site.path.join('/') === path.join('/'),
    );
  if (isAt(protocol.tagSites)) return 'tag';
  const isOther = baseline.session.identity !== candidate.session.identity;
  return isOther && isAt(protocol.identitySites) ? 'serial number of another charger' : null;
}

/** Whether two calls are about the same tag, so that what is said of it can be compared. */
export function isSameTag({ protocol }: Scope, { baseline, candidate }: Pair<Exchange>): boolean {
  return protocol.tagSites
    .filter((site) => site.action === baseline.action && site.part === 'call')
    .every(({ path }) => jsonEqual(tagsAt(baseline, path), tagsAt(candidate, path)));
}

function tagsAt({ call }: Exchange, path: readonly string[]): Json {
  const { payload } = call.message;
  return expand(payload, path).map((place) => String(valueAt(payload, place)).toLowerCase());
}

/** Compares how the charger of two captures answers one command that both have. */
export function compareReply(scope: Scope, pair: Pair<Exchange>): void {
  const [before, after] = [answerOf(pair.baseline), answerOf(pair.candidate)];
  if (before === undefined || after === undefined) {
    if (before !== after) scope.tally.skip("charger's answer to a command that one side alone has");
    return;
  }
  const { action } = pair.baseline;
  const evidence = {
    ...about(scope, pair.baseline),
    kind: 'reply-changed' as const,
    baselineEvidence: before,
    candidateEvidence: after,
  };
  const severity = severityOf(scope.protocol, 'reply-changed', action, []);
  if (before.message.type === 'callResult' && after.message.type === 'callResult') {
    const { differences, expected } = comparePayloads(before.message.payload, after.message.payload, {
      protocol: scope.protocol,
      ids: scope.ids,
      action,
      part: 'result',
      baselineAtUs: before.frame.atUs,
      candidateAtUs: after.frame.atUs,
    });
    for (const variation of expected) scope.tally.expect(variation);
    for (const difference of differences) {
      const isEnum =
        difference.kind === 'field-changed' && scope.protocol.isEnum(action, 'result', difference.path);
      report(scope, { ...evidence, ...difference, kind: 'reply-changed', severity, isEnum });
    }
    return;
  }
  const [left, right] = [outcomeOf(before.message), outcomeOf(after.message)];
  if (left !== right) report(scope, { ...evidence, severity, path: [], baseline: left, candidate: right });
}

/** How a command was answered, in a word: with a result, or with this error. */
function outcomeOf(message: NonNullable<ReturnType<typeof answerOf>>['message']): string {
  return message.type === 'callError' ? message.errorCode : 'result';
}
