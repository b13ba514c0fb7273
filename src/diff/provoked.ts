import type { Json } from '../ocpp/json.ts';
import type { CausalEdge, Protocol } from '../ocpp/protocol.ts';
import { isRefusal } from '../ocpp/refusal.ts';
import { answerOf, connectionOf, type Exchange, type Lane } from './lane.ts';

/** A call this long after a command is no longer taken for its consequence, unless the protocol says otherwise, s. */
const PROVOKED_WITHIN_S = 60;

/** How many exchanges after a command are looked at. */
const REACH = 1_000;

/** Which command provoked which of the charger's calls: the first that matches after the command, once per edge of the protocol. */
export function provokersOf({ exchanges }: Lane, protocol: Protocol): Map<Exchange, Exchange> {
  const provokers = new Map<Exchange, Exchange>();
  for (const [index, command] of exchanges.entries()) {
    if (command.caller !== 'csms' || isRefused(command)) continue;
    const after = exchanges.slice(index + 1, index + 1 + REACH);
    for (const edge of protocol.edges)
      if (edge.command === command.action && edge.provokes !== null) assign(provokers, command, after, edge);
  }
  return provokers;
}

function assign(
  provokers: Map<Exchange, Exchange>,
  command: Exchange,
  after: readonly Exchange[],
  edge: CausalEdge,
): void {
  const limitUs = command.call.frame.monoUs + (edge.withinSeconds ?? PROVOKED_WITHIN_S) * 1e6;
  const asked = command.call.message.payload;
  const before: Json[] = [];
  for (const call of after) {
    if (call.call.frame.monoUs > limitUs) return;
    if (call.caller !== 'charger' || call.action !== edge.provokes || provokers.has(call)) continue;
    const { payload } = call.call.message;
    if (connectionOf(call) !== connectionOf(command) || !edge.matches(asked, payload)) continue;
    if (before.length > 0 && !edge.more?.(asked, payload, before)) continue;
    provokers.set(call, command);
    if (edge.more === undefined) return;
    before.push(payload);
  }
}

function isRefused(command: Exchange): boolean {
  const answer = answerOf(command);
  return answer !== undefined && isRefusal(answer.message);
}
