import { protocolFor } from '../ocpp/protocols.ts';
import type { Binding, Departure } from '../session/recording.ts';
import { type Alignment, alignCapturedCalls, alignConnections, alignLinkedCalls } from './align.ts';
import { compareAnswers } from './answers.ts';
import { compareChargerCalls } from './charger-calls.ts';
import { compareCommands } from './commands.ts';
import { compareConnections } from './connections.ts';
import { IdMap } from './id-map.ts';
import { loseIssued } from './issued-ids.ts';
import { answerOf, type Exchange, type Lane } from './lane.ts';
import type { Latencies } from './latencies.ts';
import type { Misdirected } from './misdirected.ts';
import { compareObservations, type Observed } from './observations.ts';
import { bindOwnIds } from './own-ids.ts';
import type { Fates, Scope } from './scope.ts';
import { sessionName } from './session-pairs.ts';
import { Silence } from './silence.ts';
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
  /** Takes how long the answers took. */
  latencies: Latencies;
  /** Takes answers to nothing, and the calls that were left unanswered. */
  misdirected: Misdirected;
  complete: boolean;
  /** Ids that each side keeps both ways, when it is a run. */
  before?: readonly Binding[];
  after?: readonly Binding[];
  /** Where the candidate, as a run of the baseline, departs from it. */
  departures?: readonly Departure[];
  /** What probes saw of both systems, when both are runs. */
  observed?: Observed;
}

/** Compares two sessions: connections, then answers (which tell the ids), then commands, then what stands for itself. */
export function compareSessions(lanes: SessionLanes, tally: Tally): void {
  const { baseline, candidate, linked } = lanes;
  const chosen = [...baseline.connections.values()].find(({ subprotocol }) => subprotocol !== null);
  const protocol = protocolFor(chosen?.subprotocol ?? null);
  const session = sessionName(candidate.session);
  const { before = [], after = [] } = lanes;
  const departures = new Map((lanes.departures ?? []).map((departure) => [departure.frame, departure]));
  const scope: Scope = {
    ...lanes,
    ofCaptures: !linked && baseline.recording.kind !== 'run' && candidate.recording.kind !== 'run',
    departures,
    protocol,
    ids: new IdMap(),
    silence: new Silence(candidate),
    tally,
    session,
  };
  bindOwnIds(scope.ids, { lane: baseline, bindings: before }, { lane: candidate, bindings: after });
  const fates = compareConnections(scope, alignConnections(baseline, candidate, linked));
  const calls = linked
    ? alignLinkedCalls(baseline, candidate)
    : alignCapturedCalls(baseline, candidate, protocol);
  const strays = new Strays(scope);
  const altered = compareCalls(scope, fates, calls, strays);
  const stage = new Stage(fates, stimuliOf(baseline, protocol), calls, altered);
  const commands = compareCommands(scope, stage, strays);
  if (scope.ofCaptures) compareChargerCalls(scope, calls, commands);
  if (lanes.observed) compareObservations(scope, calls.pairs, lanes.observed);
  strays.report(scope);
  tally.compared.sessions++;
  tally.compared.sessionNames.add(session);
}

/** Compares the answers to the charger's calls; returns those calls of the baseline whose answer became another one in kind. */
function compareCalls(scope: Scope, fates: Fates, calls: Alignment<Exchange>, strays: Strays): Set<Exchange> {
  const altered = new Set<Exchange>();
  if (!scope.ofCaptures) {
    scope.tally.skip('call not sent', calls.onlyBaseline.length);
    scope.tally.skip('call that the baseline does not have', calls.onlyCandidate.length);
  }
  for (const pair of calls.pairs.sort((a, b) => a.baseline.call.frame.id - b.baseline.call.frame.id)) {
    const before = scope.tally.differences;
    const answered = answerOf(pair.baseline) && answerOf(pair.candidate);
    if (!answered) compareUnanswered(scope, fates, strays, pair);
    else if (compareAnswers(scope, pair)) altered.add(pair.baseline);
    if (scope.tally.differences > before) scope.tally.compared.exchangesDiffering++;
  }
  for (const { action, answers } of calls.onlyBaseline) {
    const message = answers[0]?.message;
    if (message?.type === 'callResult') loseIssued(scope, action, 'result', message.payload);
  }
  return altered;
}
