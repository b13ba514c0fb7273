/** Those who wait until a batch is on record, in order. */
interface Waiting {
  batch: number;
  /** Monotonic clock at the first one's call, ms. */
  since: number;
  done: (() => void)[];
}

/** What the hold asks of its owner. */
export interface HoldHooks {
  /** Highest batch known to be on record, now. */
  acked(): number;
  /** Everything up to this batch goes on without its commit. */
  released(upTo: number): void;
  /** Those who waited for a batch go on, the first of them after so many ms. */
  waited(ms: number): void;
  /** The hold has run out, once more. */
  ranOut(): void;
  /** A callback threw; the others are called all the same. */
  failed(error: unknown): void;
}

/**
 * Keeps callbacks back until the batch they wait for is on record, at most `maxHoldMs`; then lets all go, and everyone
 * after them, until the record has caught up. Always in order; one timer, not one a callback.
 */
export class Hold {
  readonly #maxHoldMs: number;
  readonly #hooks: HoldHooks;
  readonly #isStrict: boolean;
  #isOverdue = false;
  #waiting: Waiting[] = [];
  #first = 0;
  #timer: NodeJS.Timeout | null = null;
  #isOpen = false;
  #releasing = false;

  /** A strict one keeps callbacks back however long it takes; that the hold has run out is told all the same. */
  constructor(maxHoldMs: number, hooks: HoldHooks, isStrict = false) {
    this.#isStrict = isStrict;
    this.#maxHoldMs = maxHoldMs;
    this.#hooks = hooks;
  }

  /** True from an expiry until the record has caught up. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Calls back when `batch` is on record; at once when it is, or when the hold is open, and nobody waits before. */
  wait(batch: number, done: () => void): void {
    if (this.#isFree && this.#mayGo(batch)) {
      this.#call(done);
      return;
    }
    const last = this.#waiting.at(-1);
    if (last?.batch === batch && !this.#releasing) last.done.push(done);
    else this.#waiting.push({ batch, since: performance.now(), done: [done] });
    this.#timer ??= this.#startTimer(this.#maxHoldMs);
  }

  /** Lets those go whose batch is on record. */
  release(acked: number): void {
    this.#releaseWhile((next) => next.batch <= acked);
  }

  /** The record has caught up: callbacks wait again. */
  shut(): void {
    this.#isOpen = false;
    this.#isOverdue = false;
  }

  /** Lets everyone go who waits now, and everyone after them until `shut`. */
  open(): void {
    this.#isOpen = true;
    this.#releaseWhile((next) => {
      this.#hooks.released(next.batch);
      return true;
    });
  }

  /** Whether nobody waits who would have to be called before. */
  get #isFree(): boolean {
    return this.#first === this.#waiting.length && !this.#releasing;
  }

  #mayGo(batch: number): boolean {
    if (batch <= this.#hooks.acked()) return true;
    if (this.#isOpen) this.#hooks.released(batch);
    return this.#isOpen;
  }

  #startTimer(ms: number): NodeJS.Timeout | null {
    if (ms === Number.POSITIVE_INFINITY) return null;
    return setTimeout(() => this.#timeUp(), ms);
  }

  /** A late timer may stand before the acknowledgement in the event loop: what is on record by now has not run out. */
  #timeUp(): void {
    this.#timer = null;
    this.release(this.#hooks.acked());
    const oldest = this.#waiting[this.#first];
    if (!oldest) return;
    const restMs = oldest.since + this.#maxHoldMs - performance.now();
    if (restMs > 1) {
      this.#timer ??= this.#startTimer(restMs);
      return;
    }
    if (!this.#isOpen && !this.#isOverdue) this.#hooks.ranOut();
    this.#isOverdue = true;
    if (!this.#isStrict) this.open();
  }

  #releaseWhile(goes: (next: Waiting) => boolean): void {
    if (this.#releasing) return;
    this.#releasing = true;
    for (let next = this.#waiting[this.#first]; next && goes(next); next = this.#waiting[this.#first]) {
      this.#first++;
      this.#hooks.waited(performance.now() - next.since);
      for (const done of next.done) this.#call(done);
    }
    this.#releasing = false;
    this.#forgetReleased();
  }

  #forgetReleased(): void {
    if (this.#first < this.#waiting.length && this.#first < 1024) return;
    this.#waiting.splice(0, this.#first);
    this.#first = 0;
  }

  #call(done: () => void): void {
    try {
      done();
    } catch (error) {
      this.#hooks.failed(error);
    }
  }
}
