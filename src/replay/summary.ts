import type { Lateness } from '../load/lateness.ts';
import type { LoadReport } from '../load/report.ts';
import type { Outcome } from '../session/recording.ts';
import type { CleanUpResult } from './clean-up.ts';
import { addedUp, countDepartures, type DepartureCount } from './departures.ts';
import type { SessionRun } from './session-run.ts';

/** How a replay went. */
export interface ReplaySummary {
  sessions: number;
  complete: number;
  /** Sessions that did not run to their end, as `endpoint/identity`, and why. */
  incomplete: { session: string; reason: string }[];
  /** Recorded frames that were not sent. */
  notSent: number;
  /** Faults that happened because they were asked for; absent when there were none. */
  faults?: number;
  /** Where the run departs from the recording, by kind and action; absent when it does not. */
  departures?: DepartureCount[];
  /** How late half and 99 of 100 steps were sent, µs; absent at full speed, which has no schedule. */
  lateness?: { p50Us: number; p99Us: number };
  /** Sessions that begin in mid-life: frames put before them, and prerequisites that were never recorded. */
  preamble?: { sessions: number; frames: number; missing: { session: string; what: string }[] };
  /** How the CSMS bore it; absent when nothing was played. */
  load?: LoadReport;
  /** What was ended after the sessions, and what could not be; absent when nothing was left standing. */
  cleanUp?: { calls: number; failures: { session: string; reason: string }[] };
}

/** How one session of a run went. */
export interface SessionResult {
  run: SessionRun;
  outcome: Outcome;
  cleanUp: CleanUpResult | null;
}

/** Sums up what was played. */
export function summaryOf(results: readonly SessionResult[]): ReplaySummary {
  const incomplete = results.flatMap(({ run, outcome: { complete, reason } }) =>
    complete ? [] : [{ session: run.name, reason: reason ?? '' }],
  );
  return {
    sessions: results.length,
    complete: results.length - incomplete.length,
    incomplete,
    notSent: results.reduce((sum, { outcome }) => sum + outcome.notSent, 0),
    ...faultsOf(results.reduce((sum, { run }) => sum + run.faults, 0)),
    ...departuresOf(results),
    ...preambleOf(results),
    ...cleanUpOf(results),
  };
}

function faultsOf(faults: number): Pick<ReplaySummary, 'faults'> {
  return faults === 0 ? {} : { faults };
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

/** Two laps of a run as one. */
export function together(one: ReplaySummary, other: ReplaySummary): ReplaySummary {
  const [first, next] = [one.preamble, other.preamble];
  const preamble = first &&
    next && {
      sessions: first.sessions + next.sessions,
      frames: first.frames + next.frames,
      missing: [...first.missing, ...next.missing],
    };
  const cleaned = [one.cleanUp, other.cleanUp].filter((cleanUp) => cleanUp !== undefined);
  const departures = addedUp([...(one.departures ?? []), ...(other.departures ?? [])]);
  return {
    sessions: one.sessions + other.sessions,
    complete: one.complete + other.complete,
    incomplete: [...one.incomplete, ...other.incomplete],
    notSent: one.notSent + other.notSent,
    ...faultsOf((one.faults ?? 0) + (other.faults ?? 0)),
    ...(departures.length > 0 && { departures }),
    ...((preamble ?? first ?? next) && { preamble: preamble ?? first ?? next }),
    ...(cleaned.length > 0 && {
      cleanUp: {
        calls: cleaned.reduce((sum, { calls }) => sum + calls, 0),
        failures: cleaned.flatMap(({ failures }) => failures),
      },
    }),
  } as ReplaySummary;
}

/** How late the steps were sent; nothing when none were. */
export function latenessOf(lateness: Lateness): Pick<ReplaySummary, 'lateness'> {
  const [p50Us, p99Us] = [lateness.percentile(0.5), lateness.percentile(0.99)];
  return p50Us === null || p99Us === null ? {} : { lateness: { p50Us, p99Us } };
}
