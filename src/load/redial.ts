import type { Chance } from './chance.ts';

/** Seconds before each attempt to come back; the last one repeats. `jitter` seconds at most are added. */
export interface RedialModel {
  delays: readonly number[];
  jitter: number;
}

/** How a make of charger comes back after its connection is lost or refused. */
export class Redial {
  readonly #model: RedialModel;
  readonly #chance: Chance;
  #attempts = 0;

  constructor(model: RedialModel, chance: Chance) {
    this.#model = model;
    this.#chance = chance;
  }

  /** Wait before the next attempt, ms. */
  nextMs(): number {
    const { delays, jitter } = this.#model;
    const delay = delays[Math.min(this.#attempts, delays.length - 1)]!;
    this.#attempts++;
    return Math.round((delay + this.#chance.fraction() * jitter) * 1000);
  }

  /** It is back. */
  succeeded(): void {
    this.#attempts = 0;
  }
}
