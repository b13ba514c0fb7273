/** What a process exits with that a signal has stopped: 128 and the signal's number. */
type StoppedCode = 129 | 130 | 143;

/** Aborts on the first SIGINT or SIGTERM and tells which it was; a second one ends the process at once with 130 or 143. */
export class StopSignal {
  readonly #controller = new AbortController();
  readonly #listeners: [NodeJS.Signals, () => void][] = [];
  #exitCode: StoppedCode | null = null;

  /** With `atHangUp` a terminal that goes away stops it too (SIGHUP, once or more). */
  constructor({ atHangUp = false }: { atHangUp?: boolean } = {}) {
    this.#listen('SIGINT', 130);
    this.#listen('SIGTERM', 143);
    if (atHangUp) this.#listen('SIGHUP', 129);
  }

  /** Aborted on the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 129 after SIGHUP, 130 after SIGINT, 143 after SIGTERM, null before any. */
  get exitCode(): StoppedCode | null {
    return this.#exitCode;
  }

  /** Resolves on the first signal. */
  get stopped(): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** Stops without a signal, as a person at the terminal asks for it. */
  now(): void {
    this.#controller.abort();
  }

  /** Gives the signals back to Node. */
  release(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  #listen(name: NodeJS.Signals, exitCode: StoppedCode): void {
    const listener = () => {
      // A hang-up comes from the terminal and from the launcher, and is no impatience.
      if (this.signal.aborted && name === 'SIGHUP') return;
      if (this.signal.aborted) process.exit(exitCode);
      this.#exitCode = exitCode;
      this.#controller.abort();
    };
    process.on(name, listener);
    this.#listeners.push([name, listener]);
  }
}
