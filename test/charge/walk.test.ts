import { describe, expect, it } from 'vitest';
import { profileNames, readProfile } from '../../src/charge/profile-file.ts';
import { Chance } from '../../src/load/chance.ts';
import type { JsonObject } from '../../src/ocpp/json.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { Desk, elementsOf } from '../support/charger-desk.ts';
import { ACTS, COMMANDS, illegalSteps } from '../support/charger-walk.ts';
import { schemaErrors } from '../support/schema-errors.ts';

const BEGIN_MS = Date.parse('2026-03-02T07:00:00.000Z');
const STEPS = 10_000;

/** A random life of so many steps; the desk has what the charger said, `answered` the answers to commands. */
function walk(profile: string, seed: number, steps: number) {
  const chance = new Chance(seed);
  const made = readProfile(profile);
  const desk = new Desk({
    profile: made,
    protocol: ocpp16,
    identity: 'CP-1',
    number: 1,
    seed,
    nowMs: BEGIN_MS,
  });
  const answered: { action: string; answer: ReturnType<Desk['command']> }[] = [];
  const names = Object.keys(COMMANDS);
  for (let step = 0; step < steps; step++) {
    desk.run(chance.whole(0, 40));
    if (chance.happens(0.5)) desk.act(chance.pick(ACTS)(chance.whole(1, made.connectors), chance));
    else {
      const action = chance.pick(names);
      answered.push({ action, answer: desk.command(action, COMMANDS[action]!(chance, desk.transactionId)) });
    }
  }
  return { desk, answered };
}

describe('a random life', () => {
  it(`of ${STEPS} steps is schema-valid and legal throughout, and every command is answered as its schema says`, () => {
    const { desk, answered } = walk('schneider-evlink', 1, STEPS);
    const calls = desk.connections.map((texts) =>
      texts.map(elementsOf).flatMap(([type, , action, payload]) => {
        return type === 2 ? [{ action: action as string, payload: payload as JsonObject }] : [];
      }),
    );
    const broken = new Set<string>();
    for (const { action, payload } of calls.flat()) {
      for (const place of schemaErrors(action, 'call', payload)) broken.add(`${action} ${place}`);
    }
    const results = answered.flatMap(({ action, answer }) => (answer === null ? [] : [{ action, answer }]));
    for (const { action, answer } of results) {
      if ('errorCode' in (answer as JsonObject)) continue;
      for (const place of schemaErrors(action, 'result', answer)) broken.add(`${action} answer ${place}`);
    }
    expect([...broken]).toEqual([]);
    expect(calls.flatMap(illegalSteps)).toEqual([]);
    expect([...new Set(results.map(({ action }) => action))].sort()).toEqual(Object.keys(COMMANDS).sort());
    expect(desk.actions.filter((action) => action === 'StartTransaction').length).toBeGreaterThan(50);
  });

  it.each(profileNames())('is the same one to the letter for the same seed: %s', (profile) => {
    expect(walk(profile, 3, 100).desk.texts).toEqual(walk(profile, 3, 100).desk.texts);
    expect(walk(profile, 4, 100).desk.texts).not.toEqual(walk(profile, 3, 100).desk.texts);
  });
});
