import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { RPCServer } from 'ocpp-rpc';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BINARY } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Terminal } from '../support/terminal.ts';
import { pictureOf } from './picture.ts';
import { bigPayload, growing, longSession, threeHundred, writeFleet, writeGap } from './states.ts';
import { Walk } from './walk.ts';
import { dayOf, quietChargers, writeWorld } from './worlds.ts';

/** Screens as a person has approved them. APPROVE=1 writes them anew, as text and as pictures: look at them before you commit. */
const APPROVED = resolve(import.meta.dirname, '../../fixtures/screens');
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
];

let folder = '';
const after: (() => unknown)[] = [];
let terminal: Terminal;

beforeAll(async () => {
  folder = temporaryFolder((cleanUp) => after.push(cleanUp));
  const at = (name: string) => join(folder, name);
  await writeFleet(at('fleet.db'));
  await writeWorld(at('long.db'), { scripts: [longSession()] });
  await writeWorld(at('base.db'), { scripts: [dayOf('CP1', 1, false), ...quietChargers(40, 2)] });
  await writeWorld(at('a300.db'), { scripts: [threeHundred(false)] });
  await writeWorld(at('b300.db'), { scripts: [threeHundred(true)] });
  await writeWorld(at('big.db'), { scripts: [bigPayload()] });
  await writeWorld(at('empty.db'), { scripts: [] });
  await writeGap(at('gap.db'));
}, 120_000);
afterEach(() => terminal?.close());
afterAll(async () => {
  for (const cleanUp of after.reverse()) await cleanUp();
});

/** Starts the interface at the smallest size. */
function start(...args: string[]): Walk {
  terminal = new Terminal(BINARY, args, { columns: 80, rows: 24 }, { TZ: 'UTC' }, folder);
  return new Walk(terminal, 'live');
}

/**
 * Looks at the screen at each size. `high` is what only the higher ones show; `same` makes of a line what is the same at any time.
 */
async function approve(
  name: string,
  walk: Walk,
  settled: RegExp,
  { high = settled, same = (line) => line }: { high?: RegExp; same?: (line: string) => string } = {},
): Promise<void> {
  for (const size of SIZES) {
    terminal.resize(size);
    // The footer stands in the last row once the screen is drawn at its new size.
    await walk.sees(/q quit[^\n]*$/);
    await walk.sees(settled);
    if (size.rows >= 40) await walk.sees(high);
    await walk.settles();
    const text = `${terminal.rows().map(same).join('\n')}\n`;
    const file = join(APPROVED, `${name}-${size.columns}x${size.rows}.txt`);
    if (process.env.APPROVE) {
      mkdirSync(APPROVED, { recursive: true });
      writeFileSync(file, text);
      writeFileSync(file.replace('.txt', '.svg'), pictureOf(terminal));
    }
    expect(existsSync(file), file).toBe(true);
    expect(text).toBe(readFileSync(file, 'utf8'));
  }
}

test('live with 12,000 chargers, the worst first', async () => {
  const walk = start('ui', 'fleet.db');
  await walk.sees(/12,000 chargers(?![\s\S]*reading)[\s\S]*CP-09000/);
  await approve('live', walk, /1\/12,000$/);
});

test('a session of 10,000 rows with malformed frames and reconnects', async () => {
  const walk = start('ui', 'long.db');
  await walk.sees(/LONG-1/);
  await walk.key(
    'return',
    /LONG-1 +long\.db(?![\s\S]*reading)[\s\S]*\/10,000$|LONG-1 +long\.db(?![\s\S]*reading)[\s\S]*\/9,99\d$/,
    'session',
  );
  await walk.key('n', /▸▲.*malformed/);
  await approve('session', walk, /▸▲.*malformed[\s\S]*\/(10,000|9,99\d)$/, { high: /^ \{"broken"/m });
});

test('findings with 300 entries', async () => {
  const walk = start('ui', 'a300.db', 'b300.db');
  await walk.sees(/300 findings/);
  await approve('findings', walk, /1\/300$/);
});

test('a payload of 100 kB', async () => {
  const walk = start('ui', 'big.db');
  await walk.sees(/BIG-1/);
  await walk.key('return', /GetConfiguration/, 'session');
  await walk.key('G', /▸.*GetConfiguration/);
  await walk.key('return', /charger → CSMS/, 'message');
  await approve('payload', walk, /Setting0"[\s\S]*\/11,?\d+$/);
});

test('an empty recording', async () => {
  const walk = start('ui', 'empty.db');
  await approve('empty', walk, /No charger was recorded/);
});

test('a recording with a gap', async () => {
  const walk = start('ui', 'gap.db');
  await walk.sees(/1 gap/);
  await walk.key('return', /gap 1,234 frames/, 'session');
  await approve('gap', walk, /gap 1,234 frames/, { high: /GET \/ocpp\/CP1/ });
});

test('a recording that grows', async () => {
  const recorder = await growing(join(folder, 'grows.db'));
  after.push(() => recorder.close());
  const walk = start('ui', 'grows.db', '--follow');
  await walk.sees(/● growing[\s\S]*GROWS-1/);
  const same = (line: string) =>
    line
      .replace(/\S*grows\.db/, 'grows.db')
      .replace(/\d+ h \d\d min/, '9999 h 59 min')
      .replace(/(\d|,)+ h/, '9999 h');
  await approve('growing', walk, /GROWS-1/, { same });
});

test('a replay half-way', async () => {
  const server = new RPCServer({ protocols: ['ocpp1.6'] } as ConstructorParameters<typeof RPCServer>[0]);
  // One call is never answered, so that the replay stands still in the middle of a charger's day.
  server.on('client', (client) =>
    client.handle(({ method }: { method: string }) =>
      method === 'Vendor15' ? new Promise(() => undefined) : { currentTime: '2026-01-01T00:00:00Z' },
    ),
  );
  const http = await server.listen(0, '127.0.0.1');
  after.push(() => server.close({ force: true }));
  const target = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const walk = start('replay', 'base.db', '--target', target, '--out', 'run.db', '--speed', 'max');
  await walk.sees(/● replaying/);
  await walk.sees(/40 of 41 chargers over[\s\S]*The answer to Heartbeat/);
  const same = (line: string) =>
    line
      .replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9999')
      .replace(/[\d.]+ m?s so far, about [\d.]+ m?s left/, '9.9 s so far, about 9.9 s left')
      .replace(/( rate| CSMS \d\d %).*/, '$1 (a chart of what is measured)')
      .replace(/── .*so far ─*/, '── findings so far')
      .replace(/×\d+$/, '×9');
  await approve('replay', walk, /40 of 41 chargers over[\s\S]*The answer to Heartbeat/, { same });
});
