import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape, type Finished, startRecorder } from '../support/binary.ts';
import { type OperatedCsms, startOperatedCsms } from '../support/operated-csms.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { rpcClient } from '../support/rpc-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOKEN = 'canary-of-a-token';
const IDENTITY = 'CP 7';
const at = () => new Date().toISOString();

let work = '';
let recording = '';
const cleanUps: (() => void)[] = [];

/** An operator at the CSMS's own interface. */
async function press(csms: OperatedCsms, what: 'start' | 'stop', body: object): Promise<void> {
  const url = `http://127.0.0.1:${csms.port}/stations/${encodeURIComponent(IDENTITY)}/${what}`;
  const headers = { authorization: `Bearer ${TOKEN}` };
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(200);
}

/** Records a charger whose transaction an operator starts and stops. */
async function record(): Promise<void> {
  const csms = await startOperatedCsms(10, TOKEN);
  const recorder = await startRecorder(`ws://127.0.0.1:${csms.port}`, recording);
  const client = rpcClient({ endpoint: recorder.url, identity: IDENTITY, strictMode: true });
  const commands = ['RemoteStartTransaction', 'RemoteStopTransaction'].map((action) => {
    return new Promise<void>((resolve) => {
      client.handle(action, async () => {
        setImmediate(resolve);
        return { status: 'Accepted' };
      });
    });
  });
  await client.connect();
  await client.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  await client.call('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available' });
  await press(csms, 'start', { connector: 2, tag: 'REMOTE' });
  await commands[0];
  await client.call('Authorize', { idTag: 'REMOTE' });
  const start = { connectorId: 2, idTag: 'REMOTE', meterStart: 0, timestamp: at() };
  const { transactionId } = (await client.call('StartTransaction', start)) as { transactionId: number };
  await client.call('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Charging' });
  await press(csms, 'stop', { transaction: transactionId });
  await commands[1];
  await client.call('StopTransaction', { transactionId, meterStop: 9, timestamp: at(), reason: 'Remote' });
  await client.call('Heartbeat', {});
  const closed = once(client, 'close');
  await client.close();
  await closed;
  await recorder.stop();
  expect(csms.transactions).toEqual([
    { id: 10, station: IDENTITY, connector: 2, tag: 'REMOTE', stopped: true },
  ]);
  await csms.close();
}

beforeAll(async () => {
  work = temporaryFolder((cleanUp) => cleanUps.push(cleanUp));
  recording = join(work, 'capture.db');
  await record();
});

afterAll(() => {
  for (const cleanUp of cleanUps) cleanUp();
});

/** Replays that recording against a CSMS of its own with a command file, and compares. */
async function replayed(
  name: string,
  commands: object | null,
  args: string[] = [],
): Promise<Finished & { csms: OperatedCsms; run: string; comparison: Record<string, never> }> {
  const csms = await startOperatedCsms(7_000, TOKEN);
  const run = join(work, `${name}.db`);
  const file = join(work, `${name}.json`);
  if (commands) writeFileSync(file, JSON.stringify(commands));
  const finished = await chargetape(
    [
      ...['replay', recording, '--target', `ws://127.0.0.1:${csms.port}`, '--out', run, '--json'],
      ...['--speed', 'max', '--wait', '3', '--no-cleanup'],
      ...(commands ? ['--commands', file] : []),
      ...args,
    ],
    { env: { OPERATOR_TOKEN: TOKEN, CSMS_API: `http://127.0.0.1:${csms.port}` } },
  );
  await csms.close();
  const comparison = finished.stdout === '' ? {} : JSON.parse(finished.stdout);
  return { ...finished, csms, run, comparison };
}

/** The file of the README's example. */
const requests = JSON.parse(readFileSync(new URL('../../fixtures/commands.json', import.meta.url), 'utf8'));

/** `${name}`, as a template has it. */
const place = (name: string) => `\${${name}}`;

const REPRODUCED = [{ id: 7_000, station: IDENTITY, connector: 2, tag: 'REMOTE', stopped: true }];
const ALL = [
  'BootNotification',
  'StatusNotification',
  'Authorize',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
  'Heartbeat',
];

