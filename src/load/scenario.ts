import type { Chance } from './chance.ts';

/** What befalls a fleet as a whole. */
export const SCENARIOS = ['steady', 'surge', 'reconnect-storm', 'blackout', 'rolling-restart'] as const;

/** One of them. */
export type Scenario = (typeof SCENARIOS)[number];

/** Something that befalls one charger, ms after the fleet has arrived: somebody comes to charge, or its connection or its power is lost. */
export type Blow = { charger: number; afterMs: number } & (
  | { kind: 'visit' | 'drop' }
  /** The power is away for so long, ms. */
  | { kind: 'power'; forMs: number }
);

/** When everything goes on that a scenario holds, as a share of the fleet's time. */
export const MOMENT = 1 / 3;
/** How long a surge takes to come, ms. */
export const SURGE_MS = 60_000;
/** How long a black-out lasts, and how far apart the chargers notice that it is over, ms. */
const BLACKOUT_MS = 30_000;
const NOTICE_MS = 5_000;

/**
 * What a scenario does to `count` chargers in `durationMs`: a surge of users, all connections lost at once, a
 * black-out, or one restart after the other. In no order.
 */
export function blowsOf(
  scenario: Scenario,
  fleet: { count: number; durationMs: number; chance: Chance },
): Blow[] {
  const { count, durationMs, chance } = fleet;
  const momentMs = durationMs * MOMENT;
  const all = Array.from({ length: count }, (_, charger) => charger);
  switch (scenario) {
    case 'steady':
      return [];
    case 'surge':
      return all.map((charger) => ({
        charger,
        afterMs: momentMs + chance.fraction() * Math.min(SURGE_MS, momentMs),
        kind: 'visit',
      }));
    case 'reconnect-storm':
      return all.map((charger) => ({ charger, afterMs: momentMs, kind: 'drop' }));
    case 'blackout':
      return all.map((charger) => ({
        charger,
        afterMs: momentMs,
        kind: 'power',
        forMs: Math.min(BLACKOUT_MS, momentMs / 2) + chance.whole(0, NOTICE_MS),
      }));
    case 'rolling-restart':
      return all.map((charger) => ({
        charger,
        afterMs: momentMs + (momentMs * charger) / count,
        kind: 'power',
        forMs: chance.whole(1_000, NOTICE_MS),
      }));
  }
}
