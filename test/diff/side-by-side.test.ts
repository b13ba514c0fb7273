import { expect, test } from 'vitest';
import { alignTexts, closeUp, type Piece, type Row } from '../../src/diff/side-by-side.ts';

/** A row as text: sign, both sides, changed words in brackets, `!` where the finding is. */
function show(row: Row): string {
  const side = (pieces: Piece[] | null) =>
    pieces?.map(({ text, changed }) => (changed ? `[${text}]` : text)).join('') ?? '(none)';
  return `${row.focus ? '!' : row.changed ? '~' : ' '} ${side(row.baseline)} | ${side(row.candidate)}`;
}

test('a changed value is marked, and stands out where the finding is', () => {
  const rows = alignTexts(
    '[3,"a",{"currentTime":"12:00","interval":20}]',
    '[3,"a",{"currentTime":"13:00","interval":300}]',
    '/interval',
    false,
  );
  expect(rows.map(show)).toEqual([
    '  result  id a | result  id a',
    '  { | {',
    '~   "currentTime": "[12]:00" |   "currentTime": "[13]:00"',
    '!   "interval": [20] |   "interval": [300]',
    '  } | }',
  ]);
});

test('the order of keys makes no difference', () => {
  const rows = alignTexts(
    '[3,"a",{"a":1,"b":{"c":[{"d":2,"e":3}]}}]',
    '[3,"a",{"b":{"c":[{"e":3,"d":2}]},"a":1}]',
    '',
    false,
  );
  expect(rows.filter((row) => row.changed)).toEqual([]);
});

test('a field that one side has alone stands alone', () => {
  const rows = alignTexts('[3,"a",{"old":1,"same":2}]', '[3,"a",{"same":2,"new":3}]', '/new', false);
  expect(rows.map(show).slice(2, 5)).toEqual([
    '~   "old": 1 | (none)',
    '    "same": 2 |   "same": 2',
    '! (none) |   "new": 3',
  ]);
});

test('a star in the path stands for any index', () => {
  const rows = alignTexts(
    '[3,"a",{"k":[{"v":"1"},{"v":"2"}]}]',
    '[3,"a",{"k":[{"v":"1"},{"v":"3"}]}]',
    '/k/*/v',
    false,
  );
  expect(rows.filter((row) => row.focus).map(show)).toEqual(['!       "v": "[2]" |       "v": "[3]"']);
});

test('an answer that became an error is focused as a whole', () => {
  const rows = alignTexts('[3,"a",{"status":"Accepted"}]', '[4,"a","InternalError","boom",{}]', '', false);
  expect(rows.map(show)).toEqual([
    '! [result]  id a | [error InternalError]  id a',
    '! { | (none)',
    '!   "status": "Accepted" | (none)',
    '! } | (none)',
    '! (none) | "boom"',
    '! (none) | {}',
  ]);
  expect(closeUp(rows).map(show)).toEqual([
    '! [result]  id a | [error InternalError]  id a',
    '! { | "boom"',
    '!   "status": "Accepted" | {}',
    '! } | (none)',
  ]);
});

test('a side that is not there leaves the other alone', () => {
  expect(alignTexts(undefined, '[2,"a","Reset",{"type":"Soft"}]', '', false).map(show)).toEqual([
    '! (none) | call Reset  id a',
    '! (none) | {',
    '! (none) |   "type": "Soft"',
    '! (none) | }',
  ]);
  expect(alignTexts(undefined, undefined, '', false)).toEqual([]);
});

test('an integer beyond 2^53 is shown exactly', () => {
  const [, , row] = alignTexts(
    '[3,"a",{"id":9007199254740993}]',
    '[3,"a",{"id":9007199254740992}]',
    '/id',
    false,
  );
  expect(row && show(row)).toBe('!   "id": [9007199254740993] |   "id": [9007199254740992]');
});

test('exact texts are shown as they are, with white space and key order', () => {
  expect(alignTexts('[3, "a", {}]', '[3,"a",{}]', '', true).map(show)).toEqual([
    '! [[]3,[ ]"a",[ ]{}] | [[]3,"a",{}]'.replaceAll('[[]', '['),
  ]);
});

test('what is no OCPP-J is shown line by line, its control characters escaped', () => {
  const rows = alignTexts('HTTP/1.1 101\r\nA: b', 'HTTP/1.1 403\r\nA: b\u001b', '', false);
  expect(rows.map(show)).toEqual(['! HTTP/1.1 [101] | HTTP/1.1 [403]', '! A: b | A: b[\\u001b]']);
});

test('two long texts that have nothing in common are compared in no time', () => {
  const noise = (seed: number) => Array.from({ length: 9000 }, (_, index) => (index * seed) % 9973).join(' ');
  const rows = alignTexts(noise(31), noise(77), '', false);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.changed).toBe(true);
});
