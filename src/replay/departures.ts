import type { Departure, DepartureKind } from '../session/recording.ts';

/** Departures of one kind and action, over all sessions of a run. */
export interface DepartureCount {
  kind: DepartureKind;
  action: string;
  count: number;
  /** Recorded frames that were not sent because of them. */
  notSent: number;
  /** Why, in words; each once. */
  reasons: string[];
}

/** How many different reasons are told of one kind and action. */
const MAX_REASONS = 3;

/** Counts departures by kind and action, in the order in which they were met first. */
export function countDepartures(departures: Iterable<Departure>): DepartureCount[] {
  return addedUp(
    Iterator.from(departures).map(({ kind, action, notSent, reason }) => ({
      ...{ kind, action, notSent },
      count: 1,
      reasons: reason === null ? [] : [reason],
    })),
  );
}

/** Counts of one kind and action as one, in the order in which they were met first. */
export function addedUp(counts: Iterable<DepartureCount>): DepartureCount[] {
  const sums = new Map<string, DepartureCount>();
  for (const { kind, action, count, notSent, reasons } of counts) {
    const key = `${kind} ${action}`;
    const sum = sums.get(key) ?? { kind, action, count: 0, notSent: 0, reasons: [] };
    sums.set(key, sum);
    sum.count += count;
    sum.notSent += notSent;
    sum.reasons = [...new Set([...sum.reasons, ...reasons])].slice(0, MAX_REASONS);
  }
  return [...sums.values()];
}
