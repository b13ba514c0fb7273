import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { certificateGuard } from '../../src/replay/target-guard.ts';
import { openWebSocket } from '../../src/wire/client-handshake.ts';
import { clientTls } from '../../src/wire/tls-socket.ts';
import { chargetape } from '../support/binary.ts';
import { type Authority, authority, type Identity } from '../support/certificates.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { writeScripts } from '../support/script-file.ts';
import { scriptedSession } from '../support/scripted-session.ts';

const SCRIPT = `
  0 open
  10 > Heartbeat {}
  20 < {}
  30 end charger reset`;

const work = mkdtempSync(join(tmpdir(), 'chargetape-tls-'));
const file = (name: string) => join(work, name);
const recording = file('recording.db');

let ca: Authority;
let server: Identity;

beforeAll(async () => {
  ca = await authority();
  server = await ca.issue('csms.example');
  for (const name of ['CP1', 'any']) {
    const { cert, key } = await ca.issue(name);
    writeFileSync(file(`${name}.crt`), cert);
    writeFileSync(file(`${name}.key`), key);
  }
  writeFileSync(file('ca.pem'), ca.cert);
  writeFileSync(file('certificates.csv'), 'identity,cert,key\nCP1,CP1.crt,CP1.key\n*,any.crt,any.key\n');
  await writeScripts(recording, [scriptedSession(SCRIPT, 'CP1', 1), scriptedSession(SCRIPT, 'CP2', 2)]);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A CSMS behind TLS: what it was asked for, and by whom. */
async function startSecureCsms({ host = '127.0.0.1', needsCertificate = false } = {}) {
  const seen: string[] = [];
  const https = createServer({ ...server, ca: ca.cert, requestCert: needsCertificate });
  const sockets = new WebSocketServer({ server: https, handleProtocols: () => 'ocpp1.6' });
  sockets.on('connection', (socket, request) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate() ?? {};
    seen.push(`${request.url} ${subject?.CN ?? 'nobody'}`);
    socket.on('error', () => {});
    socket.on('message', (data) => socket.send(`[3,${JSON.stringify(JSON.parse(String(data))[1])},{}]`));
  });
  https.listen(0, host);
  await once(https, 'listening');
  closing.push(async () => {
    for (const client of sockets.clients) client.terminate();
    https.closeAllConnections();
    await new Promise((resolve) => https.close(resolve));
  });
  return { seen, port: (https.address() as AddressInfo).port };
}

const replay = (url: string, out: string, ...flags: string[]) =>
  chargetape([
    ...[
      'replay',
      recording,
      '--target',
      url,
      '--out',
      file(out),
      '--speed',
      'max',
      '--wait',
      '2',
      '--no-diff',
    ],
    ...flags,
  ]);

describe('a wss:// target', () => {
  it('is spoken to by each charger with its own certificate, resets included', async () => {
    const { seen, port } = await startSecureCsms({ needsCertificate: true });
    const flags = ['--target-ca', file('ca.pem'), '--client-certificates', file('certificates.csv')];
    const { code, stdout } = await replay(`wss://127.0.0.1:${port}`, 'own.db', ...flags, '--preflight');
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 of 2 sessions')]);
    expect(new Set(seen)).toEqual(new Set(['/ocpp/CP1 CP1', '/ocpp/CP2 any']));
    const verified = "SELECT count(*) FROM connection WHERE csms_tls ->> 'verified'";
    expect(recordedValue(file('own.db'), verified)).toBe(2);
  });

  it('is given one certificate for all', async () => {
    const { seen, port } = await startSecureCsms({ needsCertificate: true });
    const own = ['--target-cert', file('any.crt'), '--target-key', file('any.key')];
    const { code } = await replay(`wss://127.0.0.1:${port}`, 'one.db', '--target-ca', file('ca.pem'), ...own);
    expect([code, seen.length, new Set(seen.map((one) => one.split(' ')[1]))]).toEqual([
      0,
      2,
      new Set(['any']),
    ]);
  });

  it('is not trusted unless its authority is known, or the user says so, which is told aloud', async () => {
    const { seen, port } = await startSecureCsms();
    const strange = await replay(`wss://127.0.0.1:${port}`, 'strange.db');
    expect([strange.code, seen]).toEqual([3, []]);
    expect(strange.stdout).toMatch(/incomplete: \/ocpp\/CP1.*: The CSMS could not be reached: .*certificate/);
    const insecure = await replay(`wss://127.0.0.1:${port}`, 'insecure.db', '--target-insecure');
    expect([insecure.code, seen.length]).toEqual([0, 2]);
    expect(insecure.stderr).toContain('warning: --target-insecure takes ANY certificate');
  });

  it.each([
    ['BAD_CERTIFICATE', ['--target-ca', recording]],
    ['NO_SUCH_FILE', ['--target-ca', join(work, 'none.pem')]],
    ['BAD_CERTIFICATE', ['--target-cert', join(work, 'CP1.crt'), '--target-key', join(work, 'any.key')]],
    ['USAGE', ['--target-cert', join(work, 'CP1.crt')]],
  ])('is %s with %j', async (error, flags) => {
    const { code, stderr } = await replay('wss://127.0.0.1:9', 'none.db', ...flags);
    expect([code, stderr]).toEqual([2, expect.stringMatching(new RegExp(`^error ${error}: .*\\n$`))]);
  });
});

describe('the CSMS that a recording was made with', () => {
  it.each([
    ['the certificate that was seen', new Set<string>(), null],
    ['a certificate with its name', new Set<string>(), 'wss://csms.example:443'],
  ])('is known by %s, before a byte of HTTP', async (_, seen, upstream) => {
    const { port, ...csms } = await startSecureCsms();
    const open = (admit: (typeof guards)[number]) =>
      openWebSocket({
        url: { secure: true, host: '127.0.0.1', port, path: '' },
        ...{ target: '/ocpp/CP1', requestHead: '', tls: clientTls({ ca: ca.cert }), admit },
      });
    const guards = [certificateGuard(seen, upstream), certificateGuard(new Set(), 'wss://other.example')];
    if (upstream === null) {
      await open((socket) => void seen.add((socket as TLSSocket).getPeerX509Certificate()!.fingerprint256));
      csms.seen.length = 0;
    }
    const refused = await open(guards[0]!);
    expect(refused).toMatchObject({ kind: 'failure', message: expect.stringContaining('its certificate') });
    expect(csms.seen).toEqual([]);
    const other = await open(guards[1]!);
    expect(other.kind).toBe('open');
    if (other.kind === 'open') other.socket.destroy();
  });

  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && !one.internal && one.family === 'IPv4')?.address;

  it.skipIf(own === undefined)(
    'is refused at another address, though that is allowed (needs an address that is not the loopback)',
    async () => {
      const { seen, port } = await startSecureCsms({ host: own! });
      const secure = scriptedSession(SCRIPT, 'CP1', 1);
      for (const event of secure.events) {
        if (event.kind === 'frame') continue;
        event.connection.csmsTls = {
          ...{ protocol: 'TLSv1.3', cipher: 'x', servername: null, resumed: false, verified: true },
          ...{ peerSubject: null, peerFingerprint: new X509Certificate(server.cert).fingerprint256 },
        };
      }
      const secured = file('secured.db');
      await writeScripts(secured, [secure]);
      const url = `wss://${own}:${port}`;
      const args = [
        'replay',
        secured,
        '--target',
        url,
        '--allow-target',
        own!,
        '--target-insecure',
        '--no-diff',
      ];
      const refused = await chargetape([...args, '--out', file('refused.db')]);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('error TARGET_REFUSED');
      expect(refused.stderr).toContain(
        'its certificate is that of the CSMS that this recording was made with',
      );
      expect(seen).toEqual([]);
      const typed = await chargetape([...args, '--out', file('typed.db'), '--confirm-target', own!]);
      expect([typed.code, seen.length]).toEqual([0, 1]);
    },
  );

  it.skipIf(own === undefined)(
    'is not cleaned up: only a CSMS whose certificate the run has seen is (needs an address that is not the loopback)',
    async () => {
      const met = await startSecureCsms({ host: own! });
      const run = await replay(
        `wss://${own}:${met.port}`,
        'met.db',
        '--allow-target',
        own!,
        '--target-insecure',
      );
      expect(run.code, run.stderr).toBe(0);
      const shown = "SELECT count(*) FROM connection WHERE csms_tls ->> 'peerFingerprint' IS NOT NULL";
      expect(recordedValue(file('met.db'), shown)).toBe(2);
      const cleanUp = (url: string, out: string, ...flags: string[]) =>
        chargetape([
          ...['replay', '--cleanup', file('met.db'), '--target', url, '--out', file(out)],
          ...['--allow-target', own!, '--target-insecure', ...flags],
        ]);
      const again = await cleanUp(`wss://${own}:${met.port}`, 'again.db');
      expect(again.code, again.stderr).toBe(0);
      server = await ca.issue('another.example');
      const other = `wss://${own}:${(await startSecureCsms({ host: own! })).port}`;
      const refused = await cleanUp(other, 'stranger.db');
      expect([refused.code, refused.stderr]).toEqual([
        2,
        expect.stringContaining('its certificate is not one that this run has seen'),
      ]);
      const typed = await cleanUp(other, 'typed-out.db', '--confirm-target', own!);
      expect(typed.code, typed.stderr).toBe(0);
    },
  );
});
