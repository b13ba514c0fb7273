import type { Behaviour } from './csms-behaviour.ts';
import { STAGING } from './csms-environment.ts';
import { REGRESSIONS } from './csms-regressions.ts';
import type { Switch } from './csms-switch.ts';
import { HARMLESS } from './csms-variants.ts';

/** Every switch by name. */
export const SWITCHES: ReadonlyMap<string, Switch> = new Map(
  [...REGRESSIONS, ...HARMLESS, STAGING].map((one) => [one.name, one]),
);

/** The behaviour with the named switches applied, each upon what the ones before it made. */
export function switched(base: Behaviour, names: readonly string[]): Behaviour {
  let behaviour = base;
  for (const name of names) {
    const found = SWITCHES.get(name);
    if (found === undefined)
      throw new Error(`no switch ${name}; there are ${[...SWITCHES.keys()].join(', ')}`);
    behaviour = { ...behaviour, ...found.change(behaviour) };
  }
  return behaviour;
}
