/** A question that is asked again whenever its answer may have changed: one at a time, and once more for all that asked meanwhile. */
export class Asking {
  readonly #ask: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #isAsking = false;
  #isStale = false;

  constructor(ask: () => Promise<void>, failed: (error: unknown) => void) {
    this.#ask = ask;
    this.#failed = failed;
  }

  /** Asks now, or after the answer that is on its way. */
  again(): void {
    this.#isStale = true;
    if (!this.#isAsking) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isAsking = true;
    while (this.#isStale) {
      this.#isStale = false;
      await this.#ask().catch(this.#failed);
    }
    this.#isAsking = false;
  }
}
