import type { Budgeted, Stretch } from '../replay/budget.ts';
import type { CleanUpRunSummary } from '../replay/clean-up-run.ts';
import type { DepartureCount } from '../replay/departures.ts';
import type { DryRun } from '../replay/dry-run.ts';
import type { ReplayProgress, ReplaySummary } from '../replay/replay.ts';
import { durationText, isoTime } from '../session/clock.ts';
import type { DepartureKind } from '../session/recording.ts';
import { LiveBlock } from './live-block.ts';
import { connectionsLine, LiveLoad, loadLines } from './load-lines.ts';

/** On a terminal, lines that are written over: how far the run is, and how the load goes; undefined elsewhere. */
export function progressPrinter(): ((progress: ReplayProgress) => void) | undefined {
  if (!process.stderr.isTTY) return undefined;
  const load = new LiveLoad();
  const block = new LiveBlock();
  return ({ sessions, sessionsDone, steps, stepsDone, isSecure, measures }) => {
    if (sessionsDone === sessions) {
      block.clear();
      return;
    }
    const done = `replaying: ${sessionsDone} of ${sessions} sessions, ${stepsDone} of ${steps} steps`;
    const { connected } = measures.traffic;
    block.show([`${done}; ${connected} connected`, ...load.lines({ ...measures, isSecure })]);
  };
}

/** How a run without a comparison went, as text. */
export function summaryText(out: string, summary: ReplaySummary, withLoad: boolean): string {
  const lines = [`${out}: ${summary.complete} of ${summary.sessions} sessions replayed to their end`];
  for (const line of byReason(summary.incomplete)) lines.push(`  incomplete: ${line}`);
  return [...lines, ...notes(summary, withLoad).map((note) => `  ${note}`)].join('\n');
}

/** What a run did beside playing its sessions, one line each; `withLoad`: how the CSMS bore it, too. */
export function notes(summary: ReplaySummary, withLoad: boolean): string[] {
  const { lateness, preamble, cleanUp, faults, load, departures = [] } = summary;
  const lines = departures.map(departureLine);
  if (faults !== undefined)
    lines.push(`${count(faults, 'fault')} that ${faults === 1 ? 'was' : 'were'} asked for`);
  if (preamble) {
    lines.push(`preamble: ${count(preamble.frames, 'frame')} before ${count(preamble.sessions, 'session')}`);
    for (const { session, what } of preamble.missing) lines.push(`  not recorded: ${session}: ${what}`);
  }
  if (cleanUp) lines.push(...cleanUpLines(cleanUp));
  if (lateness) {
    const [half, most] = [durationText(lateness.p50Us), durationText(lateness.p99Us)];
    lines.push(`lateness: half of the messages within ${half}, 99 of 100 within ${most}`);
  }
  if (load && withLoad) lines.push(connectionsLine(load.connections), ...loadLines(load));
  return lines;
}

const DEPARTURES: Record<DepartureKind, string> = {
  'command-missing': 'did not come',
  'not-stimulated': 'not stimulated',
  'not-admitted': 'not admitted',
  'asked-again': 'asked again',
  'orphan-kept': 'running before the recording, sent as recorded',
  'orphan-started': 'running before the recording, started first',
  'orphan-skipped': 'running before the recording, left out',
};

function departureLine({ kind, action, count: times, notSent, reasons }: DepartureCount): string {
  const left = notSent > 0 ? `; ${count(notSent, 'message')} left out` : '';
  const why = reasons.length > 0 && !kind.startsWith('orphan') ? ` (${reasons.join('; ')})` : '';
  const what = kind.startsWith('orphan') ? `${times}, first in ${action}` : `${times} ${action}`;
  return `${DEPARTURES[kind]}: ${what}${why}${left}`;
}

/** What a clean-up ended and what it could not, one line each. */
export function cleanUpLines({ calls, failures }: Omit<CleanUpRunSummary, 'sessions'>): string[] {
  const failed = byReason(failures).map((line) => `  not cleaned up: ${line}`);
  return [`clean-up: ${count(calls, 'call')} accepted, ${failures.length} failed`, ...failed];
}

/** So many sessions are named for one reason. */
const NAMED = 3;

/** A line for each reason, with the sessions that it holds for. */
function byReason(items: readonly { session: string; reason: string }[]): string[] {
  return [...Map.groupBy(items, ({ reason }) => reason)].map(([reason, group]) => {
    const names = group.slice(0, NAMED).map(({ session }) => session);
    const more = group.length - names.length;
    return `${names.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}: ${reason}`;
  });
}

/** What a replay would do, as text. */
export function dryRunText(dry: DryRun): string {
  const { durationUs, callsPerSecond, unresolvedIds, missing } = dry;
  const ids = Object.entries(unresolvedIds).map(([name, times]) => `${times} ${name}`);
  const rows = [
    ['sessions', `${dry.sessions}, ${count(dry.connections, 'connection')}, ${count(dry.calls, 'call')}`],
    ['duration', durationUs === null ? 'as fast as the CSMS answers' : durationText(durationUs)],
    ['peak connections', String(dry.peakConnections)],
    [
      'calls per second',
      callsPerSecond
        ? `${callsPerSecond.mean.toFixed(1)} on average, ${callsPerSecond.peak} at most`
        : 'as many as the CSMS answers',
    ],
    ['ids never issued', ids.length === 0 ? 'none' : ids.join(', ')],
    ['rows out of order', String(dry.outOfOrder)],
  ];
  const lines = rows.map(([name = '', value]) => `${name.padEnd(18)} ${value}`);
  for (const { session, what } of missing) lines.push(`not recorded       ${session}: ${what}`);
  return lines.join('\n');
}

/** What a budget keeps and drops, one line each. */
export function budgetLines({ kept, dropped, lostKinds }: Budgeted): string[] {
  const text = ({ fromUs, toUs, calls }: Stretch) =>
    `${isoTime(fromUs)} to ${isoTime(toUs)}, ${count(calls, 'call')}`;
  const lines = [`budget: kept ${text(kept)}, ${count(kept.kinds, 'kind')} of messages`];
  for (const stretch of dropped) lines.push(`  dropped: ${text(stretch)}`);
  if (lostKinds.length > 0) lines.push(`  only in what is dropped: ${lostKinds.join(', ')}`);
  return lines;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
