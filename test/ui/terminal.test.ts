import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { Terminal } from '../support/terminal.ts';

const SCRIPT = fileURLToPath(new URL('show-fixture.ts', import.meta.url));
const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 120, rows: 40 };

let terminal: Terminal;
afterEach(() => terminal.close());

function start(size: { columns: number; rows: number }, env: NodeJS.ProcessEnv = {}): Terminal {
  terminal = new Terminal(process.execPath, [SCRIPT], size, env);
  return terminal;
}

test('a small terminal shows the list, a finding and its exact text, and is given back', async () => {
  start(SMALL);
  await terminal.shows(/^ ! incomplete {3}4 findings/);
  await terminal.shows(/▸ ▲ high/);
  await terminal.shows(/\n Enter payloads {2}n next {2}N previous {2}i summary {2}\? help {2}q quit$/);
  expect(terminal.isAlternate).toBe(true);
  terminal.press('\u001b[B\u001b[B');
  await terminal.shows(/▸ ◆ medium/);
  terminal.press('\r');
  await terminal.shows(/^- {3}"interval": 20\n\+ {3}"interval": 300$/m);
  terminal.press('\t');
  await terminal.shows(/exact text/);
  terminal.press('?');
  await terminal.shows(/Keys in the payloads/);
  terminal.press('\u001b');
  await terminal.shows(/exact text/);
  terminal.press('q');
  expect(await terminal.exited).toEqual({ exitCode: 0, signal: 0 });
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.rows().slice(0, 2)).toEqual(['before the screen', 'after the screen']);
});

test('a large terminal shows the payloads side by side, and a resize lays them out anew', async () => {
  start(LARGE);
  await terminal.shows(/▸ ▲ high/);
  terminal.press('nn\r');
  await terminal.shows(/^- {3}"interval": 20 +│\+ {3}"interval": 300$/m);
  terminal.resize(SMALL);
  await terminal.shows(/^- {3}"interval": 20\n\+ {3}"interval": 300$/m);
  await terminal.shows(/\n Esc back .*q quit$/);
});

test('the colours are gone with NO_COLOR, and inverse text is not', async () => {
  start(SMALL, { NO_COLOR: '1' });
  await terminal.shows(/▸ ▲ high/);
  const looks = terminal.raw.split('\u001b[').map((part) => /^[\d;]*m/.exec(part)?.[0]);
  expect(looks.filter((look) => look && /3[0-7]m/.test(look))).toEqual([]);
  expect(looks).toContain('7m');
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s gives the terminal back and ends the program', async (name, exitCode) => {
  start(SMALL);
  await terminal.shows(/▸ ▲ high/);
  process.kill(terminal.pid, name);
  expect(await terminal.exited).toEqual({ exitCode, signal: 0 });
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.raw).toContain('\u001b[?25h');
});

test('Ctrl-C does what SIGINT does', async () => {
  start(SMALL);
  await terminal.shows(/▸ ▲ high/);
  terminal.press('\u0003');
  expect(await terminal.exited).toEqual({ exitCode: 130, signal: 0 });
  expect(terminal.isAlternate).toBe(false);
});

test('a crash gives the terminal back and shows the error there', async () => {
  start(SMALL, { CRASH: '1' });
  await terminal.shows(/▸ ▲ high/);
  process.kill(terminal.pid, 'SIGUSR2');
  expect(await terminal.exited).toMatchObject({ exitCode: 1 });
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.rows().join('\n')).toContain('planted crash');
});
