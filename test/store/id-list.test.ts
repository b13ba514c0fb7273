import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packIds, unpackIds } from '../../src/store/id-list.ts';

it('gives back the ids that were packed', () => {
  const ids = fc.uniqueArray(fc.nat(2 ** 31 - 1)).map((list) => list.sort((a, b) => a - b));
  fc.assert(fc.property(ids, (list) => void expect(unpackIds(packIds(list))).toEqual(list)));
  const large = [2 ** 40, 2 ** 52];
  expect(unpackIds(packIds(large))).toEqual(large);
});

it('takes two bytes for a frame among a thousand others', () => {
  expect(packIds(Array.from({ length: 64 }, (_, index) => index * 1000)).length).toBeLessThan(130);
});
