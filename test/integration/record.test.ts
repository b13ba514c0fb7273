import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RPCServer } from 'ocpp-rpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chargetape, startRecorder } from '../support/binary.ts';
import { recordedFrames, recordedValue, recordingBytes } from '../support/recorded-frames.ts';
import { type RPCClient, rpcClient } from '../support/rpc-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PASSWORD = 'canary-of-a-password';
const NEW_KEY = 'canary0123456789abcdef';

/** Text messages of one peer, as it counted them itself. */
interface Log {
  sent: string[];
  received: string[];
}

function logOf(peer: NodeJS.EventEmitter): Log {
  const log: Log = { sent: [], received: [] };
  peer.on('message', ({ message, outbound }: { message: string; outbound: boolean }) => {
    log[outbound ? 'sent' : 'received'].push(String(message));
  });
  return log;
}

/** An ocpp-rpc CSMS, strict, that demands Basic auth and sends commands of its own. */
async function startCsms(logs: Map<string, Log>): Promise<string> {
  const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true });
  server.auth((accept, reject, { identity, password }) => {
    if (password?.toString() === PASSWORD) accept({ identity });
    else reject(401, 'who are you?');
  });
  server.on('client', (client) => {
    logs.set(client.identity ?? '', logOf(client));
    client.handle('BootNotification', () => {
      void client.call('ChangeConfiguration', { key: 'AuthorizationKey', value: NEW_KEY });
      return { status: 'Accepted', interval: 300, currentTime: new Date().toISOString() };
    });
    client.handle('Heartbeat', () => ({ currentTime: new Date().toISOString() }));
    client.handle('StatusNotification', () => ({}));
  });
  const http = await server.listen(0, '127.0.0.1');
  onTestFinished(() => server.close({ force: true } as never).then(() => undefined));
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function connectCharger(
  endpoint: string,
  identity: string,
): Promise<{ client: RPCClient; log: Log; configured: Promise<unknown> }> {
  const client = rpcClient({
    endpoint,
    identity,
    password: PASSWORD,
    strictMode: true,
  });
  const log = logOf(client as unknown as NodeJS.EventEmitter);
  const configured = new Promise((resolve) => {
    client.handle('ChangeConfiguration', async ({ params }) => {
      resolve(params);
      return { status: 'Accepted' };
    });
  });
  await client.connect();
  return { client, log, configured };
}

/** Text frames of one connection in the recording, by sender. */
function recordedTexts(file: string, identity: string): { charger: string[]; csms: string[] } {
  const connection = recordedValue(
    file,
    `SELECT c.id FROM connection c JOIN session s ON s.id = c.session WHERE s.identity = '${identity}'`,
  );
  const frames = recordedFrames(file).filter(
    (frame) => frame.connection === connection && frame.opcode === 1,
  );
  const texts = (sender: string) =>
    frames.filter((frame) => frame.sender === sender).map((frame) => frame.payload.toString());
  return { charger: texts('charger'), csms: texts('csms') };
}

