import type { Batch, OtherEntry } from './batch.ts';
import { GapTally } from './gap-tally.ts';

/** What the main thread remembers of a batch that is not on record yet. */
interface Pending {
  number: number;
  frames: number;
  bytes: number;
  fromUs: number;
  toUs: number;
  entries: number;
  others: OtherEntry[];
  /** Monotonic clock when it was posted, ms. */
  postedMs: number;
}

/** The batches that were posted and not acknowledged: what would be lost if the writer thread died. */
export class Backlog {
  #pending: Pending[] = [];
  frames = 0;
  bytes = 0;
  entries = 0;

  /** Batches on their way. */
  get batches(): number {
    return this.#pending.length;
  }

  /** How long the oldest batch has been on its way, ms. */
  get oldestWaitMs(): number {
    const oldest = this.#pending[0];
    return oldest ? performance.now() - oldest.postedMs : 0;
  }

  /** Remembers a batch that goes to the writer thread, with the times of its first and last frame (µs). */
  add(batch: Batch, fromUs: number, toUs: number): void {
    const { number, frames, entries, others } = batch;
    const bytes = batch.payloads.length;
    this.#pending.push({ number, frames, bytes, fromUs, toUs, entries, others, postedMs: performance.now() });
    this.frames += frames;
    this.bytes += bytes;
    this.entries += entries;
  }

  /** Forgets what is on record, up to this batch. */
  acknowledge(acked: number): void {
    let done = 0;
    for (const batch of this.#pending) {
      if (batch.number > acked) break;
      this.frames -= batch.frames;
      this.bytes -= batch.bytes;
      this.entries -= batch.entries;
      done++;
    }
    this.#pending.splice(0, done);
  }

  /** Gives all of it up: frames become a gap of `withheld`, other entries wait there; a link says nothing without its frame. */
  abandon(withheld: Withheld, reason: string): void {
    for (const batch of this.#pending) {
      const { fromUs, toUs, frames, bytes } = batch;
      if (frames > 0) withheld.gaps.merge({ fromUs, toUs, connection: null, frames, bytes, reason });
      for (const entry of batch.others) withheld.add(entry);
    }
    this.#pending = [];
    this.frames = this.bytes = this.entries = 0;
  }
}

/** What cannot be queued now and is put on record later: gaps instead of frames, and the latest of all other entries. */
export class Withheld {
  readonly gaps = new GapTally();
  readonly #others = new Map<string, OtherEntry>();
  #bindings = 0;

  /** Keeps an entry. */
  add(entry: OtherEntry): void {
    if (entry.kind === 'gap') this.gaps.merge(entry.gap);
    else this.#others.set(this.#keyOf(entry), entry);
  }

  /** All that was withheld; nothing is left. Asked after each commit: to empty a Map that is empty makes a new one of it. */
  take(): OtherEntry[] {
    if (this.#others.size === 0 && this.gaps.isEmpty) return [];
    const gaps = this.gaps.take().map((gap): OtherEntry => ({ kind: 'gap', gap }));
    const entries = [...this.#others.values(), ...gaps];
    this.#others.clear();
    return entries;
  }

  #keyOf(entry: OtherEntry): string {
    switch (entry.kind) {
      case 'connection':
        return `connection ${entry.connection.id}`;
      case 'session':
        return `session ${entry.session.id}`;
      case 'outcome':
        return `outcome ${entry.outcome.session}`;
      default:
        return `${entry.kind} ${this.#bindings++}`;
    }
  }
}
