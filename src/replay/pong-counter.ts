import type { Frame } from '../session/frame.ts';
import type { PongHabit } from './plan.ts';

/** No charger is taken to answer one ping more often than this. */
const MAX_PER_PING = 2;

/** Learns from a recorded session how its charger answers pings. */
export class PongCounter {
  #pings = 0;
  #delaysUs: number[] = [];
  /** Time of the last ping of each connection. */
  readonly #lastPing = new Map<number, number>();
  #pongs = 0;

  /** A ping of the CSMS. */
  ping(frame: Frame): void {
    this.#pings++;
    this.#lastPing.set(frame.connection, frame.monoUs);
  }

  /** A pong of the charger; one that no ping came before counts for nothing. */
  pong(frame: Frame): void {
    const pingUs = this.#lastPing.get(frame.connection);
    if (pingUs === undefined) return;
    this.#pongs++;
    this.#delaysUs.push(frame.monoUs - pingUs);
  }

  /** What was learned; a charger that was never pinged is taken to answer at once, as RFC 6455 §5.5.2 asks. */
  habit(): PongHabit {
    if (this.#pings === 0) return { perPing: 1, delayUs: 0 };
    const perPing = Math.min(MAX_PER_PING, Math.round(this.#pongs / this.#pings));
    const sorted = this.#delaysUs.toSorted((a, b) => a - b);
    return { perPing, delayUs: Math.max(0, sorted[sorted.length >> 1] ?? 0) };
  }
}
