import type { Frame } from '../session/frame.ts';
import type { Entry, Gap, Link } from '../session/recording.ts';
import { Backlog, Withheld } from './backlog.ts';
import { type Batch, BatchBuilder, snapshot } from './batch.ts';

const QUEUE_FULL = 'The queue of the recorder was full.';

/** With this many batches unacknowledged, small ones are joined: the thread would commit them together anyway. */
const BATCHES_AHEAD = 16;
const WORTH_POSTING_BYTES = 256 * 1024;

/** How much may wait to be committed. */
export interface QueueBounds {
  maxQueuedBytes: number;
  maxQueuedEntries: number;
}

/**
 * Entries on their way to the writer thread: collected, then posted, then acknowledged. Bounded: what does not fit is
 * withheld (a gap instead of each frame) until the record has caught up. Knows no thread and no file.
 */
export class Queue {
  readonly #bounds: QueueBounds;
  readonly #builder = new BatchBuilder();
  readonly #backlog = new Backlog();
  readonly #withheld = new Withheld();
  #collecting = 1;
  #acked = 0;
  #firstUs = 0;
  #lastUs = 0;
  #isFull = false;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  /** Whether frames are being left out. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Highest batch of which nothing has to be waited for any more: on record, or given up. */
  get acked(): number {
    return this.#acked;
  }

  /** The batch that holds the newest entry. */
  get newest(): number {
    return this.#builder.isEmpty ? this.#collecting - 1 : this.#collecting;
  }

  /** Whether all that was posted is on record or given up. */
  get isCaughtUp(): boolean {
    return this.#backlog.entries === 0;
  }

  /** Frames that wait to be committed. */
  get frames(): number {
    return this.#backlog.frames + this.#builder.frames;
  }

  /** How long the oldest batch has been waiting for its commit, ms. */
  get oldestWaitMs(): number {
    return this.#backlog.oldestWaitMs;
  }

  /** Queues an entry. One that is none becomes a gap, which is returned; null when all is well. */
  add(entry: Entry): Gap | null {
    try {
      if (entry.kind === 'frame') this.#addFrame(entry.frame);
      else if (entry.kind === 'link') this.#addLink(entry.link);
      else if (this.#isFull) this.#withheld.add(snapshot(entry));
      else this.#builder.addOther(snapshot(entry));
      return null;
    } catch (error) {
      const reason = `An entry could not be queued: ${error instanceof Error ? error.message : String(error)}`;
      const gap = gapOf(entry, reason);
      this.#builder.addOther({ kind: 'gap', gap });
      return gap;
    }
  }

  /** Whether there is something to post, and it is not better to collect on. */
  get isWorthPosting(): boolean {
    if (this.#builder.isEmpty) return false;
    return this.#backlog.batches < BATCHES_AHEAD || this.#builder.bytes >= WORTH_POSTING_BYTES;
  }

  /** The collected entries as a batch to post. */
  take(): Batch {
    const batch = this.#builder.take(this.#collecting++);
    this.#backlog.add(batch, this.#firstUs, this.#lastUs);
    return batch;
  }

  /** Forgets what is on record. */
  acknowledge(acked: number): void {
    this.#acked = Math.max(this.#acked, acked);
    this.#backlog.acknowledge(acked);
  }

  /** Gives up what was posted: its frames become a gap, its other entries wait to be posted again. */
  abandon(reason: string): void {
    this.#backlog.abandon(this.#withheld, reason);
    this.#acked = this.#collecting - 1;
  }

  /** Queues what was withheld, which ends a time of being full. Returns the gaps among it. */
  readmit(): Gap[] {
    this.#isFull = false;
    const entries = this.#withheld.take();
    for (const entry of entries) this.#builder.addOther(entry);
    return entries.flatMap((entry) => (entry.kind === 'gap' ? [entry.gap] : []));
  }

  #addFrame(frame: Frame): void {
    if (this.#isFull || !this.#hasRoom(frame.payload.length)) {
      this.#isFull = true;
      this.#withheld.gaps.add(null, frame.atUs, 1, frame.payload.length, QUEUE_FULL);
      return;
    }
    if (this.#builder.frames === 0) this.#firstUs = frame.atUs;
    this.#builder.addFrame(frame);
    this.#lastUs = frame.atUs;
  }

  /** A link says nothing without its frame. */
  #addLink(link: Link): void {
    if (!this.#isFull) this.#builder.addLink(link);
  }

  #hasRoom(bytes: number): boolean {
    if (this.isCaughtUp && this.#builder.isEmpty) return true;
    const { maxQueuedBytes, maxQueuedEntries } = this.#bounds;
    return (
      this.#backlog.bytes + this.#builder.bytes + bytes <= maxQueuedBytes &&
      this.#backlog.entries + this.#builder.entries < maxQueuedEntries
    );
  }
}

function gapOf(entry: Entry, reason: string): Gap {
  const frame = entry?.kind === 'frame' ? entry.frame : null;
  const atUs = Number.isSafeInteger(frame?.atUs) ? frame!.atUs : Date.now() * 1000;
  const bytes = frame?.payload?.length ?? 0;
  const connection = Number.isSafeInteger(frame?.connection) ? frame!.connection : null;
  return { fromUs: atUs, toUs: atUs, connection, frames: frame ? 1 : 0, bytes, reason };
}
