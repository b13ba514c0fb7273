import type { Reader } from '../session/recording.ts';
import { type CompareOptions, compareRecordings } from './compare-recordings.ts';
import type { Comparison, Example, Finding, FindingClass, IncompleteSession } from './finding.ts';
import { groupBy } from './group.ts';
import { sortedByGravity } from './tally.ts';
import { judgedAnew } from './verdict.ts';

/** Three comparisons of two: the recording with the run of either build, and those two runs with each other. */
interface Three {
  withOld: Comparison;
  withNew: Comparison;
  between: Comparison;
}

/**
 * Compares a new build with an old one by their runs of one recording. What both do unlike the recording is of their environment; what
 * only the old one did is fixed; the rest is new and decides. Values and frames of a finding are the recording's and the new run's (of a
 * fixed one the old run's); where both runs differ from the recording and from each other, they are the old run's and the new run's.
 */
export async function compareThree(
  recording: Reader,
  oldRun: Reader,
  newRun: Reader,
  options: CompareOptions = {},
): Promise<Comparison> {
  const three = {
    withOld: await compareRecordings(recording, oldRun, options),
    withNew: await compareRecordings(recording, newRun, options),
    between: await compareRecordings(oldRun, newRun, options),
  };
  const findings = sortedByGravity([...ofNewRun(three), ...ofOldRun(three), ...ofBoth(three)]);
  const classes: Record<FindingClass, number> = { new: 0, environment: 0, fixed: 0 };
  for (const finding of findings) classes[finding.class ?? 'new']++;
  const incompleteSessions = incompleteOf(three);
  const against = three.withOld.candidate;
  const { latencies = [] } = three.between.summary;
  return { ...judgedAnew(three.withNew, findings, { classes, incompleteSessions, latencies }), against };
}

/** What the new run does unlike the recording: new when the old one does not, else of the environment, but for what `contested` tells. */
function ofNewRun(three: Three): Finding[] {
  const { withOld, withNew } = three;
  const old = new Set(withOld.findings.map(({ id }) => id));
  const told = new Set(contested(three).map(({ id }) => id));
  return withNew.findings
    .filter(({ id }) => !told.has(id))
    .map((finding) => ({ ...finding, class: old.has(finding.id) ? 'environment' : 'new' }));
}

/**
 * What the two runs do unlike each other at a place where both do what the recording does not, in those sessions where the new run does
 * not do what the recording does: the environment and the new build touch the same place.
 */
function contested({ withOld, withNew, between }: Three): Finding[] {
  const old = new Map(withOld.findings.map((finding) => [finding.id, finding]));
  const both = withNew.findings.filter((finding) => {
    const other = old.get(finding.id);
    return other !== undefined && !isExplained(finding, other);
  });
  const places = new Set(both.map(placeOf));
  const differing = groupBy(withNew.findings, placeOf);
  return between.findings.filter((finding) => {
    const place = placeOf(finding);
    const sessions = new Set(differing.get(place)?.flatMap((one) => one.sessions));
    return places.has(place) && finding.sessions.some((session) => sessions.has(session));
  });
}

/** Whether a change of one listed value for another happened in the old run alike: what differs at that place is another change. */
function isExplained(finding: Finding, other: Finding): boolean {
  const sameSessions = finding.sessions.join('\n') === other.sessions.join('\n');
  return finding.enum === true && finding.count === other.count && sameSessions;
}

/** What only the old run did: the recording and the new run agree there. */
function ofOldRun({ withOld, withNew }: Three): Finding[] {
  const stillThere = places(withNew);
  return withOld.findings
    .filter((finding) => !stillThere.has(placeOf(finding)))
    .map((finding) => ({
      ...finding,
      class: 'fixed',
      examples: finding.examples.map(({ candidateFrame: _, ...example }): Example => example),
    }));
}

/** Differences of the two runs that are contested, or at places where neither differs from the recording, such as what it does not hold. */
function ofBoth(three: Three): Finding[] {
  const told = new Set([...places(three.withOld), ...places(three.withNew)]);
  return [
    ...contested(three),
    ...three.between.findings.filter((finding) => !told.has(placeOf(finding))),
  ].map((finding) => ({
    ...finding,
    class: 'new',
    examples: finding.examples.map(({ baselineFrame: _, ...example }): Example => example),
  }));
}

function places({ findings }: Comparison): Set<string> {
  return new Set(findings.map(placeOf));
}

/** What a finding is about: a place in a payload, a call as a whole, or one thing about connections. */
function placeOf({ kind, caller, action, variety, path }: Finding): string {
  const pattern = path.replaceAll(/\/\d+(?=\/|$)/g, '/*');
  return JSON.stringify([caller, action, variety ?? null, pattern, caller === null ? kind : null]);
}

function incompleteOf({ withOld, withNew }: Three): IncompleteSession[] {
  const ofOld = withOld.summary.incompleteSessions.map(({ session, reason }) => ({
    session,
    reason: `old build: ${reason}`,
  }));
  return [...withNew.summary.incompleteSessions, ...ofOld];
}
