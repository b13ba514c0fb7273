import type { Json } from '../ocpp/json.ts';
import { about } from './about.ts';
import type { Pair } from './align.ts';
import { chainsOf } from './command-chain.ts';
import { groupBy } from './group.ts';
import { answerOf, connectionOf, type Exchange } from './lane.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Stage } from './stage.ts';
import { REACTION_US } from './stimuli.ts';

/** How many commands further on one may have moved. */
const NEIGHBOURS = 100;

/**
 * Reports reactions that moved: ahead of the answer that they react to, long after it, or ahead of another reaction to the same
 * stimulus. Only what certainly has one cause is compared; between different causes the order is chance.
 */
export function compareCommandOrder(scope: Scope, stage: Stage, pairs: readonly Pair<Exchange>[]): void {
  const reactions = pairs
    .filter(({ baseline }) => stage.stimuli.get(baseline)!.length > 0)
    .filter(({ candidate }) => stage.fates.originals.has(connectionOf(candidate)));
  const early = new Set(reactions.filter((pair) => isEarly(stage, pair)));
  const late = new Set(reactions.filter((pair) => isLate(stage, pair)));
  const rest = reactions.filter((pair) => !early.has(pair) && !late.has(pair));
  const related = relation(scope, stage);
  const moved = [...groupBy(rest, ({ baseline }) => connectionOf(baseline)).values()].flatMap((group) =>
    movedOf(group.sort(byBaseline), related),
  );
  for (const pair of early) reportMoved(scope, 'command-early', pair);
  for (const pair of moved) reportMoved(scope, 'command-order', pair);
  for (const pair of late) {
    const [baseline, candidate] = [
      delayUs(pair.baseline, stage.stimuli.get(pair.baseline)!),
      delayUs(pair.candidate, causesOf(stage, pair)),
    ];
    reportMoved(scope, 'command-late', pair, {
      baseline: inSeconds(baseline),
      candidate: inSeconds(candidate),
    });
  }
}

function reportMoved(
  scope: Scope,
  kind: 'command-early' | 'command-order' | 'command-late',
  { baseline, candidate }: Pair<Exchange>,
  values: { baseline?: Json; candidate?: Json } = {},
): void {
  const { action } = baseline;
  report(scope, {
    kind,
    severity: severityOf(scope.protocol, kind, action, []),
    ...about(scope, baseline),
    path: [],
    ...values,
    baselineEvidence: baseline.call,
    candidateEvidence: candidate.call,
  });
}

/** Whether the command came on its connection before anything that it may be a reaction to was answered, and all of it was answered. */
function isEarly(stage: Stage, pair: Pair<Exchange>): boolean {
  const stimuli = stage.stimuli.get(pair.baseline)!;
  const counterparts = stimuli.map((stimulus) => stage.counterpart(stimulus));
  const here = connectionOf(pair.candidate);
  const comparable = counterparts.every(
    (call) => call !== undefined && answerOf(call) !== undefined && connectionOf(call) === here,
  );
  return comparable && stage.stimuliBefore(pair).length === 0;
}

/**
 * Whether the command came when it was no reaction any more: on its connection, but longer after the last of what it may be a
 * reaction to than any reaction takes. Time that the CSMS took to answer other calls there does not count: that is slowness of its own.
 */
function isLate(stage: Stage, pair: Pair<Exchange>): boolean {
  const causes = causesOf(stage, pair);
  if (causes.length === 0) return false;
  const delay = delayUs(pair.candidate, causes);
  return delay > REACTION_US && delay - busyUs(stage, pair.candidate, delay) > REACTION_US;
}

/** How much of the time before a command its CSMS had calls of the connection to answer, µs. */
function busyUs(stage: Stage, command: Exchange, delay: number): number {
  const endUs = command.call.monoUs;
  let [fromUs, sum] = [endUs - delay, 0];
  for (const call of stage.calls.map(({ candidate }) => candidate)) {
    const answeredUs = answerOf(call)?.monoUs ?? 0;
    if (connectionOf(call) !== connectionOf(command) || answeredUs <= fromUs || answeredUs > endUs) continue;
    sum += answeredUs - Math.max(fromUs, call.call.monoUs);
    fromUs = answeredUs;
  }
  return sum;
}

/** What the candidate's command may be a reaction to, as the baseline's is. */
function causesOf(stage: Stage, pair: Pair<Exchange>): Exchange[] {
  return stage.stimuliBefore(pair).map((stimulus) => stage.counterpart(stimulus)!);
}

