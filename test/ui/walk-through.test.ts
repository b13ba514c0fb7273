import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { BINARY, start } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Terminal } from '../support/terminal.ts';
import { Cast } from './cast.ts';
import { Walk } from './walk.ts';

const SIZE = { columns: 110, rows: 32 };
/** How long a person looks at what is new, ms; nothing in a test, which only looks at the outcome. */
const READING_MS = process.env.APPROVE ? 2000 : 0;

let terminal: Terminal;
afterEach(() => terminal.close());

// The walk-through of the README, step by step. APPROVE=1 writes it down as fixtures/walk-through.cast.
test('find the first divergence of the demo, read why, accept one finding, replay again: one finding fewer, exit code 1', async () => {
  const folder = temporaryFolder();
  const cast = new Cast(SIZE);
  const look = () => new Promise((resolve) => setTimeout(resolve, READING_MS));
  terminal = new Terminal(BINARY, ['demo'], SIZE, { TZ: 'UTC' }, folder);
  const walk = new Walk(terminal, 'findings');
  await terminal.shows(/4 findings {2}▲ 4 high/);
  await look();
  await walk.key('d', /▸ ▲ high/);
  await look();
  await walk.key('return', /── - baseline[\s\S]*What passed around it/, 'finding');
  await walk.sees(/▸ +\+0\.000/);
  await look();
  await walk.key('a', /Accept: [\s\S]*silences 1 finding/);
  await look();
  await walk.type('release 5 sets this by itself', /why: release 5 sets this by itself/);
  await look();
  await walk.type('\r', /accepted 1 finding in chargetape\.rules\.yaml/);
  await look();
  await walk.key('escape', /✓ accepted/, 'findings');
  await look();
  terminal.press('q');
  expect(await terminal.exited).toEqual({ exitCode: 0, signal: 0 });
  expect(readFileSync(join(folder, 'chargetape.rules.yaml'), 'utf8')).toContain(
    'reason: release 5 sets this by itself',
  );
  cast.command('chargetape demo');
  cast.add(terminal);
  cast.command(`chargetape demo --serve 0 &`);

  const csms = start(['demo', '--serve', '0'], { cwd: folder });
  const target = /ws:\/\/\S+\d/.exec(await csms.line((line) => line.includes('release 2')))?.[0] ?? '';
  cast.says(`release 2 of the demo's CSMS is at ${target}: replay against it, Ctrl-C ends it\r\n`);
  const capture = readdirSync(join(folder, 'recordings')).find((name) => name.startsWith('demo-capture'));
  const args = ['replay', `recordings/${capture}`, '--target', target, '--rules', 'chargetape.rules.yaml'];
  await terminal.close();
  terminal = new Terminal(BINARY, args, SIZE, { TZ: 'UTC' }, folder);
  const again = new Walk(terminal, 'replay');
  await again.sees(/● replaying/);
  await again.sees(/3 findings {2}▲ 3 high {2}✓ 1 accepted/);
  await look();
  terminal.press('q');
  expect(await terminal.exited).toEqual({ exitCode: 1, signal: 0 });
  cast.command(`chargetape ${args.join(' ')}`);
  cast.add(terminal);
  cast.command('echo $?');
  cast.says('1\r\n');
  csms.child.kill('SIGTERM');
  expect((await csms.finished).code).toBe(0);
  if (process.env.APPROVE) cast.write(resolve(import.meta.dirname, '../../fixtures/walk-through.cast'));
});
