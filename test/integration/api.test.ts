import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { TLSSocket } from 'node:tls';
import { ChargetapeError, diff, record, replay, report } from 'chargetape';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { authority } from '../support/certificates.ts';
import { rpcClient } from '../support/rpc-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';

/** Drives one charger of an independent implementation through a boot and an authorisation. */
async function charge(url: string): Promise<void> {
  const charger = rpcClient({ endpoint: url, identity: 'API-1' });
  await charger.connect();
  await charger.call('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' });
  await charger.call('Authorize', { idTag: 'TAG-1' });
  await charger.close();
}

/** A recording of one charger at the test CSMS. */
async function recorded(folder: string): Promise<string> {
  const csms = await startTestCsms({});
  const out = join(folder, 'fleet.db');
  const recorder = await record({ upstream: csms.url, out, label: 'release 1' });
  await charge(recorder.url);
  const { connections, frames } = await recorder.stop();
  await csms.close();
  expect(connections).toBe(1);
  expect(frames).toBeGreaterThanOrEqual(4);
  return out;
}

/** Starts the next release, as a project's own test would. */
const startCsms = (switches: string[]) => startTestCsms({ switches });

const root = resolve(import.meta.dirname, '../..');

describe('the API', () => {
  it('is used in the README as it is here', () => {
    const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
    const example = /## In a test suite\n[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const lines = example.slice(example.indexOf('const { incomplete }')).split('\n').slice(0, 6);
    const here = readFileSync(import.meta.filename, 'utf8');
    expect(lines.filter((line) => line.trim() !== '')).toHaveLength(5);
    for (const line of lines) expect(here).toContain(line.trim());
  });

  it('finds nothing when the next release answers alike', async () => {
    const folder = temporaryFolder();
    const recording = await recorded(folder);
    const csms = await startCsms([]);
    const run = join(folder, 'run.db');

    const { incomplete } = await replay({ recording, target: csms.url, out: run, speed: 'max' });
    const comparison = await diff({ baseline: recording, candidate: run });
    await csms.close();

    expect(incomplete).toEqual([]);
    expect(comparison.verdict, report(comparison, 'text')).toBe('same');
  });

  it('says what a release does differently', async () => {
    const folder = temporaryFolder();
    const recording = await recorded(folder);
    const csms = await startCsms(['boot-interval']);
    const run = join(folder, 'run.db');
    await replay({ recording, target: csms.url, out: run, speed: 'max', wait: 3 });
    await csms.close();
    const { verdict, findings } = await diff({ baseline: recording, candidate: run });
    expect(verdict).toBe('different');
    expect(findings.map(({ kind, action, path }) => `${kind} ${action} ${path}`)).toEqual([
      'field-changed BootNotification /interval',
    ]);
  });

  it('records and replays with TLS on both legs, and with passwords', async () => {
    const folder = temporaryFolder();
    const ca = await authority();
    const path = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const server = await ca.issue('csms');
    const asked: { encrypted: boolean; authorization: string | undefined }[] = [];
    const https = createServer(server);
    const sockets = new WebSocketServer({ server: https });
    sockets.on('connection', (socket, { socket: raw, headers }) => {
      asked.push({ encrypted: raw instanceof TLSSocket, authorization: headers.authorization });
      socket.on('message', (text) => socket.send(`[3,"${JSON.parse(String(text))[1]}",{}]`));
    });
    https.listen(0, '127.0.0.1');
    await once(https, 'listening');
    onTestFinished(() => void https.close());
    const upstream = `wss://127.0.0.1:${(https.address() as AddressInfo).port}`;
    const out = join(folder, 'fleet.db');
    const recorder = await record({
      upstream,
      out,
      tls: {
        certificates: [{ cert: path('cert.pem', server.cert), key: path('key.pem', server.key) }],
        upstreamCa: path('ca.pem', ca.cert),
      },
    });
    expect(recorder.url).toMatch(/^wss:/);
    const charger = new WebSocket(`${recorder.url}/ocpp/CP1`, 'ocpp1.6', { ca: ca.cert });
    await once(charger, 'open');
    charger.send('[2,"1","Heartbeat",{}]');
    await once(charger, 'message');
    charger.close();
    await once(charger, 'close');
    await recorder.stop();

    const run = join(folder, 'run.db');
    const passwords = { CP1: 'mine', '*': 'of all others' };
    const tls = { ca: ca.cert };
    const { incomplete } = await replay({
      ...{ recording: out, target: upstream, out: run },
      ...{ speed: 'max', tls, passwords },
    });
    expect(incomplete).toEqual([]);
    const basic = `Basic ${Buffer.from('CP1:mine').toString('base64')}`;
    expect(asked).toEqual([
      { encrypted: true, authorization: undefined },
      { encrypted: true, authorization: basic },
    ]);
  });

  it('rejects with the code that the command line exits with', async () => {
    const folder = temporaryFolder();
    const error = await diff({ baseline: join(folder, 'none.db'), candidate: join(folder, 'none.db') }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ChargetapeError);
    expect(error).toMatchObject({ code: 'NO_SUCH_FILE', exitCode: 2 });
    const out = join(folder, 'x.db');
    await expect(record({ upstream: 'ftp://x', out })).rejects.toMatchObject({ code: 'BAD_URL' });
  });
});
