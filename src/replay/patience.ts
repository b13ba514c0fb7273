/** No wait is made shorter than this, µs, while it is not known how fast the other side is. */
const MIN_PATIENCE_US = 1_000_000;

/** Nor, when that is known, than so many times what an answer takes, and not shorter than this, µs. */
const TIMES_USUAL = 10;
const LEAST_US = 50_000;

/** How much each answer counts in what is usual: as for TCP's round trips (RFC 6298 §2). */
const NEWEST_SHARE = 1 / 8;

/** All waiting in vain together takes about this many times as long as one wait. */
const WAITS_IN_VAIN = 4;

/**
 * How long to wait for the same thing again: each time that it did not come, half as long; once it came, as long as at first. And the less,
 * the longer was waited in vain for anything. So what a CSMS never does does not hold a long session for hours.
 */
export class Patience {
  readonly #waitUs: number;
  readonly #missed = new Map<string, number>();
  #inVainUs = 0;
  #usualUs: number | null = null;

  constructor(waitUs: number) {
    this.#waitUs = waitUs;
  }

  /** How long to wait for this, µs. */
  us(what: string): number {
    const halvedUs = this.#waitUs / 2 ** (this.#missed.get(what) ?? 0);
    const leftUs = this.#waitUs - this.#inVainUs / WAITS_IN_VAIN;
    return Math.min(this.#waitUs, Math.max(this.#leastUs, Math.min(halvedUs, leftUs)));
  }

  /** It did not come. */
  missed(what: string): void {
    this.#inVainUs += this.us(what);
    this.#missed.set(what, (this.#missed.get(what) ?? 0) + 1);
  }

  /** It came, after so long (µs), where that is known. */
  came(what: string, afterUs: number | null = null): void {
    this.#missed.delete(what);
    if (afterUs !== null)
      this.#usualUs = afterUs * NEWEST_SHARE + (this.#usualUs ?? afterUs) * (1 - NEWEST_SHARE);
  }

  get #leastUs(): number {
    if (this.#usualUs === null) return MIN_PATIENCE_US;
    return Math.min(MIN_PATIENCE_US, Math.max(LEAST_US, TIMES_USUAL * this.#usualUs));
  }
}
