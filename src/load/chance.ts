import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

type Generator = ReturnType<typeof xoroshiro128plus>;

/** A seeded source of random numbers: equal seeds give equal numbers, on every machine. */
export class Chance {
  readonly #generator: Generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A source that follows from a seed and a name: the same on whatever machine, and whatever the others are. */
  static of(seed: number, name: string): Chance {
    return new Chance(createHash('sha256').update(`${seed} ${name}`).digest().readInt32BE());
  }

  /** A source of its own for one purpose, so that what one part draws does not move what another does. */
  fork(): Chance {
    return new Chance(this.whole(-(2 ** 31), 2 ** 31 - 1));
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return uniformInt(this.#generator, from, to);
  }

  /** A number from 0 (included) to 1. */
  fraction(): number {
    return this.whole(0, 2 ** 30 - 1) / 2 ** 30;
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Waiting time for what happens once in `mean` on the average, in the unit of `mean` (exponential). */
  wait(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }

  /** One of these. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)]!;
  }

  /** Letters of an alphabet. */
  letters(count: number, alphabet: string): string {
    return Array.from({ length: count }, () => alphabet[this.whole(0, alphabet.length - 1)]).join('');
  }
}