describe('chargetape record', () => {
  it('records every frame of ocpp-rpc peers byte for byte, in order, and no password', async () => {
    const file = join(temporaryFolder(), 'fleet.db');
    const csmsLogs = new Map<string, Log>();
    const recorder = await startRecorder(await startCsms(csmsLogs), file);
    const identities = Array.from({ length: 10 }, (_, index) => `CP ${index}`);
    const chargers = await Promise.all(identities.map((identity) => connectCharger(recorder.url, identity)));
    await Promise.all(
      chargers.map(async ({ client, configured }) => {
        await client.call('BootNotification', { chargePointVendor: 'Vändor', chargePointModel: 'M' });
        await configured;
        for (let n = 0; n < 50; n++) {
          await client.call('StatusNotification', {
            connectorId: n % 3,
            errorCode: 'NoError',
            status: 'Available',
          });
          await client.call('Heartbeat', {});
        }
        await client.close();
      }),
    );
    const ended = await recorder.stop();
    expect(ended.code, ended.stderr).toBe(0);

    for (const [index, { log }] of chargers.entries()) {
      const csms = csmsLogs.get(identities[index] ?? '');
      expect(csms?.received).toEqual(log.sent);
      expect(log.received).toEqual(csms?.sent);
      const recorded = recordedTexts(file, identities[index] ?? '');
      expect(recorded.charger).toEqual(log.sent);
      expect(recorded.csms).toEqual(csms?.sent.map((text) => text.replace(NEW_KEY, '[redacted]')));
      expect(recorded.csms.filter((text) => text.includes('[redacted]'))).toHaveLength(1);
    }
    expect(recordedValue(file, 'SELECT count(*) FROM frame WHERE flags & 1')).toBe(10);
    const everything = Buffer.concat([recordingBytes(file), Buffer.from(ended.stdout + ended.stderr)]);
    for (const identity of identities) {
      expect(everything.includes(Buffer.from(`${identity}:${PASSWORD}`).toString('base64'))).toBe(false);
    }
    expect(everything.includes(PASSWORD)).toBe(false);
    expect(everything.includes(NEW_KEY)).toBe(false);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  it('has no secret in its database, its WAL or its output while it runs', async () => {
    const file = join(temporaryFolder(), 'fleet.db');
    const recorder = await startRecorder(await startCsms(new Map()), file);
    const { client, configured } = await connectCharger(recorder.url, 'CP1');
    await client.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
    await configured;
    await client.call('Heartbeat', {});
    const bytes = recordingBytes(file);
    expect(bytes.includes('Heartbeat')).toBe(true);
    for (const secret of [PASSWORD, NEW_KEY, Buffer.from(`CP1:${PASSWORD}`).toString('base64')]) {
      expect(bytes.includes(secret)).toBe(false);
    }
    await client.close();
    await recorder.stop();
  });

  it('records a refused charger with the CSMS’s own answer', async () => {
    const file = join(temporaryFolder(), 'refused.db');
    const recorder = await startRecorder(await startCsms(new Map()), file);
    const client = rpcClient({
      endpoint: recorder.url,
      identity: 'STRANGER',
      password: 'wrong',
    });
    await expect(client.connect()).rejects.toThrow('Unauthorized');
    await recorder.stop();
    expect(
      recordedValue(
        file,
        `SELECT status FROM connection c JOIN session s ON s.id = c.session WHERE identity = 'STRANGER'`,
      ),
    ).toBe(401);
    expect(String(recordedValue(file, 'SELECT refusal_body FROM connection'))).toContain('who are you?');
  });

  it('passes ordinary HTTP on', async () => {
    const server = createServer((incoming, response) => response.end(`you asked for ${incoming.url}`)).listen(
      0,
      '127.0.0.1',
    );
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const file = join(temporaryFolder(), 'http.db');
    const recorder = await startRecorder(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, file);
    const [response] = await once(
      request({ port: recorder.port, host: '127.0.0.1', path: '/health?x=1' }).end(),
      'response',
    );
    const body = (await response.toArray()).join('');
    expect([response.statusCode, body]).toEqual([200, 'you asked for /health?x=1']);
    await recorder.stop();
    expect(recordedValue(file, 'SELECT kind FROM connection')).toBe('http');
    expect(recordedValue(file, 'SELECT count(*) FROM frame')).toBe(0);
  });

  it('prints lines for people: where chargers connect, the file and the pid', async () => {
    const folder = temporaryFolder();
    const recorder = await startRecorder('ws://127.0.0.1:9', join(folder, 'a.db'));
    expect(process.kill(recorder.pid, 0)).toBe(true);
    process.kill(recorder.pid, 'SIGINT');
    expect((await recorder.finished).code).toBe(0);
    const listed = await chargetape(['list', join(folder, 'a.db')]);
    expect(listed.code).toBe(0);
  });
});
