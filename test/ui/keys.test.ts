import { expect, test } from 'vitest';
import { commandOf, KEYS, keyNames } from '../../src/ui/keys.ts';
import { SCREENS } from '../../src/ui/screen-names.ts';

test('no key has two meanings on one screen', () => {
  for (const screen of [...SCREENS, 'help', 'summary'] as const) {
    const keys = KEYS.filter((key) => key.on.includes(screen)).flatMap((key) => key.keys);
    expect(new Set(keys).size, screen).toBe(keys.length);
  }
});

test('quit, help, the palette, suspend and interrupt work on every screen', () => {
  for (const screen of SCREENS) {
    const commands = ['q', '?', ':', 'ctrl-p', 'ctrl-z', 'ctrl-c'].map((key) => commandOf(key, screen));
    expect(commands).toEqual(['quit', 'help', 'palette', 'palette', 'suspend', 'interrupt']);
  }
});

test('a key without a meaning on a screen does nothing there', () => {
  expect(commandOf('tab', 'live')).toBeNull();
  expect(commandOf('x', 'finding')).toBeNull();
});

test('several keys in one read keep their order', () => {
  expect(keyNames('\rnn\t', {})).toEqual(['return', 'n', 'n', 'tab']);
});

test('a named key wins over the characters it was sent as', () => {
  expect(keyNames('', { downArrow: true })).toEqual(['down']);
  expect(keyNames('c', { ctrl: true })).toEqual(['ctrl-c']);
});
