import type { Protocol } from '../ocpp/protocol.ts';
import { groupBy } from './group.ts';
import { answerOf, connectionOf, type Exchange, type Lane } from './lane.ts';

/** How soon after the CSMS's answer to a stimulating call a command is a reaction to it, µs of the recording. */
export const REACTION_US = 5_000_000;

/** The calls of the charger that a command may be a reaction to, oldest first; none when it is external. */
export type Stimuli = Map<Exchange, Exchange[]>;

/**
 * Finds what each command of the CSMS may be a reaction to: calls whose answer may stimulate (per the protocol), answered on its
 * connection within 5 s before it. Where a command comes several times, causes that do not stand before each of them are ruled out,
 * and a cause that comes exactly as often is taken to be the one.
 */
export function stimuliOf(lane: Lane, protocol: Protocol): Stimuli {
  const stimuli: Stimuli = new Map();
  const stimulating = stimulatingCalls(lane, protocol);
  for (const [connection, exchanges] of groupBy(lane.exchanges, connectionOf))
    addWithin(stimuli, exchanges, stimulating.get(connection) ?? [], protocol);
  const repeated = groupBy(stimuli.keys(), (command) => signature(command, protocol.commandKey));
  for (const commands of repeated.values()) {
    const reactions = commands.filter((command) => stimuli.get(command)!.length > 0);
    if (reactions.length > 1) ruleOut(stimuli, reactions, stimulating, protocol);
  }
  return stimuli;
}

/** Answered calls that may stimulate, by connection, in the order of their answers. */
function stimulatingCalls(lane: Lane, protocol: Protocol): Map<number, Exchange[]> {
  const calls = lane.exchanges
    .filter(
      (one) => one.caller === 'charger' && protocol.stimulates(one.action) && answerOf(one) !== undefined,
    )
    .sort((a, b) => answerOf(a)!.frame.id - answerOf(b)!.frame.id);
  return groupBy(calls, connectionOf);
}

/** Walks one connection in order, with the stimulating calls answered in the last 5 s in hand. */
function addWithin(
  stimuli: Stimuli,
  exchanges: readonly Exchange[],
  stimulating: readonly Exchange[],
  protocol: Protocol,
): void {
  let [from, to] = [0, 0];
  for (const command of exchanges) {
    if (command.caller !== 'csms') continue;
    const { id, monoUs } = command.call.frame;
    while (to < stimulating.length && answerOf(stimulating[to]!)!.frame.id < id) to++;
    while (from < to && monoUs - answerOf(stimulating[from]!)!.frame.monoUs > REACTION_US) from++;
    stimuli.set(command, protocol.isExternal(command.action) ? [] : stimulating.slice(from, to));
  }
}

/** Keeps, of commands that are alike, only the causes that all of them share; all causes when they share none. */
function ruleOut(
  stimuli: Stimuli,
  commands: readonly Exchange[],
  stimulating: ReadonlyMap<number, readonly Exchange[]>,
  protocol: Protocol,
): void {
  const key = (call: Exchange) => signature(call, protocol.callKey);
  const [first, ...others] = commands.map((command) => new Set(stimuli.get(command)!.map(key)));
  const shared = new Set([...first!].filter((cause) => others.every((keys) => keys.has(cause))));
  if (shared.size === 0) return;
  for (const command of commands) {
    const kept = stimuli.get(command)!.filter((call) => shared.has(key(call)));
    stimuli.set(command, kept);
  }
  const partners = [...shared]
    .map((cause) => partnersOf(commands, stimulating, (call) => key(call) === cause && hasResult(call)))
    .filter((found) => found !== null);
  if (partners.length !== 1) return;
  for (const [command, cause] of partners[0]!)
    if (stimuli.get(command)!.includes(cause)) stimuli.set(command, [cause]);
}

/** Each command with the call of the same turn on its connection; null unless there are as many calls as commands on each. */
function partnersOf(
  commands: readonly Exchange[],
  stimulating: ReadonlyMap<number, readonly Exchange[]>,
  isCause: (call: Exchange) => boolean,
): [command: Exchange, cause: Exchange][] | null {
  const partners: [Exchange, Exchange][] = [];
  for (const [connection, alike] of groupBy(commands, connectionOf)) {
    const causes = stimulating.get(connection)!.filter(isCause);
    if (causes.length !== alike.length) return null;
    for (const [turn, command] of alike.entries()) partners.push([command, causes[turn]!]);
  }
  return partners;
}

function hasResult(call: Exchange): boolean {
  return answerOf(call)!.message.type === 'callResult';
}

function signature({ action, call }: Exchange, key: Protocol['callKey']): string {
  return `${action} ${key(action, call.message.payload)}`;
}
