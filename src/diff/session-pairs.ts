import type { Recording, Session } from '../session/recording.ts';
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

/**
 * Pairs the sessions of two recordings: by replay links where there are any (one baseline session may have several clones), else
 * by endpoint and identity.
 */
export function pairSessions(
  baseline: { recording: Recording; sessions: readonly Session[] },
  candidate: { recording: Recording; sessions: readonly Session[] },
): SessionPairs {
  const origins = new Origins<Session>();
  const byName = new Map<string, Session>();
  for (const session of baseline.sessions) {
    origins.add(rowNames(baseline.recording, session), session);
    byName.set(sessionName(session), session);
  }
  const found = candidate.sessions.map((session) => {
    const linked = origins.find(rowNames(candidate.recording, session));
    return {
      candidate: session,
      baseline: linked ?? byName.get(sessionName(session)),
      linked: linked !== undefined,
    };
  });
  const pairs = found.filter((pair): pair is SessionPair => pair.baseline !== undefined);
  const paired = new Set(pairs.map((pair) => pair.baseline));
  return {
    pairs: pairs.sort(byNameThenId),
    onlyBaseline: baseline.sessions.filter((session) => !paired.has(session)),
    onlyCandidate: found.filter((pair) => pair.baseline === undefined).map((pair) => pair.candidate),
  };
}

function byNameThenId(a: SessionPair, b: SessionPair): number {
  const [left, right] = [sessionName(a.candidate), sessionName(b.candidate)];
  return left < right ? -1 : left > right ? 1 : a.candidate.id - b.candidate.id;
}