describe.concurrent('commands that people start', () => {
  it('are driven through the own interface of the CSMS, and the recorded transaction takes place again', async () => {
    const { code, comparison, csms, stderr } = await replayed('driven', requests);
    expect(csms.transactions).toEqual(REPRODUCED);
    expect(csms.calls).toEqual(ALL);
    expect(csms.requests.map(({ body }) => body)).toEqual([
      { connector: 2, tag: 'REMOTE' },
      { transaction: 7_000 },
    ]);
    expect(comparison).toMatchObject({ verdict: 'same', findings: [], summary: { commandsCompared: 2 } });
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('stimulated');
  });

  it('are driven by a program', async () => {
    const script = `
      const [token, stations, identity, what, body] = process.argv.slice(1);
      const headers = {authorization: 'Bearer ' + token};
      const url = stations + encodeURIComponent(identity) + '/' + what;
      const answer = await fetch(url, {method: 'POST', headers, body});
      process.exit(answer.ok ? 0 : 1);`;
    const program = [process.execPath, '--input-type=module', '-e', script, place('env:OPERATOR_TOKEN')];
    const words = [...program, `${place('env:CSMS_API')}/stations/`, place('identity')];
    const start = `{"connector":${place('connectorId')},"tag":"${place('idTag')}"}`;
    const { code, csms, stderr } = await replayed('program', {
      drivers: {
        RemoteStartTransaction: { run: [...words, 'start', start] },
        RemoteStopTransaction: { run: [...words, 'stop', `{"transaction":${place('transactionId')}}`] },
      },
    });
    expect(csms.transactions, stderr).toEqual(REPRODUCED);
    expect(code, stderr).toBe(0);
  });

  it('are not stimulated without a driver: nothing is different, and what depends on them is counted', async () => {
    const { code, comparison, csms, stderr, run } = await replayed('undriven', null);
    expect(csms.transactions).toEqual([]);
    expect(csms.calls).toEqual(['BootNotification', 'StatusNotification', 'StatusNotification', 'Heartbeat']);
    expect(comparison).toMatchObject({
      verdict: 'same',
      findings: [],
      summary: {
        notComparedReasons: {
          'call not sent': 3,
          'external RemoteStartTransaction that did not come': 1,
          'external RemoteStopTransaction that did not come': 1,
        },
      },
    });
    expect(code).toBe(0);
    expect(stderr).toContain('not stimulated: 1 RemoteStartTransaction; 3 messages left out\n');
    expect(stderr).toContain('not stimulated: 1 RemoteStopTransaction\n');
    expect(recordedValue(run, "SELECT count(*) FROM departure WHERE kind = 'not-stimulated'")).toBe(2);
  });

  it('are not stimulated by a driver that fails, which says why and keeps its secret', async () => {
    const { request } = requests.drivers.RemoteStartTransaction;
    const headers = { Authorization: `Bearer x${place('env:OPERATOR_TOKEN')}` };
    const { code, comparison, csms, stderr, stdout } = await replayed('refused', {
      drivers: { RemoteStartTransaction: { request: { ...request, headers } } },
    });
    expect(csms.requests.map(({ status }) => status)).toEqual([403]);
    expect(comparison).toMatchObject({ verdict: 'same', findings: [] });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /not stimulated: 1 RemoteStartTransaction \(POST http:\/\/127\.0\.0\.1:\d+\S+ answered 403/,
    );
    expect(stderr + stdout).not.toContain(TOKEN);
  });

  it('are missing when somebody asked for them and the CSMS did not send them', async () => {
    const { code, comparison } = await replayed('deaf', {
      drivers: { RemoteStartTransaction: { run: [process.execPath, '-e', ''] } },
    });
    expect(comparison).toMatchObject({
      verdict: 'incomplete',
      findings: [{ kind: 'command-missing', action: 'RemoteStartTransaction', count: 1 }],
      summary: { incompleteSessions: [{ reason: 'The CSMS did not send RemoteStartTransaction.' }] },
    });
    expect(code).toBe(3);
  });

  it('are reactions when the file says so: then they must come', async () => {
    const { code, comparison } = await replayed('reaction', { reaction: ['RemoteStartTransaction'] });
    expect(comparison).toMatchObject({
      verdict: 'incomplete',
      findings: [{ kind: 'command-missing', action: 'RemoteStartTransaction' }],
    });
    expect(code).toBe(3);
  });

  it('end the session when they do not come, under --on-missing-command stop', async () => {
    const { code, csms } = await replayed('stop', null, ['--on-missing-command', 'stop']);
    expect(csms.calls).toEqual(['BootNotification', 'StatusNotification']);
    expect(code).toBe(3);
  });

  it('need not come for what they provoke, under --on-missing-command continue', async () => {
    const { code, csms } = await replayed('continue', null, ['--on-missing-command', 'continue']);
    expect(csms.calls).toEqual(ALL);
    expect(csms.transactions).toEqual(REPRODUCED);
    expect(code).toBe(0);
  });

  it.each<[string, object, string[]]>([
    ['names an action that no CSMS sends', { external: ['Heartbeat'] }, ['BAD_COMMANDS']],
    ['has a driver without url and words', { drivers: { Reset: {} } }, ['BAD_COMMANDS', 'Reset']],
    [
      'sends a request to a host that is not allowed',
      { drivers: { Reset: { request: { url: 'http://192.0.2.1/reset' } } } },
      ['TARGET_REFUSED', '192.0.2.1:80'],
    ],
  ])('are refused with exit 2 when the file %s', async (name, commands, said) => {
    const { code, stderr, csms } = await replayed(name.replaceAll(' ', '-'), commands);
    expect(code).toBe(2);
    for (const word of said) expect(stderr).toContain(word);
    expect(csms.calls).toEqual([]);
  });
});
