/** Buckets for each doubling: values are known to within 9 %. */
const STEPS = 8;

/** Latencies, counted in buckets so that millions take no room. */
export class LatencyTally {
  readonly #buckets: number[] = [];
  count = 0;

  /** Notes one latency, µs. */
  add(us: number): void {
    const bucket = Math.round(Math.log2(Math.max(1, us)) * STEPS);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.count++;
  }

  /** Takes over what another has counted. */
  addAll(other: LatencyTally): void {
    for (const [bucket, count] of other.#buckets.entries()) {
      if (count) this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count;
    }
    this.count += other.count;
  }

  /** The latency that this share (0 to 1) did not exceed, µs; null when none was noted. */
  percentile(share: number): number | null {
    let left = Math.ceil(this.count * share);
    if (left === 0) return null;
    for (const [bucket, count = 0] of this.#buckets.entries()) {
      left -= count;
      if (left <= 0) return Math.round(2 ** (bucket / STEPS));
    }
    return null;
  }

  /** Half, 95 and 99 of 100 of them; null when none was noted. */
  summary(): { p50Us: number; p95Us: number; p99Us: number } | null {
    const [p50Us, p95Us, p99Us] = [this.percentile(0.5), this.percentile(0.95), this.percentile(0.99)];
    return p50Us === null || p95Us === null || p99Us === null ? null : { p50Us, p95Us, p99Us };
  }
}
