import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RPCServer } from 'ocpp-rpc';
import { afterEach, expect, test } from 'vitest';
import { openRecording } from '../../src/store/reader.ts';
import { BINARY } from '../support/binary.ts';
import { rpcClient } from '../support/rpc-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Terminal } from '../support/terminal.ts';
import { Walk } from './walk.ts';

const CRASH_ON_SIGNAL = new URL('../support/crash-on-signal.mjs', import.meta.url).href;
const SIZE = { columns: 120, rows: 24 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** `chargetape` on a terminal in this folder. */
function onTerminal(folder: string, args: string[], env: NodeJS.ProcessEnv = {}): Terminal {
  const terminal = new Terminal(BINARY, args, SIZE, { TZ: 'UTC', ...env }, folder);
  cleanUps.push(() => terminal.close());
  return terminal;
}

/** A CSMS that answers everything with what a heartbeat is answered with, and asks nothing. */
async function startCsms(): Promise<string> {
  const server = new RPCServer({ protocols: ['ocpp1.6'] } as ConstructorParameters<typeof RPCServer>[0]);
  server.on('client', (client) => client.handle(() => ({ currentTime: '2026-01-01T00:00:00Z' })));
  const http = await server.listen(0, '127.0.0.1');
  cleanUps.push(() => server.close({ force: true }));
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** A recorder with its screens, before a CSMS. */
async function record(env: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder();
  const args = ['--upstream', await startCsms(), '--listen', '127.0.0.1:0', '--out', 'live.db'];
  const terminal = onTerminal(folder, ['record', ...args], env);
  const walk = new Walk(terminal, 'live');
  await walk.sees(/recording, pid \d+[\s\S]*Chargers connect to ws:\/\/\S+\d/);
  const screen = terminal.rows().join('\n');
  const pid = Number(/pid (\d+)/.exec(screen)?.[1]);
  const url = /Chargers connect to (ws:\/\/\S+\d)/.exec(screen)?.[1] ?? '';
  cleanUps.push(() => {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  return { folder, terminal, walk, pid, url };
}

async function connect(url: string, identity: string) {
  const client = rpcClient({ endpoint: `${url}/ocpp`, identity, strictMode: false });
  await client.connect();
  cleanUps.push(() => client.close({ force: true }));
  return client;
}

const boot = { chargePointVendor: 'V', chargePointModel: 'M' };

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function framesOf(file: string): Promise<number> {
  const reader = await openRecording(file);
  try {
    let frames = 0;
    for await (const summary of reader.summaries()) frames += summary.frames;
    return frames;
  } finally {
    reader.close();
  }
}

test('the list and the ladder follow a recording, and yield to the reader', async () => {
  const { walk, terminal, url } = await record();
  const client = await connect(url, 'CP-1');
  await client.call('BootNotification', boot);
  await walk.sees(/\/ocpp\/CP-1 +● online/);
  await connect(url, 'CP-2');
  await walk.sees(/\/ocpp\/CP-2 +● online/);
  await walk.sees(/worst first · follows/);
  await walk.key('down', /held still/);
  await walk.key('f', /worst first · follows/);
  await walk.key('f', /held still/);
  await walk.key('f', /follows[\s\S]*▸. \/ocpp\/CP-1/);
  await walk.key('return', /\/ocpp\/CP-1 +live\.db/, 'session');
  await walk.key('f', /follows/);
  await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
  await walk.sees(/▸.*← StatusNotification/);
  await walk.key('up', /▸.*StatusNotification NoError Available/);
  await client.call('Heartbeat', {});
  await walk.sees(/▸.*StatusNotification NoError Available[\s\S]*← Heartbeat[\s\S]*\s4\/7$/);
  await walk.key('q', /is running[\s\S]*s stop it/);
  await walk.type('\u001b', /(a accept|y copy) .*q quit/);
  await walk.key('q', /is running/);
  await walk.type('s', /stopped: 2 connections, 6 frames in live\.db/);
  expect(await terminal.exited).toEqual({ exitCode: 0, signal: 0 });
  expect(terminal.isAlternate).toBe(false);
});

test('killing the screens leaves recorder and terminal alone, and the recording can be come back to', async () => {
  const { folder, terminal, pid, url } = await record();
  const client = await connect(url, 'CP-1');
  await client.call('BootNotification', boot);
  process.kill(terminal.pid, 'SIGKILL');
  expect(await terminal.exited).toMatchObject({ signal: 9 });
  await client.call('Heartbeat', {});
  expect(isRunning(pid)).toBe(true);

  const again = onTerminal(folder, ['ui', 'live.db', '--follow']);
  const walk = new Walk(again, 'live');
  await walk.sees(/● growing[\s\S]*\/ocpp\/CP-1 +● online/);
  await client.call('Heartbeat', {});
  await walk.sees(/3 calls/);
  again.press('q');
  expect(await again.exited).toEqual({ exitCode: 0, signal: 0 });
  expect(isRunning(pid)).toBe(true);

  const closed = once(client, 'close');
  process.kill(pid, 'SIGTERM');
  await closed;
  await expect.poll(() => isRunning(pid), { interval: 20, timeout: 10_000 }).toBe(false);
  expect(await framesOf(join(folder, 'live.db'))).toBe(6);
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['\u0003', 130],
] as const)(
  '%j ends the screens, gives the terminal back and leaves the recorder running',
  async (signal, exitCode) => {
    const { terminal, pid } = await record();
    if (signal === '\u0003') terminal.press(signal);
    else process.kill(terminal.pid, signal);
    expect(await terminal.exited).toEqual({ exitCode, signal: 0 });
    expect(terminal.isAlternate).toBe(false);
    expect(terminal.raw).toContain('\u001b[?25h');
    expect(terminal.rows().join('\n')).toContain(`the recorder goes on: pid ${pid}`);
    expect(isRunning(pid)).toBe(true);
  },
);

test('a mistake of the screens ends them in one sentence, gives the terminal back and leaves the recorder running', async () => {
  const { terminal, pid, url } = await record({ NODE_OPTIONS: `--import=${CRASH_ON_SIGNAL}` });
  const client = await connect(url, 'CP-1');
  process.kill(terminal.pid, 'SIGUSR2');
  expect(await terminal.exited).toEqual({ exitCode: 3, signal: 0 });
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.raw).toContain('\u001b[?25h');
  expect(terminal.raw).toContain(`the recorder goes on: pid ${pid}`);
  expect(terminal.raw.match(/planted/g)).toHaveLength(1);
  expect(terminal.raw).toMatch(
    /error SCREENS_FAILED: The screens have failed: planted \(file:\S+crash-on-signal\.mjs:\d+\)\. A recorder goes on/,
  );
  await client.call('BootNotification', boot);
  expect(isRunning(pid)).toBe(true);
});

test('Ctrl-Z stops the screens only; a recorder that cannot start says why and leaves no log', async () => {
  const { folder, walk, terminal, pid, url } = await record();
  const client = await connect(url, 'CP-1');
  await walk.sees(/CP-1 +● online/);
  // This terminal has no shell that could stop the group: the screens come back at once.
  await walk.key('ctrl-z', /CP-1 +● online/);
  await client.call('BootNotification', boot);
  await walk.sees(/\/ocpp\/CP-1 +● online.* 1 /);
  terminal.press('q');
  await walk.sees(/is running/);
  terminal.press('l');
  expect(await terminal.exited).toEqual({ exitCode: 0, signal: 0 });
  expect(isRunning(pid)).toBe(true);
  const failed = onTerminal(folder, ['record', '--upstream', 'ws://127.0.0.1:1', '--out', 'live.db']);
  expect(await failed.exited).toEqual({ exitCode: 2, signal: 0 });
  expect(failed.rows().join('\n')).toContain('error OUT_EXISTS');
  const other = onTerminal(folder, ['record', '--upstream', 'nonsense', '--out', 'other.db']);
  expect(await other.exited).toEqual({ exitCode: 2, signal: 0 });
  expect(existsSync(join(folder, 'other.log'))).toBe(false);
});
