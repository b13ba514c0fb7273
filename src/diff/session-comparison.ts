import { protocolFor } from '../ocpp/protocols.ts';
import { type Alignment, alignCapturedCalls, alignConnections, alignLinkedCalls } from './align.ts';
import { compareAnswers } from './answers.ts';
import { compareCommands } from './commands.ts';
import { compareConnections } from './connections.ts';
import { IdMap } from './id-map.ts';
import { loseIssued } from './issued-ids.ts';
import { answerOf, type Exchange, type Lane } from './lane.ts';
import type { Fates, Scope } from './scope.ts';
import { sessionName } from './session-pairs.ts';
import { Stage } from './stage.ts';
import { stimuliOf } from './stimuli.ts';
import { Strays } from './strays.ts';
import type { Tally } from './tally.ts';
import { compareUnanswered } from './unanswered.ts';

/** Two sessions to compare, and what is known about them. */
export interface SessionLanes {
  baseline: Lane;
  candidate: Lane;
  linked: boolean;
  complete: boolean;
}

/** Compares two sessions: connections, then answers (which tell the ids), then commands, then what stands for itself. */
export function compareSessions(lanes: SessionLanes, tally: Tally): void {
  const { baseline, candidate, linked } = lanes;
  const chosen = [...baseline.connections.values()].find(({ subprotocol }) => subprotocol !== null);
  const protocol = protocolFor(chosen?.subprotocol ?? null);
  const session = sessionName(candidate.session);
  const scope: Scope = { ...lanes, protocol, ids: new IdMap(), tally, session };
  const fates = compareConnections(scope, alignConnections(baseline, candidate, linked));
  const calls = linked
    ? alignLinkedCalls(baseline, candidate)
    : alignCapturedCalls(baseline, candidate, protocol);
  const strays = new Strays(scope);
  const altered = compareCalls(scope, fates, calls, strays);
  const stage = new Stage(fates, stimuliOf(baseline, protocol), calls, altered);
  compareCommands(scope, stage, strays);
  strays.report(scope);
  tally.compared.sessions++;
}

/** Compares the answers to the charger's calls; returns those calls of the baseline whose answer became another one in kind. */
function compareCalls(scope: Scope, fates: Fates, calls: Alignment<Exchange>, strays: Strays): Set<Exchange> {
  const altered = new Set<Exchange>();
  scope.tally.skip('call not sent', calls.onlyBaseline.length);
  scope.tally.skip('call that the baseline does not have', calls.onlyCandidate.length);
  for (const pair of calls.pairs.sort((a, b) => a.baseline.call.frame.id - b.baseline.call.frame.id)) {
    const answered = answerOf(pair.baseline) && answerOf(pair.candidate);
    if (!answered) compareUnanswered(scope, fates, strays, pair);
    else if (compareAnswers(scope, pair)) altered.add(pair.baseline);
  }
  for (const { action, answers } of calls.onlyBaseline) {
    const message = answers[0]?.message;
    if (message?.type === 'callResult') loseIssued(scope, action, 'result', message.payload);
  }
  return altered;
}
