import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { BINARY } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Terminal } from '../support/terminal.ts';
import { Walk } from './walk.ts';
import { dayOf, quietChargers, writeWorld } from './worlds.ts';

const SIZE = { columns: 120, rows: 24 };
const SLOW_LINE = new URL('../support/slow-line.mjs', import.meta.url).pathname;
/** To its last row, which is another than that of the chargers: GNU screen draws in pieces, and half of it would still be the screen before. */
const LADDER = /^ \/ocpp\/CP1 +base\.db[\s\S]*\n Enter open {2}[^\n]*(?<!\/41)$/;
const CHARGERS = /▸▲ \/ocpp\/CP1[\s\S]*q quit +1\/41$/;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A program on a terminal, in a folder that holds `base.db` and `next.db`. */
async function start(file: string, ...args: string[]): Promise<Walk & { terminal: Terminal }> {
  const folder = temporaryFolder();
  const quiet = quietChargers(40, 2);
  await writeWorld(join(folder, 'base.db'), { scripts: [dayOf('CP1', 1, false), ...quiet] });
  await writeWorld(join(folder, 'next.db'), { scripts: [dayOf('CP1', 1, true), ...quiet] });
  writeFileSync(join(folder, 'tmux.conf'), 'set -g status off\nset -g escape-time 10\n');
  const terminal = new Terminal(file, args, SIZE, { TZ: 'UTC' }, folder);
  cleanUps.push(() => terminal.close());
  return Object.assign(new Walk(terminal, 'live'), { terminal });
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program]);
    return true;
  } catch {
    return false;
  }
}

/** Arguments of a tmux of its own, which shows one program and ends with it. */
function tmux(...program: string[]): string[] {
  const name = `chargetape-test-${process.pid}`;
  cleanUps.push(() => {
    try {
      execFileSync('tmux', ['-L', name, 'kill-server'], { stdio: 'ignore' });
    } catch {
      // It has ended with its program.
    }
  });
  return ['-L', name, '-f', 'tmux.conf', 'new-session', ...program];
}

/** Keys that come as several bytes, an Esc, a prompt, and another size. */
async function use(walk: Walk & { terminal: Terminal }): Promise<void> {
  await walk.sees(CHARGERS);
  await walk.key('down', /\s2\/41$/);
  await walk.key('pageDown', /\s\d\d\/41$/);
  await walk.key('home', /\s1\/41$/);
  await walk.key('return', LADDER, 'session');
  await walk.key('escape', CHARGERS, 'live');
  await walk.key('/', / filter:/);
  await walk.type('charger:QUIET*\r', /filter: charger:QUIET\*[\s\S]*\s1\/40$/);
  await walk.key('escape', CHARGERS);
  walk.terminal.resize({ columns: 90, rows: 30 });
  await walk.sees(/^ ■ capture[\s\S]*\n {3}charger .*faults\n▸▲ \/ocpp\/CP1[\s\S]*q quit +1\/41$/);
  await expect.poll(() => walk.terminal.rows().filter((row) => row.includes('/ocpp/QUIET')).length).toBe(23);
  walk.terminal.press('q');
  expect(await walk.terminal.exited).toEqual({ exitCode: 0, signal: 0 });
}

test('keys and sizes are right behind a line with 100 ms of delay that brings keys byte by byte', async () => {
  await use(await start(process.execPath, SLOW_LINE, BINARY, 'ui', 'base.db'));
});

test.skipIf(!isInstalled('tmux'))('keys and sizes are right inside tmux', async () => {
  await use(await start('tmux', ...tmux(BINARY, 'ui', 'base.db')));
});

test.skipIf(!isInstalled('screen'))('keys and sizes are right inside GNU screen', async () => {
  await use(await start('screen', '-c', '/dev/null', '-U', BINARY, 'ui', 'base.db'));
});

test.skipIf(!isInstalled('tmux'))('Ctrl-Z leads to the shell, and fg back to the same screen', async () => {
  const walk = await start('tmux', ...tmux('bash', '--norc', '--noprofile'));
  await walk.sees(/^bash-\S+[#$]/m);
  await walk.type(`${BINARY} ui base.db\r`, CHARGERS);
  await walk.key('down', /\s2\/41$/);
  await walk.key('ctrl-z', /Stopped/);
  await walk.type('echo "typed $((6 * 7))"\r', /^typed 42$/m);
  await walk.type('fg\r', /▸. \/ocpp\/QUIET[\s\S]*\s2\/41$/);
  await walk.key('up', CHARGERS);
  await walk.type('q', /[#$] fg\n.* ui base\.db\n+bash-\S+[#$]/);
  await walk.type('echo "left with $?"\r', /^left with 0$/m);
});

test.each([
  ['findings', []],
  ['finding', [['\r', /1 of 32/]]],
  ['live', [['1', CHARGERS]]],
  [
    'message',
    [
      ['1', CHARGERS],
      ['\r', /\/ocpp\/CP1 +base\.db/],
      ['\r', /handshake {2}/],
    ],
  ],
  [
    'session, its help',
    [
      ['1', CHARGERS],
      ['2', /\/ocpp\/CP1 +base\.db/],
      ['?', /Keys in the ladder/],
    ],
  ],
  ['a prompt', [['a', /Accept: /]]],
] as const)('Ctrl-C typed on %s ends the screens as SIGINT does', async (_, steps) => {
  const walk = await start(BINARY, 'ui', 'base.db', 'next.db');
  await walk.sees(/\s1\/32$/);
  for (const [key, shows] of steps) await walk.type(key, shows);
  walk.terminal.press('\u0003');
  expect(await walk.terminal.exited).toEqual({ exitCode: 130, signal: 0 });
  expect(walk.terminal.isAlternate).toBe(false);
  expect(walk.terminal.raw).toContain('\u001b[?25h');
});
