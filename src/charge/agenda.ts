/** What a charger means to do later, by name: one date for each name. */
export class Agenda {
  readonly #dates = new Map<string, { atMs: number; act: () => void }>();

  /** Sets a date; one of the same name is moved. */
  set(name: string, atMs: number, act: () => void): void {
    this.#dates.delete(name);
    this.#dates.set(name, { atMs, act });
  }

  /** Whether there is a date of this name. */
  has(name: string): boolean {
    return this.#dates.has(name);
  }

  /** Strikes a date out. */
  cancel(name: string): void {
    this.#dates.delete(name);
  }

  /** Strikes out all dates whose names begin so. */
  cancelAll(prefix: string): void {
    for (const name of this.#dates.keys()) if (name.startsWith(prefix)) this.#dates.delete(name);
  }

  /** Does what is due, the earliest first. */
  run(nowMs: number): void {
    for (let next = this.#earliest(); next && next[1].atMs <= nowMs; next = this.#earliest()) {
      this.#dates.delete(next[0]);
      next[1].act();
    }
  }

  /** The next date, ms; infinite when there is none. */
  get nextMs(): number {
    return this.#earliest()?.[1].atMs ?? Number.POSITIVE_INFINITY;
  }

  #earliest(): [string, { atMs: number; act: () => void }] | undefined {
    let earliest: [string, { atMs: number; act: () => void }] | undefined;
    for (const date of this.#dates) {
      if (earliest === undefined || date[1].atMs < earliest[1].atMs) earliest = date;
    }
    return earliest;
  }
}
