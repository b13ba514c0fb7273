import type { Gap } from '../session/recording.ts';

/** Adds up what could not be recorded, one gap a connection and reason, until it can be put on record. */
export class GapTally {
  readonly #gaps = new Map<string, Gap>();

  /** Whether nothing is missing. */
  get isEmpty(): boolean {
    return this.#gaps.size === 0;
  }

  /** Frames counted and not yet taken. */
  get frames(): number {
    let frames = 0;
    for (const gap of this.#gaps.values()) frames += gap.frames;
    return frames;
  }

  /** Counts frames and bytes that are missing at a time (µs since the epoch). */
  add(connection: number | null, atUs: number, frames: number, bytes: number, reason: string): void {
    this.merge({ fromUs: atUs, toUs: atUs, connection, frames, bytes, reason });
  }

  /** Adds a gap to the one of the same connection and reason. */
  merge(gap: Gap): void {
    const key = `${gap.connection}:${gap.reason}`;
    const known = this.#gaps.get(key);
    if (!known) {
      this.#gaps.set(key, { ...gap });
      return;
    }
    known.fromUs = Math.min(known.fromUs, gap.fromUs);
    known.toUs = Math.max(known.toUs, gap.toUs);
    known.frames += gap.frames;
    known.bytes += gap.bytes;
  }

  /** The gaps so far; the tally is empty afterwards. */
  take(): Gap[] {
    const gaps = [...this.#gaps.values()];
    this.#gaps.clear();
    return gaps;
  }
}
