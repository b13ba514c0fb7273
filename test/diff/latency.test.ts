import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { median, probabilityThatAlike } from '../../src/diff/rank-test.ts';
import { runOf, scripted } from '../support/session-script.ts';

const NORMAL = [12, 15, 11, 30, 22, 18, 14, 16, 13, 19, 25, 12, 11, 17, 21, 14, 15, 13, 16, 18];
const plus = (more: number): number[] => NORMAL.map((ms) => ms + more);

/** A charger whose heartbeats are answered after so many ms each. */
const heartbeats = (delays: readonly number[]): string =>
  `session A\nconnect\n${delays.map((ms) => `> Heartbeat {}\n+${ms}\n< {}`).join('\n')}\ncharger close 1000`;

async function found(before: readonly number[], after: readonly number[]): Promise<string[]> {
  const baseline = scripted(heartbeats(before));
  const { findings } = await compareRecordings(baseline, runOf(baseline, heartbeats(after)));
  return findings.map(({ kind, action, baseline: from, candidate: to }) => `${kind} ${action} ${from} ${to}`);
}

describe('a slower CSMS', () => {
  it('is one finding with both medians when it is so by much', async () => {
    expect(await found(NORMAL, plus(600))).toEqual(['latency Heartbeat 17 617']);
  });

  it('is none when it is faster, or slower by less than half a second or by less than half', async () => {
    expect(await found(plus(600), NORMAL)).toEqual([]);
    expect(await found(NORMAL, plus(480))).toEqual([]);
    expect(await found(plus(2000), plus(2900))).toEqual([]);
  });

  it('is none with fewer than 8 answers', async () => {
    expect(await found(NORMAL.slice(0, 8), plus(2_000).slice(0, 8))).toEqual(['latency Heartbeat 17 2017']);
    expect(await found(NORMAL.slice(0, 7), plus(2_000).slice(0, 7))).toEqual([]);
  });

  it('is none with fewer than 20 answers and less than two seconds', async () => {
    expect(await found(NORMAL.slice(1), plus(1_900).slice(1))).toEqual([]);
  });

  it('is none when a few answers are slow', async () => {
    expect(await found(NORMAL, [...NORMAL.slice(4), 900, 900, 900, 900])).toEqual([]);
  });
});

describe('the Mann-Whitney U test', () => {
  it('gives what its tables give', () => {
    const [a, b] = [
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    ];
    expect(probabilityThatAlike(a, b)).toBeCloseTo(0.0022, 3);
    expect(probabilityThatAlike(b, a)).toBeCloseTo(0.9978, 3);
    expect(probabilityThatAlike(a, a)).toBeCloseTo(0.5, 3);
    expect(probabilityThatAlike([5, 5], [5, 5])).toBe(1);
  });

  it('has medians of odd and even counts', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
