import { describe, expect, it } from 'vitest';
import { Patience } from '../../src/replay/patience.ts';

/** Misses something so many times; gives how long each wait was. */
function waits(patience: Patience, what: string, times: number): number[] {
  return Array.from({ length: times }, () => {
    const us = patience.us(what);
    patience.missed(what);
    return us;
  });
}

describe('patience', () => {
  it('is halved each time that something does not come, down to a second, and restored when it comes', () => {
    const patience = new Patience(4_000_000);
    expect(waits(patience, 'Heartbeat', 4)).toEqual([4_000_000, 2_000_000, 1_000_000, 1_000_000]);
    patience.came('Heartbeat');
    expect(patience.us('Heartbeat')).toBeGreaterThan(1_000_000);
  });

  it('is less for everything, the more was waited in vain for anything', () => {
    const patience = new Patience(4_000_000);
    patience.missed('Heartbeat');
    expect(patience.us('Authorize')).toBe(3_000_000);
  });

  it('ends, however much is missed: little more than four waits, and ten usual answers each', () => {
    const patience = new Patience(30_000_000);
    for (let turn = 0; turn < 20; turn++) patience.came('Heartbeat', 6_000);
    const all = Array.from({ length: 1_000 }, (_, turn) => waits(patience, `action ${turn}`, 1)[0] ?? 0);
    expect(all.reduce((sum, us) => sum + us, 0)).toBeLessThan(4 * 30_000_000 + 1_000 * 60_000);
    expect(all.at(-1)).toBe(60_000);
  });

  it('is never longer than it was given', () => {
    expect(new Patience(300_000).us('Heartbeat')).toBe(300_000);
  });
});
