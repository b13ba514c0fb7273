import type { Protocol } from '../ocpp/protocol.ts';
import { groupBy } from './group.ts';
import { answerOf, connectionOf, type Exchange, type Lane } from './lane.ts';

/** How soon after the charger's answer to one command the next one must come to be its sequel, µs. */
const SEQUEL_US = 25_000;

/** How close together two commands must be to be one burst, µs. */
const BURST_US = 5_000;

/**
 * Which commands the CSMS sends one after the other without anything happening in between: each right after the one before or right
 * after its answer, with no stimulating call answered meanwhile. Commands with the same number are of one chain.
 */
export function chainsOf(lane: Lane, protocol: Protocol): Map<Exchange, number> {
  const chains = new Map<Exchange, number>();
  let chain = 0;
  for (const exchanges of groupBy(lane.exchanges, connectionOf).values()) {
    const answers = exchanges
      .filter((one) => one.caller === 'charger' && protocol.stimulates(one.action))
      .flatMap((one) => answerOf(one)?.frame.id ?? [])
      .sort((a, b) => a - b);
    let previous: Exchange | undefined;
    let next = 0;
    for (const command of exchanges.filter((one) => one.caller === 'csms')) {
      while (next < answers.length && answers[next]! < (previous?.call.frame.id ?? 0)) next++;
      const stimulated = next < answers.length && answers[next]! < command.call.frame.id;
      if (stimulated || previous === undefined || !follows(previous, command)) chain++;
      chains.set(command, chain);
      previous = command;
    }
  }
  return chains;
}

function follows(previous: Exchange, command: Exchange): boolean {
  const { monoUs } = command.call.frame;
  if (monoUs - previous.call.frame.monoUs <= BURST_US) return true;
  const answer = answerOf(previous);
  return (
    answer !== undefined &&
    answer.frame.id < command.call.frame.id &&
    monoUs - answer.frame.monoUs <= SEQUEL_US
  );
}
