import type { Observation } from '../session/recording.ts';
import { wallNowUs } from '../wire/clock.ts';
import { Chance } from './chance.ts';

/** What may go wrong with a call on its way. */
export const MISHAPS = ['drop-in-call', 'delay', 'duplicate', 'offline'] as const;

/** A kind of fault that is asked for: how probable it is for each call, and how long it takes, ms. */
export interface MishapRule {
  kind: (typeof MISHAPS)[number];
  probability: number;
  forMs: number;
}

/** What is used where a fault does not say. */
const PROBABILITY = 0.01;
const FOR_MS: Record<MishapRule['kind'], number> = {
  'drop-in-call': 0,
  delay: 2_000,
  duplicate: 0,
  offline: 60_000,
};

/** Reads a fault such as `drop-in-call`, `delay:5s`, `offline:10m` or `duplicate@0.05`; null when it is not understood. */
export function parseMishap(text: string): MishapRule | null {
  const [, name, number, unit = 's', probability] =
    /^([a-z-]+)(?::(\d+(?:\.\d+)?)(ms|s|m|h))?(?:@(0?\.\d+|[01](?:\.0+)?))?$/.exec(text) ?? [];
  const kind = MISHAPS.find((one) => one === name);
  if (!kind) return null;
  const factor = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[unit] ?? 1;
  return {
    kind,
    probability: probability === undefined ? PROBABILITY : Number(probability),
    forMs: number === undefined ? FOR_MS[kind] : Number(number) * factor,
  };
}

/** Decides for each call of a charger whether something goes wrong with it; the same for the same chance. */
export class Mishaps {
  readonly #rules: readonly MishapRule[];
  readonly #chance: Chance;

  constructor(rules: readonly MishapRule[], chance: Chance) {
    this.#rules = rules;
    this.#chance = chance;
  }

  /** What goes wrong with the next call; null when nothing does. */
  next(): MishapRule | null {
    let found: MishapRule | null = null;
    for (const rule of this.#rules) if (this.#chance.happens(rule.probability)) found ??= rule;
    return found;
  }
}

/** What goes wrong with the calls of a session: the same for the same seed and name, on whatever machine it is played. */
export function mishapsFor(
  { rules, seed }: { rules: readonly MishapRule[]; seed: number },
  name: string,
): Mishaps {
  return new Mishaps(rules, Chance.of(seed, name));
}

/** The row of a run that tells of a fault that was asked for. */
export function faultOf(session: number, kind: string): Observation {
  return {
    session,
    probe: 'fault',
    frame: null,
    atUs: wallNowUs(),
    value: JSON.stringify(kind),
    failure: null,
  };
}
