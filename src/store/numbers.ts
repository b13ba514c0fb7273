/** Numbers in a row, eight bytes each. */
export class Numbers {
  #items = new Float64Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.#items.length) {
      const items = new Float64Array(this.length * 2);
      items.set(this.#items);
      this.#items = items;
    }
    this.#items[this.length++] = value;
  }

  at(index: number): number {
    return this.#items[index] ?? 0;
  }
}
