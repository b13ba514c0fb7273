import { FrameFlag } from '../session/frame.ts';
import type { Reader } from '../session/recording.ts';
import { pacingOf } from './gap-cuts.ts';
import { dueUs, type Speed } from './pacing.ts';
import type { Plan } from './plan.ts';
import { type Selected, type Selection, selectedPlans } from './session-plans.ts';

/** What a replay would do, without dialling. */
export interface DryRun {
  sessions: number;
  connections: number;
  calls: number;
  /** From the first to the last event, µs of the run; null at full speed, which has no schedule. */
  durationUs: number | null;
  /** Connections open at once, at most, as recorded. */
  peakConnections: number;
  /** Charger calls a second; null at full speed. */
  callsPerSecond: { mean: number; peak: number } | null;
  /** Ids that calls name and the recording never issued, by class: they are sent as recorded. */
  unresolvedIds: Record<string, number>;
  /** Rows whose wall clock is before that of a row in front of them, or whose place an import inferred. */
  outOfOrder: number;
  /** Prerequisites of sessions in mid-life that were never recorded. */
  missing: { session: string; what: string }[];
}

/** Works out what a replay would do. NO_SUCH_SESSION. */
export async function dryRun(selection: Selection, speed: Speed, maxGapMs?: number): Promise<DryRun> {
  const selected = await selectedPlans(selection);
  const calls = selected.sessions.flatMap(({ plan }) => plan.steps.filter((step) => step.kind === 'call'));
  const plans = selected.sessions.map(({ plan }) => plan);
  const pacing = pacingOf(plans, { startUs: 0, speed, maxGapMs });
  const durationUs = dueUs(pacing, selected.span.toUs - selected.span.fromUs);
  const peak = peakOf(calls.map(({ offsetUs }) => Math.floor(dueUs(pacing, offsetUs) / 1e6)));
  const mean = calls.length / Math.max(1, durationUs / 1e6);
  return {
    sessions: selected.sessions.length,
    connections: selected.sessions.reduce((sum, { plan }) => sum + plan.connections.size, 0),
    calls: calls.length,
    durationUs: speed === 'max' ? null : durationUs,
    peakConnections: peakConnections(selected),
    callsPerSecond: speed === 'max' ? null : { mean, peak },
    unresolvedIds: unresolvedIds(plans),
    outOfOrder: await outOfOrder(selection.reader, selected),
    missing: selected.sessions.flatMap(({ plan: { session }, missing }) =>
      missing.map((what) => ({ session: `${session.endpoint}/${session.identity}`, what })),
    ),
  };
}

/** How often the most frequent value comes. */
function peakOf(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

function peakConnections({ sessions, span }: Selected): number {
  const changes = sessions.flatMap(({ plan }) =>
    [...plan.connections.values()].flatMap(({ recorded: { openedAtUs, closedAtUs } }) => [
      { atUs: openedAtUs, by: 1 },
      { atUs: closedAtUs ?? span.toUs + 1, by: -1 },
    ]),
  );
  let [open, peak] = [0, 0];
  for (const { by } of changes.sort((a, b) => a.atUs - b.atUs || a.by - b.by)) {
    open += by;
    peak = Math.max(peak, open);
  }
  return peak;
}

function unresolvedIds(plans: readonly Plan[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { unresolvedIds } of plans) {
    for (const [name, count] of Object.entries(unresolvedIds)) counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}

async function outOfOrder(reader: Reader, { sessions, span }: Selected): Promise<number> {
  const slice = { fromUs: span.fromUs, toUs: span.toUs + 1 };
  let count = 0;
  for (const { plan } of sessions) {
    let lastAtUs = Number.NEGATIVE_INFINITY;
    for await (const event of reader.events(plan.session.id, slice)) {
      if (event.kind !== 'frame') continue;
      const { atUs, flags } = event.frame;
      if (atUs < lastAtUs || flags & FrameFlag.orderInferred) count++;
      lastAtUs = Math.max(lastAtUs, atUs);
    }
  }
  return count;
}
