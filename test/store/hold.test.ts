import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Hold } from '../../src/store/hold.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A hold of 100 ms, and all that it said. */
function newHold() {
  const said: string[] = [];
  const waited: number[] = [];
  const state = { acked: 0 };
  const hold = new Hold(100, {
    acked: () => state.acked,
    released: (upTo) => void said.push(`released ${upTo}`),
    waited: (ms) => void waited.push(ms),
    ranOut: () => void said.push('ran out'),
    failed: (error) => void said.push(`failed ${(error as Error).message}`),
  });
  const wait = (batch: number) => hold.wait(batch, () => void said.push(`done ${batch}`));
  return { hold, said, waited, state, wait };
}

describe('the hold', () => {
  it('calls back at once for what is on record', () => {
    const { said, state, wait } = newHold();
    state.acked = 3;
    wait(3);
    expect(said).toEqual(['done 3']);
  });

  it('calls back in order, each when its batch is on record', () => {
    const { hold, said, wait } = newHold();
    for (const batch of [1, 1, 2, 3]) wait(batch);
    hold.release(2);
    expect(said).toEqual(['done 1', 'done 1', 'done 2']);
  });

  it('keeps the order when what is on record stands behind someone who waits', () => {
    const { hold, said, state, wait } = newHold();
    wait(1);
    state.acked = 1;
    wait(1);
    expect(said).toEqual([]);
    hold.release(1);
    expect(said).toEqual(['done 1', 'done 1']);
  });

  it('lets all go when the oldest has waited for its time, once', () => {
    const { said, wait } = newHold();
    wait(1);
    vi.advanceTimersByTime(60);
    wait(2);
    vi.advanceTimersByTime(60);
    expect(said).toEqual(['ran out', 'released 1', 'done 1', 'released 2', 'done 2']);
    vi.advanceTimersByTime(1000);
    expect(said).toHaveLength(5);
  });

  it('counts the time of each from its own call', () => {
    const { hold, said, wait } = newHold();
    wait(1);
    vi.advanceTimersByTime(60);
    wait(2);
    hold.release(1);
    vi.advanceTimersByTime(60);
    expect(said).toEqual(['done 1']);
    vi.advanceTimersByTime(60);
    expect(said).toContain('done 2');
  });

  it('lets nobody wait after it ran out, until the record has caught up', () => {
    const { hold, said, wait } = newHold();
    wait(1);
    vi.advanceTimersByTime(110);
    wait(2);
    expect(said.slice(-2)).toEqual(['released 2', 'done 2']);
    hold.shut();
    wait(3);
    expect(said).not.toContain('done 3');
  });

  it('has not run out when the record was only told late', () => {
    const { said, state, wait } = newHold();
    wait(1);
    state.acked = 1;
    vi.advanceTimersByTime(110);
    expect(said).toEqual(['done 1']);
  });

  it('calls those who come while it calls back after those who wait', () => {
    const { hold, said, wait } = newHold();
    hold.wait(1, () => {
      said.push('first');
      wait(1);
    });
    wait(1);
    hold.release(1);
    expect(said).toEqual(['first', 'done 1', 'done 1']);
  });

  it('goes on after a callback that throws', () => {
    const { hold, said, wait } = newHold();
    hold.wait(1, () => {
      throw new Error('planted');
    });
    wait(1);
    hold.release(1);
    expect(said).toEqual(['failed planted', 'done 1']);
  });
});
