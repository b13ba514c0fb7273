import type { Recording, Session } from '../session/recording.ts';
import { groupBy } from './group.ts';
import { Origins, rowNames } from './origin.ts';

/** A session of the baseline and the one of the candidate that is compared with it. */
export interface SessionPair {
  baseline: Session;
  candidate: Session;
  /** True when replay links say which frame is which; false for two captures, which are aligned by what was said. */
  linked: boolean;
}

/** All pairs, by name of the session, and what has no counterpart on the other side. */
export interface SessionPairs {
  pairs: SessionPair[];
  onlyBaseline: Session[];
  onlyCandidate: Session[];
}

/** `endpoint/identity`, the name of a session in findings. */
export function sessionName(session: Session): string {
  return `${session.endpoint}/${session.identity}`;
}

/** Two sessions, by their ids, that somebody says are to be compared. */
export interface WantedPair {
  baseline: number;
  candidate: number;
}

/** The sessions of one recording. */
interface Side {
  recording: Recording;
  sessions: readonly Session[];
}

/**
 * Pairs the sessions of two recordings: as `wanted` says, then by replay links where there are any (one baseline session may have
 * several clones), then by endpoint and identity, then by an identity that each side has once. One session that is left over on
 * either side is the same charger under another name.
 */
export function pairSessions(
  baseline: Side,
  candidate: Side,
  wanted: readonly WantedPair[] = [],
): SessionPairs {
  const isWanted = new Set(wanted.map((pair) => pair.baseline));
  const origins = originsOf(baseline);
  const chosen = new Map(wanted.map((pair) => [pair.candidate, byId(baseline, pair.baseline)]));
  const free = baseline.sessions.filter(({ id }) => !isWanted.has(id));
  const byName = new Map(free.map((session) => [sessionName(session), session]));
  const found: { candidate: Session; baseline: Session | undefined; linked: boolean }[] =
    candidate.sessions.map((session) => {
      const linked = origins.find(rowNames(candidate.recording, session));
      const said = chosen.get(session.id);
      const like =
        linked !== undefined && !isWanted.has(linked.id) ? linked : byName.get(sessionName(session));
      const counterpart = said ?? like;
      return {
        candidate: session,
        baseline: counterpart,
        linked: counterpart !== undefined && counterpart === linked,
      };
    });
  const left = () => {
    const paired = new Set(found.map((pair) => pair.baseline));
    return free.filter((session) => !paired.has(session));
  };
  const alone = () => found.filter((pair) => pair.baseline === undefined);
  const same = onlyOnes(left(), ({ identity }) => identity);
  const others = onlyOnes(alone(), ({ candidate: { identity } }) => identity);
  for (const [identity, pair] of others) pair.baseline = same.get(identity);
  const [last, ...more] = left();
  const [lone, ...rest] = alone();
  const isRun = candidate.recording.source === baseline.recording.uuid;
  if (!isRun && last && lone && more.length === 0 && rest.length === 0) lone.baseline = last;
  const pairs = found.filter((pair): pair is SessionPair => pair.baseline !== undefined);
  return {
    pairs: pairs.sort(byNameThenId),
    onlyBaseline: left(),
    onlyCandidate: alone().map((pair) => pair.candidate),
  };
}

function originsOf({ recording, sessions }: Side): Origins<Session> {
  const origins = new Origins<Session>();
  for (const session of sessions) origins.add(rowNames(recording, session), session);
  return origins;
}

function byId({ sessions }: Side, id: number): Session | undefined {
  return sessions.find((session) => session.id === id);
}

/** Items by a key that no other one has. */
function onlyOnes<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item> {
  const groups = groupBy(items, keyOf);
  return new Map(
    [...groups].filter(([, group]) => group.length === 1).map(([key, group]) => [key, group[0]!]),
  );
}

function byNameThenId(a: SessionPair, b: SessionPair): number {
  const [left, right] = [sessionName(a.candidate), sessionName(b.candidate)];
  return left < right ? -1 : left > right ? 1 : a.candidate.id - b.candidate.id;
}
