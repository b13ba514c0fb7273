import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RPCServer } from 'ocpp-rpc';
import { afterEach, expect, test } from 'vitest';
import { BINARY } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Terminal } from '../support/terminal.ts';
import { Walk } from './walk.ts';
import { dayOf, quietChargers, writeWorld } from './worlds.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A replay on a terminal, against a CSMS that accepts every tag but answers all else alike. */
async function replay(speed: string): Promise<Terminal> {
  const folder = temporaryFolder();
  await writeWorld(join(folder, 'base.db'), { scripts: [dayOf('CP1', 1, false), ...quietChargers(40, 2)] });
  const server = new RPCServer({ protocols: ['ocpp1.6'] } as ConstructorParameters<typeof RPCServer>[0]);
  const accepted = { idTagInfo: { status: 'Accepted' }, transactionId: 99, status: 'Accepted', interval: 30 };
  server.on('client', (client) =>
    client.handle(() => ({ ...accepted, currentTime: new Date().toISOString() })),
  );
  const http = await server.listen(0, '127.0.0.1');
  cleanUps.push(() => server.close({ force: true }));
  const target = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const args = ['replay', 'base.db', '--target', target, '--speed', speed, '--out', 'run.db'];
  const terminal = new Terminal(BINARY, args, { columns: 120, rows: 24 }, { TZ: 'UTC' }, folder);
  cleanUps.push(() => terminal.close());
  return terminal;
}

test('every key of the replay, which ends in the findings', async () => {
  const terminal = await replay('10');
  const walk = new Walk(terminal, 'replay');
  await walk.sees(/● replaying[\s\S]*left by its schedule[\s\S]*asked ×10 = [\d.]+\/s/);
  await walk.key('return', /! the findings are whole when the replay is over/);
  await walk.key('q', /The replay is running/);
  await walk.type('\u001b', /y copy .*q quit/);
  await walk.sees(/different .*findings/);
  walk.screen = 'findings';
  await walk.key('3', /■ replay over[\s\S]*41 of 41 chargers over/, 'replay');
  await walk.moves();
  await walk.key('f', /! the replay is over/);
  await walk.key('y', /copied the name/);
  await walk.key('Y', /copied the command/);
  await walk.pages(/Keys in the replay/);
  await walk.key('3', /! this is it already/);
  await walk.key('escape', /! this is the first screen/);
  await walk.key('backspace', /! this is the first screen/);
  await walk.key('2', /! select a charger first/);
  await walk.key('1', /worst first/, 'live');
  await walk.key('3', /■ replay over/, 'replay');
  await walk.key('4', /different/, 'findings');
  await walk.key('3', /■ replay over/, 'replay');
  await walk.key('return', /different/, 'findings');
  expect(walk.missing(['replay'], ['q', 'ctrl-c', 'ctrl-z'])).toEqual([]);
  terminal.press('q');
  expect(await terminal.exited).toEqual({ exitCode: 1, signal: 0 });
  expect(terminal.rows().join('\n')).toContain('the run is run.db');
});

test.each([
  ['q', 's'],
  ['\u0003', ''],
])(
  'a replay that is stopped on its screen (%j) is incomplete, and says where the run is',
  async (key, answer) => {
    const terminal = await replay('1');
    const walk = new Walk(terminal, 'replay');
    await walk.sees(/● replaying/);
    terminal.press(key);
    if (answer !== '') await walk.sees(/The replay is running/);
    await walk.type(answer, /stopped; the run so far is in run\.db/);
    expect(await terminal.exited).toEqual({ exitCode: 130, signal: 0 });
  },
);

test('a hundred resizes in two seconds leave a correct screen', async () => {
  const folder = temporaryFolder();
  await writeWorld(join(folder, 'base.db'), { scripts: [dayOf('CP1', 1, false), ...quietChargers(40, 2)] });
  const terminal = new Terminal(BINARY, ['ui', 'base.db'], { columns: 120, rows: 40 }, { TZ: 'UTC' }, folder);
  cleanUps.push(() => terminal.close());
  const walk = new Walk(terminal, 'live');
  await walk.sees(/1\/41$/);
  for (let index = 0; index < 100; index++) {
    terminal.resize({ columns: 60 + ((index * 37) % 140), rows: 15 + ((index * 17) % 45) });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  terminal.resize({ columns: 100, rows: 20 });
  await walk.sees(/^ ■ capture[\s\S]*\n {3}charger .*faults\n▸▲ \/ocpp\/CP1[\s\S]*q quit +1\/41$/);
  expect(terminal.rows().filter((row) => row.includes('/ocpp/QUIET'))).toHaveLength(13);
});
