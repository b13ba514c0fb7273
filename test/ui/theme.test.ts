import { expect, test } from 'vitest';
import { gradeOf, look } from '../../src/ui/theme.ts';
import { finding } from './comparison-fixture.ts';

test('without colour only bold, dim and inverse remain', () => {
  expect(look({ tone: 'high', strong: true, mark: true }, false)).toEqual(['inverse', 'bold']);
  expect(look({ tone: 'high', strong: true, mark: true }, true)).toEqual(['inverse', 'bold', 'red']);
  expect(look({ tone: 'quiet' }, false)).toEqual(['dim']);
});

test('each grade has a sign of its own', () => {
  const grades = [
    gradeOf(finding({ severity: 'high' })),
    gradeOf(finding({ severity: 'medium' })),
    gradeOf(finding({ severity: 'low' })),
    gradeOf(finding({ severity: 'high', status: 'accepted' })),
    gradeOf(finding({ severity: 'high', status: 'noise' })),
  ];
  expect(new Set(grades.map((grade) => grade.sign)).size).toBe(grades.length);
});
