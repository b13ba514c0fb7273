import type { Reader, Recording, Session } from '../session/recording.ts';
import type { Comparison, RecordingFacts } from './finding.ts';
import { Incompleteness } from './incompleteness.ts';
import { readLane } from './lane.ts';
import { compareSessions } from './session-comparison.ts';
import { pairSessions, type SessionPair, sessionName } from './session-pairs.ts';
import { Tally } from './tally.ts';

/** What a comparison may be told. */
export interface CompareOptions {
  /** Called before each pair of sessions, with how many are done and how many there are. */
  onProgress?(done: number, total: number): void;
}

/**
 * Compares two recordings session by session, holding one pair of sessions at a time; neither recording is changed. Never throws for
 * odd data, only for a recording that cannot be read.
 */
export async function compareRecordings(
  baseline: Reader,
  candidate: Reader,
  options: CompareOptions = {},
): Promise<Comparison> {
  const tally = new Tally();
  const incomplete = await Incompleteness.of(baseline, candidate);
  const { pairs, onlyBaseline, onlyCandidate } = pairSessions(
    { recording: baseline.recording, sessions: await sessionsOf(baseline) },
    { recording: candidate.recording, sessions: await sessionsOf(candidate) },
  );
  tally.skip('session that the candidate does not have', onlyBaseline.length);
  tally.skip('session that the baseline does not have', onlyCandidate.length);
  for (const [done, pair] of pairs.entries()) {
    options.onProgress?.(done, pairs.length);
    await comparePair(baseline, candidate, pair, tally, incomplete);
  }
  if (pairs.length === 0) incomplete.add('*', 'no session is in both recordings');
  return comparisonOf(baseline.recording, candidate.recording, tally, incomplete);
}

async function sessionsOf(reader: Reader): Promise<Session[]> {
  const sessions: Session[] = [];
  for await (const session of reader.sessions()) sessions.push(session);
  return sessions;
}

async function comparePair(
  baseline: Reader,
  candidate: Reader,
  pair: SessionPair,
  tally: Tally,
  incomplete: Incompleteness,
): Promise<void> {
  const lanes = {
    baseline: await readLane(baseline.recording, pair.baseline, baseline.events(pair.baseline.id)),
    candidate: await readLane(candidate.recording, pair.candidate, candidate.events(pair.candidate.id)),
  };
  const name = sessionName(pair.candidate);
  incomplete.check(name, lanes);
  const complete = incomplete.isComplete(name);
  compareSessions({ ...lanes, linked: pair.linked, complete }, tally);
}

function comparisonOf(
  baseline: Recording,
  candidate: Recording,
  tally: Tally,
  incomplete: Incompleteness,
): Comparison {
  const findings = tally.findings();
  const { sessions, exchanges, commands, connections } = tally.compared;
  const notComparedReasons = tally.notCompared;
  const incompleteSessions = incomplete.sessions();
  const different = findings.some(({ status }) => status === 'new');
  return {
    schemaVersion: 1,
    verdict: incompleteSessions.length > 0 ? 'incomplete' : different ? 'different' : 'same',
    baseline: factsOf(baseline),
    candidate: factsOf(candidate),
    summary: {
      sessionsCompared: sessions,
      exchangesCompared: exchanges,
      commandsCompared: commands,
      connectionsCompared: connections,
      notCompared: Object.values(notComparedReasons).reduce((sum, count) => sum + count, 0),
      notComparedReasons,
      expected: tally.expected,
      incompleteSessions,
    },
    findings,
  };
}

function factsOf({ uuid, kind, label, upstream, startedAtUs }: Recording): RecordingFacts {
  return { uuid, kind, label, upstream, startedAt: new Date(startedAtUs / 1_000).toISOString() };
}
