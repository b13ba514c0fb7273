/** How often the admin port is asked, ms. */
const EVERY_MS = 1000;

/** What of `/state` is shown. */
interface State {
  pid: number;
  url: string;
  upstream: string;
  recording: { file: string; fault: { code: string; sentence: string } | null };
}

/** Asks a recorder's admin port now and then how it is. */
export class AdminWatch {
  readonly #url: string;
  readonly #timer: NodeJS.Timeout;
  #isLost = false;
  #state: State | null = null;

  /** `admin` is `HOST:PORT`. */
  constructor(admin: string) {
    this.#url = `http://${admin.replace(/^https?:\/\//, '')}/state?limit=1`;
    this.#timer = setInterval(() => void this.ask(), EVERY_MS);
    this.#timer.unref();
    void this.ask();
  }

  /** The recorder as it was last; null before the first answer. */
  get state(): State | null {
    return this.#state;
  }

  /** What is wrong with the recording, in a sentence; null for nothing. */
  get fault(): string | null {
    if (this.#isLost) return 'the admin port does not answer';
    const fault = this.#state?.recording.fault ?? null;
    return fault && `${fault.code}: ${fault.sentence}`;
  }

  /** Asks now; false when nobody answers. */
  async ask(): Promise<boolean> {
    try {
      const answer = await fetch(this.#url, { signal: AbortSignal.timeout(EVERY_MS) });
      this.#state = (await answer.json()) as State;
      this.#isLost = false;
    } catch {
      this.#isLost = true;
    }
    return !this.#isLost;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
