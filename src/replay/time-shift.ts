import { expand, type Json, valueAt } from '../ocpp/json.ts';
import type { Part, Path, Protocol } from '../ocpp/protocol.ts';
import { parseTime, shiftTime } from '../ocpp/time.ts';

/**
 * How recorded times are told again: moved to the start of the run, so that the recording ends now, by whole weeks (so that weekday and
 * time of day hold), or not at all.
 */
export type TimeMode = 'shift' | 'end-now' | 'weeks' | 'keep';

const WEEK_SECONDS = 7 * 24 * 3600;

/** One replacement of a value in a JSON text by another token. */
export interface Edit {
  path: Path;
  token: string;
}

/** A clock further off than this was never set (1970, 2014): its times stay as they are. */
const SET_CLOCK_MS = 366 * 24 * 3600 * 1000;

/**
 * The one whole number of seconds that a run adds to every time, such that none lies ahead of the wall clock because of pace. Wall
 * clocks in µs since the epoch; `isRecordedPace`: the run takes as long as the recording, pauses included.
 */
export function deltaSeconds(
  mode: TimeMode,
  runStartUs: number,
  span: { fromUs: number; toUs: number },
  isRecordedPace = mode === 'shift',
): number {
  if (mode === 'keep') return 0;
  const fromStart = mode === 'shift' || (mode === 'weeks' && isRecordedPace);
  const seconds = Math.floor((runStartUs - (fromStart ? span.fromUs : span.toUs)) / 1e6);
  return mode === 'weeks' ? Math.floor(seconds / WEEK_SECONDS) * WEEK_SECONDS : seconds;
}

/** Edits that move the times of a payload by whole seconds, each in its own format; paths are relative to the payload. */
export function timeEdits(
  protocol: Protocol,
  message: { action: string; part: Part; payload: Json; atUs: number },
  delta: number,
): Edit[] {
  if (delta === 0) return [];
  const edits: Edit[] = [];
  for (const pattern of protocol.timePaths(message.action, message.part)) {
    for (const path of expand(message.payload, pattern)) {
      const text = valueAt(message.payload, path);
      const time = typeof text === 'string' ? parseTime(text) : null;
      if (typeof text !== 'string' || time === null) continue;
      if (Math.abs(time.epochMs - message.atUs / 1000) > SET_CLOCK_MS) continue;
      edits.push({ path, token: JSON.stringify(shiftTime(text, delta)) });
    }
  }
  return edits;
}
