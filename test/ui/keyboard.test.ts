import { EventEmitter } from 'node:events';
import type { ReadStream } from 'node:tty';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Keyboard } from '../../src/ui/keyboard.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A keyboard in raw mode, a way to type on it, and what it passed on. */
function keyboard() {
  const line = Object.assign(new EventEmitter(), {
    ...{ setRawMode() {}, pause() {}, resume() {} },
    setEncoding: () => line,
  });
  const keys = new Keyboard(line as unknown as ReadStream).setRawMode(true);
  const passed = () => {
    const text: Buffer | null = keys.read();
    return text === null ? '' : text.toString();
  };
  return { keys, passed, type: (text: string) => line.emit('data', text) };
}

test('what one key sends stays together, however slowly it comes', () => {
  const { type, passed } = keyboard();
  for (const piece of ['\u001b', '[', '6']) {
    type(piece);
    vi.advanceTimersByTime(40);
    expect(passed()).toBe('');
  }
  type('~');
  expect(passed()).toBe('\u001b[6~');
});

test('whole keys pass at once, and the one that has begun after them with its end', () => {
  const { type, passed } = keyboard();
  type('jj\u001b[B');
  expect(passed()).toBe('jj\u001b[B');
  type('j\u001bO');
  type('A');
  expect(passed()).toBe('j\u001bOA');
});

test('the Esc key passes when nothing follows it, and at the latest when the keyboard is let go of', () => {
  const { keys, type, passed } = keyboard();
  type('\u001b');
  vi.advanceTimersByTime(50);
  expect(passed()).toBe('\u001b');
  type('\u001b');
  keys.setRawMode(false);
  expect(passed()).toBe('\u001b');
  type('j');
  expect(passed()).toBe('');
});
