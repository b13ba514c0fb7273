/** Buckets for each doubling of the lateness: values are known to within 9 %. */
const STEPS = 8;

/** How late the steps of a run were sent, against its schedule; counts in buckets, so that its memory is bounded. */
export class Lateness {
  readonly #buckets: number[] = [];
  #count = 0;

  /** Notes one step that was sent so late, µs. */
  add(us: number): void {
    const bucket = Math.ceil(Math.log2(Math.max(1, us)) * STEPS);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
  }

  /** The lateness that this share (0 to 1) of the steps did not exceed, µs; null when none was noted. */
  percentile(share: number): number | null {
    let left = Math.ceil(this.#count * share);
    if (left === 0) return null;
    for (const [bucket, count = 0] of this.#buckets.entries()) {
      left -= count;
      if (left <= 0) return Math.round(2 ** (bucket / STEPS));
    }
    return null;
  }
}
