import { setTimeout } from 'node:timers/promises';
import type { Tunnel } from './tunnel.ts';

/** How connections are ended before a stop. */
export interface DrainRules {
  /** Connections a second. */
  rate: number;
  /** After so many ms the rest is ended at once. */
  timeoutMs: number;
  /** WebSocket close code (RFC 6455 §7.4). */
  closeCode: number;
}

/** How long it is waited before the same connections are looked at again, ms. */
const LOOK_MS = 50;

/**
 * Ends connections one after the other, at most so many a second with as much jitter, so that chargers do not come back
 * all at once: those that are not charging first, and none while a call of either side is unanswered. Resolves when none
 * is left or the time is over.
 */
export async function drain(tunnels: ReadonlySet<Tunnel>, rules: DrainRules): Promise<void> {
  const untilMs = performance.now() + rules.timeoutMs;
  const ended = new Set<Tunnel>();
  while (performance.now() < untilMs) {
    const waiting = [...tunnels].filter((tunnel) => !ended.has(tunnel));
    if (waiting.length === 0) return;
    const next = nextOf(waiting);
    if (next === null) {
      await setTimeout(LOOK_MS);
      continue;
    }
    ended.add(next);
    next.drain(rules.closeCode);
    await setTimeout((1000 / rules.rate) * (0.5 + Math.random()));
  }
}

/** Charging ones last; null when all are in the middle of something. */
function nextOf(tunnels: readonly Tunnel[]): Tunnel | null {
  const idle = tunnels.filter((tunnel) => tunnel.isIdle);
  return idle.find((tunnel) => !tunnel.isCharging) ?? idle[0] ?? null;
}
