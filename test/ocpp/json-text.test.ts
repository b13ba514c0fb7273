import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { knownTokenAt, replaceTokens, tokenAt } from '../../src/ocpp/json-text.ts';
import type { Path } from '../../src/ocpp/protocol.ts';

const TEXT = `[ 2,"7" , "StopTransaction",\r\n {"meterStop" : 5.0, "transactionId":9223372036854775807 ,"data":[1e2, {"ü":"\\u00fc"}]}\t]\n`;

describe('tokenAt', () => {
  test('gives the source text of a value as it is spelled', () => {
    expect(tokenAt(TEXT, [3, 'transactionId'])).toBe('9223372036854775807');
    expect(tokenAt(TEXT, [3, 'meterStop'])).toBe('5.0');
    expect(tokenAt(TEXT, [3, 'data', 1, 'ü'])).toBe('"\\u00fc"');
    expect(tokenAt(TEXT, [3, 'data', 0])).toBe('1e2');
  });

  test('is undefined where there is nothing', () => {
    expect(tokenAt(TEXT, [3, 'none'])).toBeUndefined();
    expect(tokenAt(TEXT, [3, 'data', 7])).toBeUndefined();
    expect(tokenAt(TEXT, [3, 'meterStop', 'x'])).toBeUndefined();
    expect(tokenAt(TEXT, ['0'])).toBeUndefined();
  });

  test('is the same for a known place, whatever else has its name', () => {
    for (const text of [
      '{"id":1.0}',
      '{"id" :\t"a\\"b" , "x":"\\"id\\":7"}',
      '{"a":{"id":2},"id":1}',
      '{"id":{"id":3}}',
      '{"id":-1e5,"ids":4}',
      '{"id":null}',
      '{"\\u0069d":5}',
      '{"id":[1]}',
    ]) {
      expect(knownTokenAt(text, ['id'])).toBe(tokenAt(text, ['id']));
    }
  });

  test('takes the last of duplicate keys, as JSON.parse does', () => {
    expect(tokenAt('{"a":1,"a":2}', ['a'])).toBe('2');
    expect(replaceTokens('{"a":1,"a":2}', [{ path: ['a'], token: '3' }])).toBe('{"a":1,"a":3}');
  });
});

describe('replaceTokens', () => {
  test('changes the named tokens and nothing else', () => {
    const edits = [
      { path: [3, 'transactionId'], token: '"abc"' },
      { path: [1], token: '"id"' },
      { path: [3, 'absent'], token: '0' },
    ];
    const expected = TEXT.replace('9223372036854775807', '"abc"').replace('"7"', '"id"');
    expect(replaceTokens(TEXT, edits)).toBe(expected);
  });

  test('refuses what is no strict JSON', () => {
    for (const text of ['[1,]', '[1] // note', '', '[1] 2', "['a']"]) {
      expect(() => replaceTokens(text, [{ path: [0], token: '2' }])).toThrow(SyntaxError);
    }
  });

  test('refuses two edits of one place', () => {
    const edits = [
      { path: [0], token: '1' },
      { path: [0, 'a'], token: '2' },
    ];
    expect(() => replaceTokens('[{"a":1}]', edits)).toThrow(/overlap/);
  });

  test('is undone by putting the old token back, at any place of any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom('', ' ', '\t'), (value, pick, indent) => {
        const text = JSON.stringify(value, null, indent);
        const paths = allPaths(JSON.parse(text));
        const path = paths[pick % paths.length]!;
        const before = tokenAt(text, path)!;
        const after = replaceTokens(text, [{ path, token: '12345.50' }]);
        expect(after.length).toBe(text.length - before.length + 8);
        expect(tokenAt(after, path)).toBe('12345.50');
        expect(replaceTokens(after, [{ path, token: before }])).toBe(text);
      }),
    );
  });
});

function allPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index): [number, unknown] => [index, item])
    : Object.entries(value);
  return [path, ...steps.flatMap(([step, child]) => allPaths(child, [...path, step]))];
}
