import { expect, test } from 'vitest';
import { sessionLines } from '../../src/cli/session-table.ts';
import { all, inOrder, START_US, summary } from './recorded.ts';

test('sessions stand in aligned columns under a heading', async () => {
  const lines = await all(
    sessionLines(
      inOrder([summary(), summary({ id: 22, identity: '充電器', vendor: null, model: null, frames: 7 })]),
    ),
  );
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^id {2}session {7}charger {14}connections {2}frames {2}calls {2}first/);
  expect(lines[1]).toMatch(/^ 1 {2}\/ocpp\/CP-1 {4}MicroOcpp Simulator {12}2 {3}1,234 {4}600 {2}20\d\d-/);
  expect(lines[2]).toMatch(/^22 {2}\/ocpp\/充電器 {2}– {30}2 {7}7 {4}600 {2}20\d\d-/);
  expect(lines[1]).toMatch(/ 1 min 05 s$/);
});

test('a session that ends on another day says on which', async () => {
  const [, same, later] = await all(
    sessionLines(inOrder([summary(), summary({ lastAtUs: START_US + 86_400e6 })])),
  );
  expect(same?.match(/20\d\d-/g)).toHaveLength(1);
  expect(later?.match(/20\d\d-/g)).toHaveLength(2);
});

test('a session without frames has no times', async () => {
  const [, line] = await all(
    sessionLines(inOrder([summary({ firstAtUs: null, lastAtUs: null, frames: 0 })])),
  );
  expect(line).toMatch(/ – +– +–$/);
});

test('a recording without sessions says so', async () => {
  expect(await all(sessionLines(inOrder([])))).toEqual([]);
});
