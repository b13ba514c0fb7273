import { ChargetapeError } from '../errors.ts';
import type { Session } from '../session/recording.ts';
import type { StagingMap } from './staging-map.ts';
import type { TimeMode } from './time-shift.ts';

/** How often a recording is played: so many times, or as long as so much time has not passed, ms, when it would begin again. */
export type Laps = { times: number } | { forMs: number };

/** As a recording is played unless it is asked for more. */
export const ONCE: Laps = { times: 1 };

const WEEK_SECONDS = 7 * 24 * 3600;

/** Longest message id (OCPP-J 1.6 §4.1.4). */
const MAX_ID = 36;

/** The name of a session's later lap (from 1) in the run; the first (0) has its own. The charger dials as before. */
export function lapOf(session: Session, lap: number): Session {
  return lap === 0 ? session : { ...session, identity: `${session.identity}@${lap + 1}` };
}

/** Message ids that no lap before has used; all else is called as before. */
export function lapMap(map: StagingMap, lap: number): StagingMap {
  if (lap === 0) return map;
  const own = (id: string) => {
    const suffix = `-${lap + 1}`;
    return id.slice(0, MAX_ID - suffix.length) + suffix;
  };
  return { ...map, messageId: (recorded) => own(map.messageId?.(recorded) ?? recorded) };
}

/** Whether there is another lap after so many, and so much time since the first began, µs. */
export function goesOn(laps: Laps, done: number, sinceUs: number): boolean {
  return 'times' in laps ? done < laps.times : sinceUs < laps.forMs * 1000;
}

/** USAGE for laps whose times would not go on from one to the next. */
export function requireMovingTimes(time: TimeMode, laps: Laps): void {
  if (time === 'shift' || ('times' in laps && (laps.times === 1 || time !== 'keep'))) return;
  throw new ChargetapeError(
    'USAGE',
    time === 'keep'
      ? 'With --time keep each lap would tell the same times: use another mode with --loop.'
      : 'Give --loop a number of times: only at the recorded pace (--time shift) can a length of time be given.',
  );
}

/**
 * How much earlier than the last lap a lap tells its times, s, where the last one ends now: whole weeks where weekdays are to hold. Shifted
 * times go on by themselves, as a lap takes as long as the recording.
 */
export function secondsBack(
  time: TimeMode,
  span: { fromUs: number; toUs: number },
  laps: Laps,
  lap: number,
): number {
  if (time === 'shift' || !('times' in laps)) return 0;
  const seconds = Math.ceil((span.toUs - span.fromUs) / 1e6) + 1;
  const stride = time === 'weeks' ? Math.ceil(seconds / WEEK_SECONDS) * WEEK_SECONDS : seconds;
  return stride * (laps.times - 1 - lap);
}
