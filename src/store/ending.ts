import type { FromWriter } from './writer-protocol.ts';

/** What the writer thread says at the end. */
type LastWords = Extract<FromWriter, { finishing: true } | { closed: unknown }>;

/**
 * The wait for the writer thread's end: bounded while it flushes (a locked file, a disk that hangs), unbounded while it
 * builds the indexes of a large recording.
 */
export class Ending {
  readonly timeoutMs: number;
  readonly #words = new Set<(words: LastWords) => void>();

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** Passes on what the thread said. */
  told(words: LastWords): void {
    for (const listen of this.#words) listen(words);
  }

  /** Whether the recording became whole. The thread gives up by itself; one that hangs is not waited for. */
  wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), this.timeoutMs + 1000);
      this.#words.add((words) => {
        clearTimeout(timer);
        if ('closed' in words) resolve(words.closed.whole);
      });
    });
  }
}
