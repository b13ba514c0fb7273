import type { Gap } from '../session/recording.ts';
import { type Fault, isLasting, type Trouble, type TroubleCode } from './trouble.ts';

/** What a recorder has been through since it was made. */
export interface RecorderCounters {
  /** Times the hold ran out. */
  expiries: number;
  /** Rows that were forwarded before their commit. */
  lateFrames: number;
  /** Frames that are missing, in gaps. */
  missingFrames: number;
  /** Gaps put on record, or waiting to be. */
  gaps: number;
  /** Frames waiting to be committed, now. */
  queuedFrames: number;
  /** Size of the write-ahead log when it was last looked at. */
  walBytes: number;
}

/** Gaps that are remembered for whoever watches. */
const NEWEST_GAPS = 20;

/** How a recorder is: counters, what ails it now, and whom to tell. */
export class RecorderHealth {
  readonly counters: Omit<RecorderCounters, 'queuedFrames'> = {
    ...{ expiries: 0, lateFrames: 0, missingFrames: 0, gaps: 0, walBytes: 0 },
  };
  /** The last gaps, oldest first. */
  readonly newestGaps: Gap[] = [];
  readonly #listeners: ((trouble: Trouble) => void)[] = [];
  #fault: Fault | null = null;

  /** What keeps it from recording, now; null when all is well. */
  get fault(): Fault | null {
    return this.#fault;
  }

  listen(listener: (trouble: Trouble) => void): void {
    this.#listeners.push(listener);
  }

  /** Tells an event; one that lasts is the fault until `recover`. */
  tell(code: TroubleCode, sentence: string): void {
    if (isLasting(code)) this.#fault = { code, sentence, sinceUs: this.#fault?.sinceUs ?? Date.now() * 1000 };
    for (const listener of this.#listeners) listener({ code, sentence });
  }

  /** All is well again, with this file. */
  recover(path: string): void {
    if (this.#fault === null) return;
    this.#fault = null;
    this.tell('RECOVERED', `${path} is written again, and nothing waits.`);
  }

  /** Counts what is missing from a file, and says so when it is frames. */
  missing(gaps: readonly Gap[], path: string): void {
    if (gaps.length === 0) return;
    const frames = gaps.reduce((sum, gap) => sum + gap.frames, 0);
    this.counters.gaps += gaps.length;
    this.counters.missingFrames += frames;
    this.newestGaps.push(...gaps.map((gap) => ({ ...gap })));
    this.newestGaps.splice(0, this.newestGaps.length - NEWEST_GAPS);
    if (frames > 0)
      this.tell('NOT_RECORDED', `${frames} frames are missing from ${path}: ${gaps[0]!.reason}`);
  }
}
