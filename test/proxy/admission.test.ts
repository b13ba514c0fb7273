import { describe, expect, it } from 'vitest';
import { admissionOf } from '../../src/proxy/admission.ts';
import { recordOnlyOf } from '../../src/proxy/record-only.ts';

describe('admissionOf', () => {
  it('is nothing without rules', () => {
    expect(admissionOf({ allow: [], deny: [] })).toBeNull();
  });

  it('admits by identity, by address, or by both where both are given', () => {
    const admits = admissionOf({ allow: ['CP-*', '10.0.0.0/8'], deny: ['CP-13', '10.6.6.6'] });
    expect(admits?.('CP-1', '10.0.0.1')).toBe(true);
    expect(admits?.('CP-1', '11.0.0.1')).toBe(false);
    expect(admits?.('XX-1', '10.0.0.1')).toBe(false);
    expect(admits?.('CP-13', '10.0.0.1')).toBe(false);
    expect(admits?.('CP-1', '10.6.6.6')).toBe(false);
    expect(admits?.('CP-1', null)).toBe(false);
  });

  it('admits everybody else when it only denies, and asks ordinary HTTP for its address alone', () => {
    const denies = admissionOf({ allow: [], deny: ['BAD*'] });
    expect([denies?.('BAD1', '::1'), denies?.('GOOD', '::1'), denies?.(null, '::1')]).toEqual([
      false,
      true,
      true,
    ]);
    expect(admissionOf({ allow: ['CP-*'], deny: [] })?.(null, '::1')).toBe(true);
  });
});

describe('recordOnlyOf', () => {
  it('chooses by glob, and by a share that is always the same chargers', () => {
    const identities = Array.from({ length: 10_000 }, (_, i) => `CP-${i}`);
    const chosen = (...rules: string[]) => identities.filter(recordOnlyOf(rules) ?? (() => true));
    expect(chosen()).toHaveLength(10_000);
    expect(chosen('CP-1?', 'CP-7')).toHaveLength(11);
    const tenth = chosen('10%');
    expect(tenth.length).toBeGreaterThan(900);
    expect(tenth.length).toBeLessThan(1100);
    expect(chosen('10%')).toEqual(tenth);
    const fifth = new Set(chosen('20%'));
    expect(tenth.every((identity) => fifth.has(identity))).toBe(true);
    expect([chosen('0%').length, chosen('100%').length]).toEqual([0, 10_000]);
  });
});