/** From the last answer among the causes of a command to the command, µs. */
function delayUs({ call }: Exchange, causes: readonly Exchange[]): number {
  return call.frame.monoUs - Math.max(...causes.map((cause) => answerOf(cause)!.frame.monoUs));
}

function inSeconds(us: number): number {
  return Math.round(us / 10_000) / 100;
}

/**
 * Whether the order of two reactions means something, and they certainly have one cause: there is but one call that either can be a reaction to; or there are several, answered
 * in the same order on both sides, and on both sides the CSMS sends the two one after the other.
 */
function relation(scope: Scope, stage: Stage): (a: Pair<Exchange>, b: Pair<Exchange>) => boolean {
  const baseline = chainsOf(scope.baseline, scope.protocol);
  const candidate = chainsOf(scope.candidate, scope.protocol);
  const asked = ({ baseline: { action, call } }: Pair<Exchange>) => ({
    action,
    payload: call.message.payload,
  });
  return (a, b) => {
    if (!scope.protocol.depends(asked(a), asked(b))) return false;
    const causes = stage.stimuliBefore(a);
    const others = stage.stimuliBefore(b);
    const same = causes.length === others.length && causes.every((cause, index) => cause === others[index]);
    if (!same || causes.length === 0) return false;
    if (causes.length === 1) return true;
    return (
      baseline.get(a.baseline) === baseline.get(b.baseline) &&
      candidate.get(a.candidate) === candidate.get(b.candidate) &&
      answeredInOrder(stage, causes)
    );
  };
}

/** Whether the candidate answered these calls in the baseline's order. */
function answeredInOrder(stage: Stage, calls: readonly Exchange[]): boolean {
  const answers = calls.map((call) => answerOf(stage.counterpart(call)!)!.frame.id);
  return answers.every((id, index) => index === 0 || id > answers[index - 1]!);
}

/** Which commands each command is out of order with. */
type Inversions = Map<Pair<Exchange>, Set<Pair<Exchange>>>;

/** The fewest commands that, taken out, leave the rest in the baseline's order; of two that swapped, the one that was later. */
function movedOf(
  inOrder: readonly Pair<Exchange>[],
  related: (a: Pair<Exchange>, b: Pair<Exchange>) => boolean,
): Pair<Exchange>[] {
  const inversions: Inversions = new Map();
  for (const [index, first] of inOrder.entries()) {
    for (const second of inOrder.slice(index + 1, index + NEIGHBOURS)) {
      if (second.candidate.call.frame.id > first.candidate.call.frame.id || !related(first, second)) continue;
      inversions.set(first, (inversions.get(first) ?? new Set()).add(second));
      inversions.set(second, (inversions.get(second) ?? new Set()).add(first));
    }
  }
  return tangles(inversions).flatMap((tangle) => untangled(tangle, inversions));
}

/** Commands that are out of order with each other, directly or through others: each group for itself. */
function tangles(inversions: Inversions): Pair<Exchange>[][] {
  const seen = new Set<Pair<Exchange>>();
  return [...inversions.keys()].flatMap((start) => {
    if (seen.has(start)) return [];
    const tangle = [start];
    seen.add(start);
    for (const one of tangle)
      for (const other of inversions.get(one)!)
        if (!seen.has(other)) {
          seen.add(other);
          tangle.push(other);
        }
    return [tangle];
  });
}

/** Takes out of one group that command which is out of order with most others, until none is; of two such the later. */
function untangled(tangle: readonly Pair<Exchange>[], inversions: Inversions): Pair<Exchange>[] {
  const left = new Set(tangle);
  const moved: Pair<Exchange>[] = [];
  const disorder = (pair: Pair<Exchange>) => inversions.get(pair)!.size;
  for (;;) {
    let worst: Pair<Exchange> | undefined;
    for (const pair of left)
      if (worst === undefined || (disorder(pair) - disorder(worst) || byBaseline(pair, worst)) > 0)
        worst = pair;
    if (worst === undefined || disorder(worst) === 0) return moved;
    moved.push(worst);
    left.delete(worst);
    for (const other of inversions.get(worst)!) inversions.get(other)!.delete(worst);
  }
}

function byBaseline(a: Pair<Exchange>, b: Pair<Exchange>): number {
  return a.baseline.call.frame.id - b.baseline.call.frame.id;
}
