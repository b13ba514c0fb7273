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
  const counts = new Map<string, DepartureCount>();
  for (const { kind, action, notSent, reason } of departures) {
    const key = `${kind} ${action}`;
    const count = counts.get(key) ?? { kind, action, count: 0, notSent: 0, reasons: [] };
    counts.set(key, count);
    count.count++;
    count.notSent += notSent;
    const isNew = reason !== null && !count.reasons.includes(reason);
    if (isNew && count.reasons.length < MAX_REASONS) count.reasons.push(reason);
  }
  return [...counts.values()];
}
