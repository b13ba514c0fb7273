import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  expand,
  type Json,
  jsonEqual,
  matchesPattern,
  nestsDeeperThan,
  parseJson,
  pointer,
  valueAt,
  writeJson,
} from '../../src/ocpp/json.ts';

describe('JSON values', () => {
  test('keep integers beyond 2^53 exactly', () => {
    const text =
      '{"transactionId":9223372036854775807,"low":-9007199254740993,"list":[1,18446744073709551616]}';
    expect(parseJson(text)).toEqual({
      transactionId: 9223372036854775807n,
      low: -9007199254740993n,
      list: [1, 18446744073709551616n],
    });
    expect(writeJson(parseJson(text))).toBe(text);
  });

  test('read digits in strings, fractions and exponents as JSON.parse does', () => {
    const text = '["8931081721110000000",0.12345678901234567,1e300,12345678901234567.5]';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test('throw SyntaxError on what is no JSON', () => {
    expect(() => parseJson('[,1]')).toThrow(SyntaxError);
    expect(() => parseJson('[9223372036854775807,]')).toThrow(SyntaxError);
  });

  test('survive writing and reading', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = parseJson(JSON.stringify(value));
        expect(parseJson(writeJson(read))).toEqual(read);
      }),
    );
  });

  test('are equal in any order of keys, and not when a value, type or length differs', () => {
    expect(jsonEqual({ a: [1, { b: null }], c: 2n }, { c: 2n, a: [1, { b: null }] })).toBe(true);
    const different: [Json, Json][] = [
      [1, '1'],
      [null, {}],
      [[], {}],
      [[1], [1, 2]],
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: 1 }, { b: 1 }],
      [9223372036854775807n, 9223372036854775806n],
      [{}, { toString: 1 }],
    ];
    for (const [a, b] of different) {
      expect(jsonEqual(a, b)).toBe(false);
      expect(jsonEqual(b, a)).toBe(false);
    }
  });

  test('tell how deep they nest', () => {
    const nested = parseJson('[[{"a":[1]}]]');
    expect(nestsDeeperThan(nested, 4)).toBe(false);
    expect(nestsDeeperThan(nested, 3)).toBe(true);
    expect(nestsDeeperThan('[[[[[', 0)).toBe(false);
  });
});

describe('paths', () => {
  const value: Json = { meterValue: [{ sampledValue: [{ value: '1' }, {}] }, { sampledValue: [] }, 3] };

  test('find values, own members only', () => {
    expect(valueAt(value, ['meterValue', 0, 'sampledValue', 0, 'value'])).toBe('1');
    expect(valueAt(value, ['meterValue', 9, 'sampledValue'])).toBeUndefined();
    expect(valueAt(value, ['toString'])).toBeUndefined();
    expect(valueAt(value, ['meterValue', 'length'])).toBeUndefined();
    expect(valueAt(value, [])).toBe(value);
  });

  test('are written as RFC 6901 pointers', () => {
    expect(pointer([])).toBe('');
    expect(pointer(['a/b', 0, 'm~n', ''])).toBe('/a~1b/0/m~0n/');
  });

  test('expand a pattern to the places that exist', () => {
    expect(expand(value, ['meterValue', '*', 'sampledValue', '*', 'value'])).toEqual([
      ['meterValue', 0, 'sampledValue', 0, 'value'],
    ]);
    expect(expand(value, ['meterValue', '*', 'sampledValue'])).toHaveLength(2);
    expect(expand(value, ['nothing', '*'])).toEqual([]);
    expect(expand({ list: { '*': 1 } }, ['list', '*'])).toEqual([]);
  });

  test('match the patterns they come from', () => {
    expect(matchesPattern(['meterValue', 3, 'timestamp'], ['meterValue', '*', 'timestamp'])).toBe(true);
    expect(matchesPattern(['meterValue', '*', 'timestamp'], ['meterValue', '*', 'timestamp'])).toBe(true);
    expect(matchesPattern(['meterValue', 'x', 'timestamp'], ['meterValue', '*', 'timestamp'])).toBe(false);
    expect(matchesPattern(['meterValue', 3], ['meterValue', '*', 'timestamp'])).toBe(false);
    expect(matchesPattern([0], ['0'])).toBe(false);
  });
});
