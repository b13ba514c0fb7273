import { expect, test } from 'vitest';
import { type Command, type Room, reduce, START, type State, windowTop } from '../../src/ui/state.ts';

const room: Room = {
  findings: 50,
  listRows: 10,
  examples: () => 3,
  page: () => ({ lines: 100, rows: 20 }),
};

function after(...commands: Command[]): State {
  return commands.reduce((state, command) => reduce(state, command, room), START);
}

test('the selection moves through the list and stays inside it', () => {
  expect(after('down', 'down', 'up').selected).toBe(1);
  expect(after('up').selected).toBe(0);
  expect(after('last').selected).toBe(49);
  expect(after('last', 'down').selected).toBe(49);
  expect(after('last', 'first').selected).toBe(0);
});

test('a page is one row shorter than the window, so that a line is seen twice', () => {
  expect(after('pageDown').selected).toBe(9);
  expect(after('pageDown', 'pageDown', 'pageUp').selected).toBe(9);
});

test('the window of the list moves only when the selection leaves it', () => {
  expect(after('pageDown').top).toBe(0);
  expect(after('pageDown', 'down').top).toBe(1);
  expect(after('pageDown', 'down', 'up').top).toBe(1);
  expect(after('last').top).toBe(40);
});

test('a window is clamped when the list or the terminal has become smaller', () => {
  expect(windowTop(40, 45, 10, 46)).toBe(36);
  expect(windowTop(40, 3, 10, 5)).toBe(0);
  expect(windowTop(0, 9, 4, 10)).toBe(6);
});

test('opening a finding shows its detail, and back returns to the same place in the list', () => {
  const state = after('last', 'open', 'down', 'down', 'back');
  expect(state).toMatchObject({ screen: 'list', selected: 49, top: 40 });
});

test('there is nothing to open in an empty list', () => {
  const empty = { ...room, findings: 0 };
  expect(reduce(START, 'open', empty).screen).toBe('list');
  expect(reduce(START, 'last', empty).selected).toBe(0);
});

test('the detail scrolls and stops at both ends', () => {
  expect(after('open', 'down', 'pageDown').scroll).toBe(20);
  expect(after('open', 'last').scroll).toBe(80);
  expect(after('open', 'last', 'down').scroll).toBe(80);
  expect(after('open', 'last', 'up').scroll).toBe(79);
  expect(after('open', 'up').scroll).toBe(0);
});

test('a scroll beyond the end of a page that has become shorter starts from its end', () => {
  const short = { ...room, page: () => ({ lines: 30, rows: 20 }) };
  expect(reduce(after('open', 'last'), 'up', short).scroll).toBe(9);
});

test('next and previous go through the findings without leaving the detail, from their beginning', () => {
  const state = after('open', 'last', 'nextExample', 'next');
  expect(state).toMatchObject({ screen: 'detail', selected: 1, scroll: 0, example: 0 });
  expect(after('open', 'next', 'previous').selected).toBe(0);
});

test('examples stay inside what there is', () => {
  expect(after('open', 'nextExample', 'nextExample', 'nextExample').example).toBe(2);
  expect(after('open', 'nextExample', 'previousExample', 'previousExample').example).toBe(0);
});

test('a page laid over the detail scrolls by itself, and back uncovers the detail as it was', () => {
  const over = after('open', 'down', 'help', 'pageDown');
  expect(over).toMatchObject({ overlay: 'help', scroll: 1, overlayScroll: 19 });
  expect(reduce(over, 'back', room)).toMatchObject({ overlay: null, screen: 'detail', scroll: 1 });
});

test('the key of a page takes it away again, and another page takes its place', () => {
  expect(after('help', 'help').overlay).toBeNull();
  expect(after('help', 'summary').overlay).toBe('summary');
});
