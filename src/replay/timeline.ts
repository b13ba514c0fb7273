/** A clock that jumps back further than this is another recorder's: from there on the wall clock bridges the jump. */
const JUMP_US = 1_000_000;

/**
 * Recorded time of one session as offsets from the origin of the run, which all its sessions share: between sessions by
 * the wall clock, inside the session by the monotonic one. Offsets never go back.
 */
export class Timeline {
  readonly #originAtUs: number;
  #base: { offsetUs: number; monoUs: number } | null = null;
  #last = { offsetUs: 0, atUs: 0, monoUs: 0 };

  constructor(originAtUs: number) {
    this.#originAtUs = originAtUs;
  }

  /** Offset of the session's next event, µs; negative when it was before the origin. */
  offset(atUs: number, monoUs: number): number {
    if (this.#base === null) {
      this.#base = { offsetUs: atUs - this.#originAtUs, monoUs };
      this.#last.offsetUs = this.#base.offsetUs;
    } else if (monoUs < this.#last.monoUs - JUMP_US) {
      this.#base = { offsetUs: this.#last.offsetUs + Math.max(0, atUs - this.#last.atUs), monoUs };
    }
    const offsetUs = Math.max(this.#last.offsetUs, this.#base.offsetUs + monoUs - this.#base.monoUs);
    this.#last = { offsetUs, atUs, monoUs };
    return offsetUs;
  }
}
