import { diffArrays } from 'diff';
import type { Protocol } from '../ocpp/protocol.ts';
import type { Connection } from '../session/connection.ts';
import { groupBy } from './group.ts';
import { callsOf, type Exchange, type Lane } from './lane.ts';
import { frameNames, type Name, Origins, rowNames } from './origin.ts';

/** A row of the baseline and its counterpart in the candidate. */
export interface Pair<Row> {
  baseline: Row;
  candidate: Row;
}

/** What belongs together, and what one side has alone. */
export interface Alignment<Row> {
  pairs: Pair<Row>[];
  onlyBaseline: Row[];
  onlyCandidate: Row[];
}

/** Most edits between the call sequences of two captures; beyond, calls of one key are paired in order. */
const MAX_EDITS = 1_000;

/** Pairs the charger's calls of a run with those it replays, by the frame that both come from. */
export function alignLinkedCalls(baseline: Lane, candidate: Lane): Alignment<Exchange> {
  const namesIn = (lane: Lane) => (exchange: Exchange) =>
    frameNames(lane.recording, exchange.call.id, exchange);
  return alignByName(
    { rows: callsOf(baseline, 'charger'), names: namesIn(baseline) },
    { rows: callsOf(candidate, 'charger'), names: namesIn(candidate) },
  );
}

/**
 * Pairs the charger's calls of two captures: by the longest common sequence of actions and all their key fields, and what is left
 * between two such pairs by action and sort of call, since on another day other people charge.
 */
export function alignCapturedCalls(baseline: Lane, candidate: Lane, protocol: Protocol): Alignment<Exchange> {
  const exact = ({ action, call }: Exchange) => `${action} ${protocol.callKey(action, call.message.payload)}`;
  const coarse = ({ action, call }: Exchange) => {
    const { payload } = call.message;
    return `${action} ${protocol.connectorOf(payload)} ${protocol.varietyOf(action, payload)}`;
  };
  const alignment: Alignment<Exchange> = { pairs: [], onlyBaseline: [], onlyCandidate: [] };
  for (const part of commonSequence(callsOf(baseline, 'charger'), callsOf(candidate, 'charger'), exact)) {
    alignment.pairs.push(...part.pairs);
    for (const rest of commonSequence(part.onlyBaseline, part.onlyCandidate, coarse)) {
      alignment.pairs.push(...rest.pairs);
      alignment.onlyBaseline.push(...rest.onlyBaseline);
      alignment.onlyCandidate.push(...rest.onlyCandidate);
    }
  }
  return alignment;
}

/** The longest common sequence of two, as parts in order: what both have, then what stands between that and the next common row. */
function commonSequence(
  left: readonly Exchange[],
  right: readonly Exchange[],
  key: (row: Exchange) => string,
): Alignment<Exchange>[] {
  const changes = diffArrays(left.map(key), right.map(key), { maxEditLength: MAX_EDITS });
  if (changes === undefined) return [alignInOrder(left, right, key)];
  const parts: Alignment<Exchange>[] = [{ pairs: [], onlyBaseline: [], onlyCandidate: [] }];
  let [l, r] = [0, 0];
  for (const { added, removed, count } of changes) {
    if (!added && !removed) parts.push({ pairs: [], onlyBaseline: [], onlyCandidate: [] });
    const part = parts.at(-1)!;
    for (let n = 0; n < count; n++) {
      if (removed) part.onlyBaseline.push(left[l++]!);
      else if (added) part.onlyCandidate.push(right[r++]!);
      else part.pairs.push({ baseline: left[l++]!, candidate: right[r++]! });
    }
  }
  return parts;
}

/**
 * Pairs connections: of a run by the connection they replay (of several attempts the one that was accepted), of two captures in
 * order of opening.
 */
export function alignConnections(baseline: Lane, candidate: Lane, linked: boolean): Alignment<Connection> {
  const [left, right] = [[...baseline.connections.values()], [...candidate.connections.values()]];
  if (!linked) return alignInOrder(left, right, () => '');
  const accepted = (connection: Connection) => (connection.status === 101 ? 0 : 1);
  return alignByName(
    { rows: left, names: (row) => rowNames(baseline.recording, row) },
    {
      rows: right.toSorted((a, b) => accepted(a) - accepted(b)),
      names: (row) => rowNames(candidate.recording, row),
    },
  );
}

interface Named<Row> {
  rows: readonly Row[];
  names(row: Row): Name[];
}

function alignByName<Row>(baseline: Named<Row>, candidate: Named<Row>): Alignment<Row> {
  const origins = new Origins<Row>();
  for (const row of baseline.rows) origins.add(baseline.names(row), row);
  const alignment: Alignment<Row> = { pairs: [], onlyBaseline: [], onlyCandidate: [] };
  for (const row of candidate.rows) {
    const original = origins.find(candidate.names(row));
    if (original === undefined) alignment.onlyCandidate.push(row);
    else {
      origins.remove(baseline.names(original), original);
      alignment.pairs.push({ baseline: original, candidate: row });
    }
  }
  alignment.onlyBaseline = baseline.rows.filter((row) => origins.has(baseline.names(row), row));
  return alignment;
}

/** Pairs the nth of a key with the nth of that key. */
function alignInOrder<Row>(
  left: readonly Row[],
  right: readonly Row[],
  key: (row: Row) => string,
): Alignment<Row> {
  const waiting = groupBy(right, key);
  const alignment: Alignment<Row> = { pairs: [], onlyBaseline: [], onlyCandidate: [] };
  for (const row of left) {
    const counterpart = waiting.get(key(row))?.shift();
    if (counterpart === undefined) alignment.onlyBaseline.push(row);
    else alignment.pairs.push({ baseline: row, candidate: counterpart });
  }
  alignment.onlyCandidate = [...waiting.values()].flat();
  return alignment;
}
