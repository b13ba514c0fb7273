/** No wait is made shorter than this, µs. */
const MIN_PATIENCE_US = 1_000_000;

/**
 * How long to wait for the same thing again: each time that it did not come, half as long; once it came, as long as at first.
 * So something that a CSMS never does does not hold a long session for hours.
 */
export class Patience {
  readonly #waitUs: number;
  readonly #missed = new Map<string, number>();

  constructor(waitUs: number) {
    this.#waitUs = waitUs;
  }

  /** How long to wait for this, µs. */
  us(what: string): number {
    const halved = this.#waitUs / 2 ** (this.#missed.get(what) ?? 0);
    return Math.min(this.#waitUs, Math.max(MIN_PATIENCE_US, halved));
  }

  /** It did not come. */
  missed(what: string): void {
    this.#missed.set(what, (this.#missed.get(what) ?? 0) + 1);
  }

  /** It came. */
  came(what: string): void {
    this.#missed.delete(what);
  }
}
