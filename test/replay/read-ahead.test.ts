import { describe, expect, it } from 'vitest';
import { ChargetapeError } from '../../src/errors.ts';
import type { CallStep, Plan } from '../../src/replay/plan.ts';
import { buildPlan } from '../../src/replay/plan-builder.ts';
import { ReadAhead } from '../../src/replay/read-ahead.ts';
import { SCRIPT_START_US, scriptedSession } from '../support/scripted-session.ts';

const SCRIPT = `
  0 open
  100 > Heartbeat {"n":1}
  110 < {}
  900 raw charger nonsense
  2500 > Heartbeat {"n":2}
  2510 < {}
  2600 close charger 1000`;

/** A plan that tells which places of the recording were read. */
function watched(): { plan: Plan; read: number[]; step(index: number): CallStep } {
  const { session, events } = scriptedSession(SCRIPT);
  const made = buildPlan(session, events, SCRIPT_START_US);
  const read: number[] = [];
  const frame: Plan['frame'] = (step) => {
    read.push(step.index);
    return made.frame(step);
  };
  const spoken: Plan['spoken'] = (step) => {
    read.push(step.index);
    return made.spoken(step);
  };
  return { plan: { ...made, frame, spoken }, read, step: (index) => made.steps[index] as CallStep };
}

const SPEED_1 = { startUs: 0, speed: 1 } as const;

describe('what is said soon', () => {
  it('is read once, before it is due, and not long before', async () => {
    const { plan, read, step } = watched();
    const ahead = new ReadAhead([plan]);
    await ahead.read(SPEED_1, 0);
    expect([read, ahead.size]).toEqual([[1, 2], 2]);
    expect(ahead.of(plan).spoken(step(1)).call.payload).toEqual({ n: 1 });
    await ahead.read(SPEED_1, 1_700_000);
    expect(ahead.of(plan).spoken(step(3)).call.payload).toEqual({ n: 2 });
    expect([read, ahead.size]).toEqual([[1, 2, 3, 4], 2]);
  });

  it('is let go when it is too much, and then read when it is due', async () => {
    const { plan, read, step } = watched();
    const ahead = new ReadAhead([plan], 1_500);
    await ahead.read(SPEED_1, 2_000_000);
    expect([read, ahead.size]).toEqual([[1, 2, 3, 4], 1]);
    expect(ahead.of(plan).spoken(step(1)).call.payload).toEqual({ n: 1 });
    expect(read).toEqual([1, 2, 3, 4, 1]);
  });

  it('is read when it is due, and its trouble told then, when it could not be read before', async () => {
    const { plan, step } = watched();
    const broken: Plan = {
      ...plan,
      spoken: () => {
        throw new ChargetapeError('UNREADABLE', 'gone');
      },
    };
    const ahead = new ReadAhead([broken]);
    await ahead.read(SPEED_1, 0);
    expect(() => ahead.of(broken).spoken(step(1))).toThrow('gone');
  });

  it('is not known at full speed, where nothing is due at a time', async () => {
    const { plan, read } = watched();
    await new ReadAhead([plan]).read({ startUs: 0, speed: 'max' }, 0);
    expect(read).toEqual([]);
  });
});
