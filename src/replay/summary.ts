import type { Outcome } from '../session/recording.ts';
import type { CleanUpResult } from './clean-up.ts';
import { countDepartures, type DepartureCount } from './departures.ts';
import type { Lateness } from './lateness.ts';
import type { SessionRun } from './session-run.ts';

/** How a replay went. */
export interface ReplaySummary {
  sessions: number;
  complete: number;
  /** Sessions that did not run to their end, as `endpoint/identity`, and why. */
  incomplete: { session: string; reason: string }[];
  /** Recorded frames that were not sent. */
  notSent: number;
  /** Where the run departs from the recording, by kind and action; absent when it does not. */
  departures?: DepartureCount[];
  /** How late half and 99 of 100 steps were sent, µs; absent at full speed, which has no schedule. */
  lateness?: { p50Us: number; p99Us: number };
  /** Sessions that begin in mid-life: frames put before them, and prerequisites that were never recorded. */
  preamble?: { sessions: number; frames: number; missing: { session: string; what: string }[] };
  /** What was ended after the sessions, and what could not be; absent when nothing was left standing. */
  cleanUp?: { calls: number; failures: { session: string; reason: string }[] };
}

/** How one session of a run went. */
export interface SessionResult {
  run: SessionRun;
  outcome: Outcome;
  cleanUp: CleanUpResult | null;
}

/** Sums up a run; `lateness` is null at full speed. */
export function summaryOf(results: readonly SessionResult[], lateness: Lateness | null): ReplaySummary {
  const incomplete = results.flatMap(({ run, outcome: { complete, reason } }) =>
    complete ? [] : [{ session: run.name, reason: reason ?? '' }],
  );
  return {
    sessions: results.length,
    complete: results.length - incomplete.length,
    incomplete,
    notSent: results.reduce((sum, { outcome }) => sum + outcome.notSent, 0),
    ...departuresOf(results),
    ...preambleOf(results),
    ...cleanUpOf(results),
    ...(lateness && latenessOf(lateness)),
  };
}

function departuresOf(results: readonly SessionResult[]): Pick<ReplaySummary, 'departures'> {
  const departures = countDepartures(results.flatMap(({ run }) => run.departures));
  return departures.length === 0 ? {} : { departures };
}

function preambleOf(results: readonly SessionResult[]): Pick<ReplaySummary, 'preamble'> {
  const concerned = results.filter(
    ({ run: { planned } }) => planned.preamble.size + planned.missing.length > 0,
  );
  if (concerned.length === 0) return {};
  const frames = concerned.reduce((sum, { run }) => sum + run.planned.preamble.size, 0);
  const missing = concerned.flatMap(({ run }) =>
    run.planned.missing.map((what) => ({ session: run.name, what })),
  );
  return { preamble: { sessions: concerned.length, frames, missing } };
}

function cleanUpOf(results: readonly SessionResult[]): Pick<ReplaySummary, 'cleanUp'> {
  const cleaned = results.filter(({ cleanUp }) => cleanUp !== null);
  if (cleaned.length === 0) return {};
  const calls = cleaned.reduce((sum, { cleanUp }) => sum + (cleanUp?.done ?? 0), 0);
  const failures = cleaned.flatMap(({ run, cleanUp }) =>
    (cleanUp?.failures ?? []).map((reason) => ({ session: run.name, reason })),
  );
  return { cleanUp: { calls, failures } };
}

function latenessOf(lateness: Lateness): Pick<ReplaySummary, 'lateness'> {
  const [p50Us, p99Us] = [lateness.percentile(0.5), lateness.percentile(0.99)];
  return p50Us === null || p99Us === null ? {} : { lateness: { p50Us, p99Us } };
}
