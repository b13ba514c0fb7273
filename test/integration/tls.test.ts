import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { startRecorder } from '../support/binary.ts';
import { type Authority, authority, type Identity } from '../support/certificates.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let ca: Authority;
let csmsIdentity: Identity;
let recorderIdentity: Identity;
let chargerIdentity: Identity;
beforeAll(async () => {
  ca = await authority();
  [csmsIdentity, recorderIdentity, chargerIdentity] = await Promise.all([
    ca.issue('csms'),
    ca.issue('recorder'),
    ca.issue('SN-1', { organization: 'CPO' }),
  ]);
});

/** A CSMS that wants the recorder's client certificate, and echoes; `told` are the Client-Cert headers that it got. */
async function startCsms(): Promise<{ url: string; told: (string | undefined)[]; peers: string[] }> {
  const server = createServer({ ...csmsIdentity, ca: ca.cert, requestCert: true, rejectUnauthorized: true });
  const told: (string | undefined)[] = [];
  const peers: string[] = [];
  server.on('request', (request, response) => response.end(`page for ${request.headers['client-cert']}`));
  new WebSocketServer({ server, handleProtocols: () => 'ocpp1.6' }).on('connection', (socket, request) => {
    told.push(request.headers['client-cert'] as string | undefined);
    peers.push((request.socket as TLSSocket).getPeerX509Certificate()?.subject ?? 'nobody');
    socket.on('message', (data) => socket.send(String(data)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `wss://127.0.0.1:${(server.address() as AddressInfo).port}`, told, peers };
}

async function pageOf(url: string, identity: Identity): Promise<string> {
  const [response] = await once(get(url, { ca: ca.cert, ...identity }), 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Writes PEM files into a folder of their own; gives a path for each. */
function pemFiles(identities: Record<string, Identity>) {
  const folder = temporaryFolder();
  const path = (name: string, what: 'cert' | 'key' = 'cert') => join(folder, `${name}.${what}.pem`);
  const write = (name: string, { cert, key }: Identity) => {
    writeFileSync(path(name), cert);
    writeFileSync(path(name, 'key'), key);
  };
  for (const [name, identity] of Object.entries(identities)) write(name, identity);
  return { path, write };
}

async function connect(url: string, options: ClientOptions): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/ocpp/CP-1`, 'ocpp1.6', { ca: ca.cert, ...options });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

async function echo(socket: WebSocket, text: string): Promise<void> {
  const answer = once(socket, 'message');
  socket.send(text);
  expect(String((await answer)[0])).toBe(text);
}

const fingerprintOf = (socket: WebSocket & { _socket?: TLSSocket }) =>
  socket._socket?.getPeerX509Certificate()?.fingerprint256;

describe('chargetape record with TLS', () => {
  it('speaks it on both legs with certificates on each, and has on record what was negotiated', async () => {
    const csms = await startCsms();
    const { path } = pemFiles({ server: csmsIdentity, recorder: recorderIdentity, ca });
    const file = join(temporaryFolder(), 'tls.db');
    const args = [
      '--tls-cert',
      path('server'),
      '--tls-key',
      path('server', 'key'),
      '--client-ca',
      path('ca'),
    ];
    const upstream = ['--upstream-ca', path('ca'), '--upstream-cert', path('recorder')];
    const all = [...args, ...upstream, '--upstream-key', path('recorder', 'key')];
    const recorder = await startRecorder(csms.url, file, { args: all });
    expect(recorder.url).toMatch(/^wss:/);
    const charger = await connect(recorder.url, chargerIdentity);
    await echo(charger, '[2,"1","Heartbeat",{}]');
    await expect(connect(recorder.url, {})).rejects.toThrow(/certificate|hang up|ECONNRESET/);
    const page = await pageOf(`${recorder.url.replace('wss', 'https')}/health`, chargerIdentity);
    expect(page).toMatch(/^page for :[A-Za-z0-9+/=]+:$/);
    charger.close();
    await once(charger, 'close');
    expect((await recorder.stop()).code).toBe(0);
    expect(csms.peers).toEqual(['CN=recorder']);
    expect(csms.told[0]).toMatch(/^:[A-Za-z0-9+/=]+:$/);
    const leg = (column: string, field: string) =>
      recordedValue(
        file,
        `SELECT json_extract(${column}, '$.${field}') FROM connection WHERE session IS NOT NULL`,
      );
    expect(leg('charger_tls', 'peerSubject')).toBe('CN=SN-1, O=CPO');
    expect(leg('charger_tls', 'verified')).toBe(1);
    expect(leg('csms_tls', 'peerSubject')).toBe('CN=csms');
    expect(leg('csms_tls', 'protocol')).toBe('TLSv1.3');
    expect(recordedValue(file, 'SELECT upstream FROM recording')).toBe(csms.url);
    expect(recordedValue(file, "SELECT close_reason FROM connection WHERE kind = 'other'")).toBe(
      'TLS handshake: ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE.',
    );
  });

  it('answers 502 in words for a CSMS that it does not trust, and takes any only with a warning', async () => {
    const csms = await startCsms();
    const { path } = pemFiles({ recorder: recorderIdentity });
    const own = ['--upstream-cert', path('recorder'), '--upstream-key', path('recorder', 'key')];
    const doubtful = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args: own });
    await expect(connect(doubtful.url, {})).rejects.toThrow('502');
    await doubtful.stop();
    const trusting = await startRecorder(csms.url, join(temporaryFolder(), 'b.db'), {
      args: [...own, '--upstream-insecure'],
    });
    await echo(await connect(trusting.url, {}), 'hello');
    const { stdout } = await trusting.stop();
    expect(stdout).toContain('"event":"insecure"');
  });

  it('takes new certificates without touching a connection, and keeps the old ones when the new are broken', async () => {
    const csms = await startCsms();
    const files = pemFiles({ server: csmsIdentity, recorder: recorderIdentity, ca });
    const { path } = files;
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'renewed.db'), {
      args: [
        ...['--tls-cert', path('server'), '--tls-key', path('server', 'key'), '--upstream-ca', path('ca')],
        ...['--upstream-cert', path('recorder'), '--upstream-key', path('recorder', 'key')],
      ],
    });
    const first = await connect(recorder.url, {});
    const old = fingerprintOf(first);

    writeFileSync(path('server'), 'half a fi');
    process.kill(recorder.pid, 'SIGHUP');
    expect(await recorder.line((line) => line.includes('BAD_CERTIFICATE'))).toContain(path('server'));
    expect(fingerprintOf(await connect(recorder.url, {}))).toBe(old);

    files.write('server', await ca.issue('csms', { keyType: 'rsa' }));
    await recorder.line((line) => line.includes('CERTIFICATES_RELOADED'));
    const renewed = await connect(recorder.url, {});
    expect(fingerprintOf(renewed)).not.toBe(old);
    await echo(first, 'still there');
    await echo(renewed, 'here too');
    expect((await recorder.stop()).code).toBe(0);
  });
});
