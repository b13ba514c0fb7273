import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime, shiftTime, timeStyle } from '../../src/ocpp/time.ts';

describe('parseTime', () => {
  test.each([
    ['2024-05-15T01:44:34.635Z', '2024-05-15T01:44:34.635Z', '635', 'Z'],
    ['2023-03-16T02:24:20.452276', '2023-03-16T02:24:20.452Z', '452276', ''],
    ['2023-04-15T11:04:45.659+00:00', '2023-04-15T11:04:45.659Z', '659', '+00:00'],
    ['2024-02-29 23:59:60-0530', '2024-03-01T05:30:00.000Z', '', '-0530'],
    ['2023-10-19t15:28:07+02', '2023-10-19T13:28:07.000Z', '', '+02'],
    ['1970-01-01T00:00:00z', '1970-01-01T00:00:00.000Z', '', 'z'],
    ['0001-01-01T00:00:00.5Z', '0001-01-01T00:00:00.500Z', '5', 'Z'],
  ])('reads %s', (text, instant, fraction, zone) => {
    expect(parseTime(text)).toEqual({ epochMs: Date.parse(instant), fraction, zone });
  });

  test.each([
    '',
    'now',
    '1715737474',
    '2024-05-15',
    '2024-13-01T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-05-15T24:00:00Z',
    '2024-05-15T00:00:00.Z',
    '2024-05-15T00:00:00Z ',
    '2024-05-15T00:00:00+1',
  ])('says that %j is no time', (text) => {
    expect(parseTime(text)).toBeNull();
    expect(timeStyle(text)).toBeNull();
    expect(shiftTime(text, 3600)).toBe(text);
  });
});

/** Times in all the spellings of chargers. */
const anyTime = fc
  .tuple(
    fc.date({
      min: new Date('0002-01-01T00:00:00Z'),
      max: new Date('9998-01-01T00:00:00Z'),
      noInvalidDate: true,
    }),
    fc.constantFrom('T', ' ', 't'),
    fc.constantFrom('', '.0', '.123', ',5', '.4522760001'),
    fc.constantFrom('Z', 'z', '', '+00:00', '-0930', '+02'),
  )
  .map(([date, separator, fraction, zone]) => {
    const text = date.toISOString();
    return text.slice(0, 10) + separator + text.slice(11, 19) + fraction + zone;
  });

describe('shiftTime', () => {
  test('rewrites the digits and leaves the spelling', () => {
    expect(shiftTime('2023-12-31 23:59:59.4522760+0100', 2)).toBe('2024-01-01 00:00:01.4522760+0100');
    expect(shiftTime('2024-03-01T00:00:00Z', -1)).toBe('2024-02-29T23:59:59Z');
    expect(shiftTime('9999-12-31T23:59:59Z', 1)).toBe('9999-12-31T23:59:59Z');
    expect(shiftTime('2024-01-01T00:00:60Z', 0)).toBe('2024-01-01T00:00:60Z');
  });

  test('takes whole seconds only', () => {
    expect(() => shiftTime('2024-03-01T00:00:00Z', 0.5)).toThrow(/whole seconds/);
  });

  test('moves the instant by exactly the seconds given and keeps the style', () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: -31_000_000, max: 31_000_000 }), (text, delta) => {
        const shifted = shiftTime(text, delta);
        expect(parseTime(shifted)).toEqual({
          ...parseTime(text),
          epochMs: parseTime(text)!.epochMs + delta * 1000,
        });
        expect(timeStyle(shifted)).toBe(timeStyle(text));
        expect(shifted.slice(19)).toBe(text.slice(19));
        expect(shiftTime(shifted, -delta)).toBe(text);
      }),
    );
  });
});

describe('timeStyle', () => {
  test('is the same for times that a charger reads alike', () => {
    const alike = [
      ['2024-05-15T01:44:34Z', '1970-01-01T00:00:00Z'],
      ['2024-05-15T01:44:34.635Z', '2024-05-15T01:44:34.6Z'],
      ['2024-05-15T01:44:34+00:00', '2024-05-15T01:44:34-05:30'],
    ] as const;
    for (const [a, b] of alike) expect(timeStyle(a)).toBe(timeStyle(b));
  });

  test('differs by zone, fraction and separator', () => {
    const spellings = ['', 'Z', 'z', '+00:00', '+0000', '+00'].flatMap((zone) =>
      ['', '.1'].flatMap((fraction) => ['T', ' '].map((t) => `2024-05-15${t}01:44:34${fraction}${zone}`)),
    );
    expect(new Set(spellings.map(timeStyle)).size).toBe(spellings.length);
    expect(timeStyle('2024-05-15T01:44:34Z')).toBe('Z');
  });
});
