import { valueAt } from '../ocpp/json.ts';
import { about } from './about.ts';
import { answerOf, connectionOf, type Exchange } from './lane.ts';
import { placesOf } from './places.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Stage } from './stage.ts';
import { beginningOf, type Strays } from './strays.ts';

/** How much later than in the baseline a reaction may come and still be expected before the end of its connection, µs. */
const JITTER_US = 1_000_000;

/** So many calls that were answered after a reaction was due show that it was, whatever the clock says: a run may be much faster. */
const CALLS_LATER = 3;

/** Reports a command of the baseline that did not come, or came as a text that is no OCPP-J, unless the reason for it did not come either; gives the finding, if there is one. */
export function reportMissing(scope: Scope, stage: Stage, strays: Strays, command: Exchange): string | null {
  const excuse = excuseOf(scope, stage, command);
  if (excuse !== null) {
    scope.tally.skip(excuse);
    return null;
  }
  const stray = strays.inPlaceOfCommand(command);
  const kind = stray === undefined ? 'command-missing' : 'malformed';
  return report(scope, {
    kind,
    severity: severityOf(scope.protocol, kind, command.action, []),
    ...about(scope, command),
    path: [],
    baseline: command.call.message.payload,
    ...(stray !== undefined && { candidate: beginningOf(stray) }),
    baselineEvidence: command.call,
    candidateEvidence: stray,
  });
}

/** Why a command need not have come; null when it should have. */
function excuseOf(scope: Scope, stage: Stage, command: Exchange): string | null {
  const stimuli = stage.stimuli.get(command)!;
  if (!isDue(scope, command, stimuli.length > 0)) return `external ${command.action} that did not come`;
  if (namesLostId(scope, command)) return 'command that names an id which was not issued';
  if (stimuli.some((stimulus) => stage.altered.has(stimulus)))
    return 'reaction to an answer that became another one';
  if (stimuli.some((stimulus) => !isAnswered(stage, stimulus)))
    return 'reaction to a call that was not sent or not answered';
  if (stimuli.some((stimulus) => !stage.fates.originals.has(connectionOf(stage.counterpart(stimulus)!))))
    return 'reaction after a reconnect';
  const [stimulus] = stimuli.slice(-1);
  if (stimulus && endedTooSoon(scope, stage, command, stimulus))
    return 'reaction cut off by the end of its connection';
  return null;
}

/** Whether the CSMS had a reason to send the command: the run's own word, since it knows who asked for one, else what came before it. */
function isDue({ departures }: Scope, { call }: Exchange, isReaction: boolean): boolean {
  const kind = departures.get(call.frame.id)?.kind;
  return kind === undefined ? isReaction : kind === 'command-missing';
}

function isAnswered(stage: Stage, stimulus: Exchange): boolean {
  const call = stage.counterpart(stimulus);
  return call !== undefined && answerOf(call) !== undefined;
}

function namesLostId({ protocol, ids }: Scope, { action, call }: Exchange): boolean {
  return placesOf(protocol, action, 'call').ids.some((place) => {
    const id = valueAt(call.message.payload, place.path);
    return place.role === 'used' && id !== undefined && ids.isLost(place.idClass, id);
  });
}

/** Whether the connection ended before the reaction was due: in two captures by anyone, in a run by the CSMS, unexpectedly. */
function endedTooSoon(scope: Scope, stage: Stage, command: Exchange, stimulus: Exchange): boolean {
  const call = stage.counterpart(stimulus)!;
  const connection = scope.candidate.connections.get(connectionOf(call));
  if (connection === undefined) return false;
  if (scope.linked && scope.complete && !stage.fates.cut.has(connection.id)) return false;
  const delayUs = command.call.frame.monoUs - answerOf(stimulus)!.frame.monoUs;
  const dueUs = answerOf(call)!.frame.monoUs + delayUs;
  if (answeredLater(stage, command, connection.id, dueUs) >= CALLS_LATER) return false;
  return (connection.closedMonoUs ?? scope.candidate.lastMonoUs) < dueUs + JITTER_US;
}

/** How many calls that the baseline answered after the command were answered in the candidate too, after the command was due. */
function answeredLater(stage: Stage, command: Exchange, connection: number, dueUs: number): number {
  return stage.calls.filter(({ baseline, candidate }) => {
    const [before, after] = [answerOf(baseline), answerOf(candidate)];
    if (before === undefined || after === undefined || connectionOf(candidate) !== connection) return false;
    return before.frame.id > command.call.frame.id && after.frame.monoUs > dueUs;
  }).length;
}
