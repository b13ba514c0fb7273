import { isObject, type Json, type Path, type PathPattern, parseJson } from '../ocpp/json.ts';
import type { Protocol, Site } from '../ocpp/protocol.ts';
import { parseTime } from '../ocpp/time.ts';
import type { Observation } from '../session/recording.ts';
import type { Pair } from './align.ts';
import type { Exchange } from './lane.ts';
import { comparePayloads } from './payload.ts';
import { report, type Scope } from './scope.ts';

/** What the probes of two runs saw in one session. */
export interface Observed {
  baseline: readonly Observation[];
  candidate: readonly Observation[];
}

/** Members that tell what became of a look: when they differ, what else was seen is of another thing. */
const OUTCOMES: ReadonlySet<string | number> = new Set(['status', 'exit']);

/**
 * Compares what probes saw of the two systems after the same call of the charger, or at the end of the session, by the rules of
 * payloads: a member named as an id class is such an id, an RFC 3339 text a time. What one side alone saw is not compared; a capture
 * has seen nothing.
 */
export function compareObservations(
  scope: Scope,
  calls: readonly Pair<Exchange>[],
  observed: Observed,
): void {
  if (scope.baseline.recording.kind !== 'run') return;
  const originals = new Map(
    calls.map(({ baseline, candidate }) => [candidate.call.frame.id, baseline.call.frame.id]),
  );
  const waiting = new Map(observed.baseline.map((one) => [`${one.frame} ${one.probe}`, one]));
  for (const candidate of observed.candidate) {
    const frame = candidate.frame === null ? null : originals.get(candidate.frame);
    const key = `${frame} ${candidate.probe}`;
    const baseline = waiting.get(key);
    waiting.delete(key);
    if (baseline?.value != null && candidate.value !== null) compare(scope, baseline, candidate);
    else scope.tally.skip('observation that only one side has');
  }
  scope.tally.skip('observation that only one side has', waiting.size);
}

function compare(scope: Scope, baseline: Observation, candidate: Observation): void {
  const [before, after] = [parseJson(baseline.value!), parseJson(candidate.value!)];
  const action = `probe:${baseline.probe}`;
  const { differences, expected } = comparePayloads(before, after, {
    protocol: protocolOf(scope.protocol, action, before, after),
    action,
    part: 'result',
    ids: scope.ids,
    baselineAtUs: baseline.atUs,
    candidateAtUs: candidate.atUs,
  });
  for (const variation of expected) scope.tally.expect(variation);
  const outcome = differences.filter(({ path }) => path.length === 1 && OUTCOMES.has(path[0]!));
  for (const difference of outcome.length > 0 ? outcome : differences) {
    report(scope, {
      ...difference,
      severity: difference.kind === 'field-added' ? 'low' : 'high',
      caller: null,
      action,
      baselineEvidence: baseline.value!,
      candidateEvidence: candidate.value!,
    });
  }
}

/** The protocol as it is for this one observation: its ids and times are told by names and values, since no schema does. */
function protocolOf(protocol: Protocol, action: string, before: Json, after: Json): Protocol {
  const paths = [...scalarPaths(before, [])];
  const sites = (name: string): Site[] =>
    paths
      .filter(({ path }) => path.at(-1) === name)
      .map(({ path }) => ({ action, part: 'result', path: patternOf(path) }));
  const others = new Map(
    [...scalarPaths(after, [])].map(({ path, value }) => [patternOf(path).join('/'), value]),
  );
  const times = paths
    .filter(({ path, value }) => isTime(value) && isTime(others.get(patternOf(path).join('/'))))
    .map(({ path }) => patternOf(path));
  const idClasses = protocol.idClasses.map(({ name }) => ({ name, issued: [], used: sites(name) }));
  return { ...protocol, idClasses, timePaths: () => times, isExpiry: () => false };
}

function* scalarPaths(value: Json, path: Path): Generator<{ path: Path; value: Json }> {
  if (Array.isArray(value))
    for (const [index, one] of value.entries()) yield* scalarPaths(one, [...path, index]);
  else if (isObject(value))
    for (const [key, one] of Object.entries(value)) yield* scalarPaths(one, [...path, key]);
  else yield { path, value };
}

function isTime(value: Json | undefined): boolean {
  return typeof value === 'string' && parseTime(value) !== null;
}

function patternOf(path: Path): PathPattern {
  return path.map((step) => (typeof step === 'number' ? '*' : step));
}
