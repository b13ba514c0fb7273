import { expect, test } from 'vitest';
import { durationText, isoTime } from '../../src/session/clock.ts';

test('a duration is told as exactly as a person wants it', () => {
  const texts = [0, 420, 12_400, 999_400, 1_500_000, 59_940_000, 65_000_000, 3_723_000_000].map(durationText);
  expect(texts).toEqual([
    '0.0 ms',
    '0.4 ms',
    '12 ms',
    '999 ms',
    '1.5 s',
    '59.9 s',
    '1 min 05 s',
    '1 h 02 min',
  ]);
});

test('a time keeps its microseconds, before 1970 too', () => {
  expect(isoTime(1_000_001)).toBe('1970-01-01T00:00:01.000001Z');
  expect(isoTime(-1)).toBe('1969-12-31T23:59:59.999999Z');
});
