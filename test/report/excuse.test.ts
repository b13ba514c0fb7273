import { expect, it } from 'vitest';
import { excusesOf, sortFindings } from '../../src/report/excuse.ts';
import { finding } from '../ui/comparison-fixture.ts';

const cause = finding({ id: 'aaaaaaaaaaaa' });
const effect = finding({ id: 'bbbbbbbbbbbb', causedBy: cause.id });

it('puts what follows from a finding beneath it', () => {
  expect(excusesOf([cause, effect])).toEqual(new Map([[effect.id, 'consequence']]));
  expect(sortFindings([effect, cause])).toEqual({
    deciding: [{ finding: cause, consequences: [effect] }],
    excused: new Map(),
  });
});

it('lets what follows from an accepted finding decide in its place', () => {
  const accepted = finding({ ...cause, status: 'accepted' });
  expect(sortFindings([accepted, effect])).toEqual({
    deciding: [{ finding: effect, consequences: [] }],
    excused: new Map([['accepted', [accepted]]]),
  });
});

it('excuses what the old build does too, and what only it did', () => {
  const environment = finding({ id: 'cccccccccccc', class: 'environment' });
  const fixed = finding({ id: 'dddddddddddd', class: 'fixed' });
  const both = finding({ id: 'eeeeeeeeeeee', class: 'new' });
  expect([...excusesOf([environment, fixed, both]).values()]).toEqual(['environment', 'fixed']);
});
