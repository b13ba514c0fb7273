import { answerOf, connectionOf, type Exchange, endMonoUs } from './lane.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Stage } from './stage.ts';

/** How soon after an answer of the CSMS a command is a reaction to it, µs. */
const REACTION_US = 5_000_000;

/** Reports a command that the baseline does not have, unless the baseline ended before it could have come. */
export function reportUnexpected(
  scope: Scope,
  stage: Stage,
  baseline: readonly Exchange[],
  command: Exchange,
): void {
  if (followsOwnCall(scope, command)) {
    scope.tally.skip('command after a preamble');
    return;
  }
  if (isKnown(scope, baseline, command) && cameAfterBaseline(scope, stage, command)) {
    scope.tally.skip('command after the end of the baseline');
    return;
  }
  report(scope, {
    kind: 'command-unexpected',
    severity: severityOf(scope.protocol, 'command-unexpected', command.action, []),
    caller: 'csms',
    action: command.action,
    path: [],
    candidate: command.call.message.payload,
    candidateEvidence: command.call,
  });
}

/** Whether it came within 5 s of the answer to a call that only the run made. */
function followsOwnCall({ candidate }: Scope, { call: { frame } }: Exchange): boolean {
  return candidate.own.some((own) => {
    const answer = answerOf(own)?.frame;
    if (answer === undefined || answer.connection !== frame.connection || answer.id > frame.id) return false;
    return frame.monoUs - answer.monoUs <= REACTION_US;
  });
}

/** Whether the baseline's CSMS sends such a command too, at another time. */
function isKnown({ protocol }: Scope, baseline: readonly Exchange[], { action, call }: Exchange): boolean {
  const key = protocol.commandKey(action, call.message.payload);
  return baseline.some(
    (other) => other.action === action && protocol.commandKey(action, other.call.message.payload) === key,
  );
}

/** Whether the command came longer after the last answered call than the baseline lasted after that call's answer. */
function cameAfterBaseline(scope: Scope, stage: Stage, command: Exchange): boolean {
  const { frame } = command.call;
  let latest: { baselineUs: number; candidateUs: number } | undefined;
  for (const { baseline, candidate } of stage.calls) {
    const [before, after] = [answerOf(baseline), answerOf(candidate)];
    if (before === undefined || after === undefined || after.frame.id > frame.id) continue;
    if (connectionOf(candidate) !== frame.connection || after.frame.monoUs < (latest?.candidateUs ?? 0))
      continue;
    const baselineUs = endMonoUs(scope.baseline, baseline) - before.frame.monoUs;
    latest = { baselineUs, candidateUs: after.frame.monoUs };
  }
  return latest !== undefined && frame.monoUs - latest.candidateUs > latest.baselineUs;
}
