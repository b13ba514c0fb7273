import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Retention } from './retention.ts';
import type { TroubleCode } from './trouble.ts';

const THREAD = new URL(`./housekeeping-thread${extname(import.meta.url)}`, import.meta.url);

/** How often old captures are looked for. */
const SWEEP_MS = 3_600_000;

/** What is to be done to files that are not being written. */
export interface Chores {
  /** A part that is continued in another: its end on record, its indexes built, one plain file. */
  finish?: { path: string; endedAtUs: number };
  /** Removes what is too old or too much beside the file that is being written. */
  sweep?: { current: string; retention: Retention };
}

/** What came of it: files that were removed, and what went wrong, in words. */
export interface ChoresDone {
  removed: string[];
  trouble: string | null;
}

/** What a housekeeper needs to know, and whom it tells. */
export interface HousekeeperHooks {
  /** The file that is being written. */
  current(): string;
  tell(code: TroubleCode, sentence: string): void;
  /** A part is finished. */
  finished(path: string): void;
}

/**
 * Finishes the parts that are continued in another, and removes what is too old or too much: at the start, after each
 * part and each hour. In a thread of its own, since it may take minutes or meet a disk that hangs.
 */
export class Housekeeper {
  readonly #retention: Retention | null;
  readonly #hooks: HousekeeperHooks;
  readonly #doing = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(retention: Retention | null, hooks: HousekeeperHooks) {
    this.#retention = retention;
    this.#hooks = hooks;
  }

  /** Sweeps now and each hour. */
  begin(): void {
    if (this.#retention === null) return;
    this.#sweep();
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Finishes a part. */
  finish(part: { path: string; endedAtUs: number }): void {
    const finishing = this.#do({ finish: part }, `${part.path} could not be finished`).then(() => {
      this.#hooks.finished(part.path);
      this.#sweep();
    });
    this.#remember(finishing);
  }

  /** Begins nothing new on its own, and waits for what is being done. */
  async end(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    while (this.#doing.size > 0) await Promise.all(this.#doing);
  }

  #sweep(): void {
    if (this.#retention === null) return;
    const sweep = { current: this.#hooks.current(), retention: this.#retention };
    this.#remember(this.#do({ sweep }, 'Old captures could not be removed'));
  }

  async #do(chores: Chores, failure: string): Promise<void> {
    const { removed, trouble } = await run(chores);
    for (const path of removed)
      this.#hooks.tell('REMOVED', `${path} was removed: it was too old, or too much.`);
    if (trouble !== null) this.#hooks.tell('CHORE_FAILED', `${failure}: ${trouble}`);
  }

  #remember(doing: Promise<void>): void {
    this.#doing.add(doing);
    void doing.finally(() => this.#doing.delete(doing));
  }
}

function run(chores: Chores): Promise<ChoresDone> {
  return new Promise((resolve) => {
    const worker = new Worker(THREAD, { workerData: chores });
    worker.once('message', resolve);
    worker.once('error', (error) => resolve({ removed: [], trouble: String(error) }));
    worker.once('exit', () => resolve({ removed: [], trouble: 'its thread ended' }));
  });
}
