import { describe, expect, it } from 'vitest';
import { countTests } from './count-reporter.ts';

type Module = Parameters<typeof countTests>[0][number];

const module = (states: string[], state: ReturnType<Module['state']> = 'passed', errors = 0): Module => ({
  state: () => state,
  errors: () => Array.from({ length: errors }, () => ({ message: 'no' })),
  children: { allTests: () => states.map((one) => ({ result: () => ({ state: one }) })) },
});

describe('countTests', () => {
  it('counts what passed, failed and was skipped', () => {
    const modules = [module(['passed', 'skipped', 'passed']), module(['failed'], 'failed')];
    expect(countTests(modules, 0, 'failed')).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  it('counts a test without a result as failed', () => {
    expect(countTests([module(['passed', 'pending'], 'pending')], 0, 'failed').failed).toBe(1);
  });

  it('counts a file that would not load as failed', () => {
    expect(countTests([module([], 'failed', 1)], 0, 'failed').failed).toBe(1);
    expect(countTests([module([], 'queued')], 0, 'failed').failed).toBe(1);
  });

  it('counts errors outside of tests as failed', () => {
    expect(countTests([module(['passed'])], 2, 'failed')).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });

  it('never calls an interrupted run clean', () => {
    expect(countTests([module(['passed'])], 0, 'interrupted').failed).toBe(1);
  });
});
