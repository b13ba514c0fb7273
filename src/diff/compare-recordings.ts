import type { Reader, Recording, Session } from '../session/recording.ts';
import { withTexts } from './example-texts.ts';
import type { Comparison, RecordingFacts, SessionNames } from './finding.ts';
import { Incompleteness } from './incompleteness.ts';
import { type Lane, type Reading, readLane } from './lane.ts';
import { Latencies } from './latencies.ts';
import { Misdirected } from './misdirected.ts';
import type { RuleBook } from './rule-book.ts';
import { compareSessions } from './session-comparison.ts';
import { pairSessions, type SessionPair, sessionName, type WantedPair } from './session-pairs.ts';
import { type TagNames, tagNames } from './tag-names.ts';
import { Tally } from './tally.ts';
import { verdictOf } from './verdict.ts';

/** What a comparison may be told. */
export interface CompareOptions {
  /** Called before each pair of sessions, with how many are done and how many there are. */
  onProgress?(done: number, total: number): void;
  /** Rules of what is expected; what they accept of the outcome is for the caller to apply. */
  rules?: RuleBook;
  /** How many sessions to compare, chosen evenly from all; all when not given. Whether they ran to their end is looked at for each. */
  sample?: number;
  /** Sessions that are to be compared whatever they are called. */
  wantedPairs?: readonly WantedPair[];
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
  const { rules } = options;
  const tally = new Tally((occurrence) => rules?.expects(occurrence) ?? null);
  const latencies = new Latencies();
  const misdirected = new Misdirected();
  const incomplete = await Incompleteness.of(baseline, candidate);
  const {
    pairs: all,
    onlyBaseline,
    onlyCandidate,
  } = pairSessions(
    { recording: baseline.recording, sessions: await sessionsOf(baseline) },
    { recording: candidate.recording, sessions: await sessionsOf(candidate) },
    options.wantedPairs,
  );
  const pairs = sampleOf(all, options.sample);
  if (pairs.length < all.length) tally.skip('session beyond the sample', all.length - pairs.length);
  tally.skip('session that the candidate does not have', onlyBaseline.length);
  tally.skip('session that the baseline does not have', onlyCandidate.length);
  for (const [done, pair] of pairs.entries()) {
    options.onProgress?.(done, pairs.length);
    const name = sessionName(pair.candidate);
    if (rules?.quarantines(name)) {
      tally.skip('session in quarantine');
    } else {
      await comparePair(baseline, candidate, pair, { tally, latencies, misdirected, incomplete });
    }
  }
  misdirected.report(tally);
  latencies.report(tally);
  if (pairs.length === 0) incomplete.add('*', 'no session is in both recordings');
  else if (tally.compared.sessions === 0) incomplete.add('*', 'every session is in quarantine');
  const renamed = pairs.map(namesOf).filter((pair) => pair.baseline !== pair.candidate);
  const comparison = comparisonOf(baseline.recording, candidate.recording, tally, incomplete, renamed);
  comparison.summary.latencies = latencies.facts();
  return { ...comparison, findings: await withTexts(comparison.findings, baseline, candidate) };
}

/** So many of them, evenly from first to last. */
function sampleOf<Item>(items: readonly Item[], count = items.length): readonly Item[] {
  if (count >= items.length) return items;
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)]!);
}

function namesOf({ baseline, candidate }: SessionPair): SessionNames {
  return { baseline: sessionName(baseline), candidate: sessionName(candidate) };
}

async function sessionsOf(reader: Reader): Promise<Session[]> {
  const sessions: Session[] = [];
  for await (const session of reader.sessions()) sessions.push(session);
  return sessions;
}

/** What is gathered from one pair of sessions after the other. */
interface Gathered {
  tally: Tally;
  latencies: Latencies;
  misdirected: Misdirected;
  incomplete: Incompleteness;
}

async function comparePair(
  baseline: Reader,
  candidate: Reader,
  pair: SessionPair,
  { tally, latencies, misdirected, incomplete }: Gathered,
): Promise<void> {
  const [before, after] = [
    await baseline.bindings(pair.baseline.id),
    await candidate.bindings(pair.candidate.id),
  ];
  const reading = (tags: TagNames) => ({ tags, isReplayed: pair.linked });
  const lanes = {
    baseline: await laneOf(baseline, pair.baseline, reading(tagNames(before, after))),
    candidate: await laneOf(candidate, pair.candidate, reading(tagNames(after, before))),
  };
  const name = sessionName(pair.candidate);
  incomplete.check(name, lanes);
  const observed = {
    baseline: await baseline.observations(pair.baseline.id),
    candidate: await candidate.observations(pair.candidate.id),
  };
  incomplete.checkProbes(name, observed);
  const complete = incomplete.isComplete(name);
  const isRunOf = candidate.recording.source === baseline.recording.uuid;
  const departures = isRunOf ? await candidate.departures(pair.candidate.id) : [];
  const known = { before, after, departures, observed, linked: pair.linked, complete };
  compareSessions({ ...lanes, ...known, latencies, misdirected }, tally);
}

function laneOf(reader: Reader, session: Session, reading: Reading): Promise<Lane> {
  return readLane(reader.recording, session, reader.events(session.id), reading);
}

function comparisonOf(
  baseline: Recording,
  candidate: Recording,
  tally: Tally,
  incomplete: Incompleteness,
  renamed: SessionNames[],
): Comparison {
  const findings = tally.findings();
  const { sessions, sessionNames, exchanges, exchangesDiffering, emptyAnswers, commands, connections } =
    tally.compared;
  const notComparedReasons = tally.notCompared;
  const incompleteSessions = incomplete.sessions();
  return {
    schemaVersion: 1,
    verdict: verdictOf(findings, { incompleteSessions }),
    baseline: factsOf(baseline),
    candidate: factsOf(candidate),
    summary: {
      sessionsCompared: sessions,
      sessions: [...sessionNames].sort(),
      ...(renamed.length > 0 && { renamedSessions: renamed }),
      exchangesCompared: exchanges,
      exchangesDiffering,
      emptyAnswers,
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
