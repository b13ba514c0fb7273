import { expect, test } from 'vitest';
import { commandOf, KEYS, keyNames } from '../../src/ui/keys.ts';

test('no key has two meanings on one screen', () => {
  for (const screen of ['list', 'detail', 'summary', 'help'] as const) {
    const keys = KEYS.filter((key) => key.on.includes(screen)).flatMap((key) => key.keys);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

test('quit, help and interrupt work on every screen', () => {
  for (const screen of ['list', 'detail', 'summary', 'help'] as const) {
    expect(['q', '?', 'ctrl-c'].map((key) => commandOf(key, screen))).toEqual(['quit', 'help', 'interrupt']);
  }
});

test('a key without a meaning on a screen does nothing there', () => {
  expect(commandOf('tab', 'list')).toBeNull();
  expect(commandOf('x', 'detail')).toBeNull();
});

test('several keys in one read keep their order', () => {
  expect(keyNames('\rnn\t', {})).toEqual(['return', 'n', 'n', 'tab']);
});

test('a named key wins over the characters it was sent as', () => {
  expect(keyNames('', { downArrow: true })).toEqual(['down']);
  expect(keyNames('c', { ctrl: true })).toEqual(['ctrl-c']);
});
