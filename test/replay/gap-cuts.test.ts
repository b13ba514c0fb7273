import { describe, expect, it } from 'vitest';
import { GapCuts } from '../../src/replay/gap-cuts.ts';
import { answering, FakeRun } from '../support/fake-run.ts';

describe('gap cuts', () => {
  it('let no pause be longer than their length and leave all others as they are', () => {
    const cuts = new GapCuts(Float64Array.of(0, 5, 100, 103, 500, 501), 10);
    const moved = [0, 5, 100, 103, 500, 501].map((us) => cuts.offsetUs(us));
    expect(moved).toEqual([0, 5, 15, 18, 28, 29]);
    expect(cuts.cutUs).toBe(85 + 387);
  });

  it('keep the order of what lies inside a pause, before all and after all', () => {
    const cuts = new GapCuts(Float64Array.of(100, 0), 10);
    const offsets = [-5, 0, 7, 50, 99, 100, 1000];
    expect(offsets.map((us) => cuts.offsetUs(us))).toEqual([-5, 0, 7, 10, 10, 10, 910]);
  });

  it('change nothing when no pause is too long', () => {
    const cuts = new GapCuts(Float64Array.of(0, 3, 6), 3);
    expect([0, 3, 6, 9].map((us) => cuts.offsetUs(us))).toEqual([0, 3, 6, 9]);
    expect(new GapCuts(new Float64Array(0), 1).offsetUs(7)).toBe(7);
  });

  it('shorten the pauses of a session', () => {
    const script = `
      0 open
      10 > Heartbeat {}
      20 < {}
      600000 > Heartbeat {}
      600010 < {}
      600500 > Heartbeat {}
      600510 < {}`;
    const run = new FakeRun(script, { maxGapMs: 2_000, respond: answering() }).play();
    expect(run.sent.map(({ ms }) => ms)).toEqual([10, 2_010, 2_510]);
  });
});
