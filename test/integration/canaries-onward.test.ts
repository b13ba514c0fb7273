import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { chargetape, startRecorder } from '../support/binary.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import { rawClient, rawServer } from '../support/raw-peer.ts';
import { recordedFrames, recordedValue, recordingBytes } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Secrets that stand nowhere else, and what of them is found in a text. */
class Canaries {
  readonly #planted: string[] = [];

  plant(): string {
    const secret = `cAnArY${String(this.#planted.length).padStart(3, '0')}qZx`;
    this.#planted.push(secret);
    return secret;
  }

  /** A password and its HTTP Basic form, both planted. */
  plantBasic(identity: string): string {
    const password = this.plant();
    this.#planted.push(Buffer.from(`${identity}:${password}`).toString('base64'));
    return password;
  }

  get count(): number {
    return this.#planted.length;
  }

  in(bytes: Buffer | string): string[] {
    return this.#planted.filter((secret) => bytes.includes(secret));
  }
}

/** A CSMS that gives away secrets of its own in answers, commands and close reasons, and tells what it was given. */
async function leakyCsms(
  canaries: Canaries,
  status = 'Accepted',
): Promise<{ url: string; given: () => string }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const secrets = Array.from({ length: 6 }, () => canaries.plant());
  let given = '';
  server.on('connection', (socket, request) => {
    given += `${request.url} ${request.headers.authorization}`;
    const call = (id: string, action: string, payload: object) =>
      socket.send(JSON.stringify([2, id, action, payload]));
    socket.on('message', (data) => {
      given += String(data);
      const [type, id, action] = JSON.parse(String(data));
      if (type !== 2) return;
      socket.send(
        action === 'DataTransfer'
          ? `[3,"${id}",{"status":"${status}","data":"password=${secrets[0]}"}]`
          : `[4,"${id}","GenericError","wrong password=${secrets[1]}",{"AuthorizationKey":"${secrets[2]}"}]`,
      );
      if (action !== 'DataTransfer') return;
      call('a', 'ChangeConfiguration', { key: 'AuthorizationKey', value: secrets[3] });
      call('b', 'UpdateFirmware', {
        location: `ftp://fw:${secrets[4]}@host/x.bin`,
        retrieveDate: '2026-01-01T00:00:00Z',
      });
      call('c', 'GetConfiguration', { key: [] });
    });
  });
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, given: () => given };
}

/** A charger that says a secret of its own wherever it can, until the CSMS has asked for its configuration. */
async function talkativeCharger(url: string, canaries: Canaries): Promise<void> {
  const auth = `CP1:${canaries.plantBasic('CP1')}`;
  const [data, puk] = [canaries.plant(), canaries.plant()];
  const socket = new WebSocket(`${url}/ocpp/CP1?token=${canaries.plant()}`, 'ocpp1.6', { auth });
  const asked = new Promise<void>((resolve) => {
    socket.on('message', (text) => {
      const [type, id, action] = JSON.parse(String(text));
      if (type !== 2) return;
      const configuration = { configurationKey: [{ key: 'PUK', readonly: true, value: puk }] };
      socket.send(JSON.stringify([3, id, action === 'GetConfiguration' ? configuration : {}]));
      if (action === 'GetConfiguration') resolve();
    });
  });
  await once(socket, 'open');
  socket.send('[2,"1","Heartbeat",{}]');
  socket.send(`[2,"2","DataTransfer",{"vendorId":"v","data":"password=${data}"}]`);
  await asked;
  const closed = once(socket, 'close');
  socket.close(1000, `token=${canaries.plant()}`);
  await closed;
}

/** Everything that stands in the files of a folder. */
function folderBytes(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

const FORMATS = ['text', 'json', 'junit', 'markdown', 'github', 'html'];

describe('secrets', () => {
  it('are in no run, report, cut or merged recording that is made of a recording, and in no output of a command', async () => {
    const canaries = new Canaries();
    const folder = temporaryFolder();
    const [now, next] = [await leakyCsms(canaries), await leakyCsms(canaries, 'Rejected')];
    const path = (name: string) => join(folder, name);
    const recorder = await startRecorder(now.url, path('fleet.db'));
    await talkativeCharger(recorder.url, canaries);
    const { stdout, stderr } = await recorder.stop();
    const known = canaries.in(now.given());
    expect(known).toHaveLength(4);

    const credentials = join(temporaryFolder(), 'credentials.csv');
    writeFileSync(credentials, `identity,password\nCP1,${canaries.plantBasic('CP1')}\n`);
    const target = `${next.url}?token=${canaries.plant()}`;
    const files = FORMATS.flatMap((format) => ['--output', `${format}=${path(`report.${format}`)}`]);
    const common = [path('fleet.db'), path('run.db')];
    const printed = [{ stdout, stderr }];
    for (const args of [
      [
        'replay',
        path('fleet.db'),
        '--target',
        target,
        '--out',
        path('run.db'),
        '--speed',
        'max',
        '--wait',
        '2',
        '--shard',
        '1/1',
      ],
      ['merge', path('run.db'), '--out', path('merged.db')],
      ['diff', ...common, ...files],
      ...FORMATS.map((format) => ['diff', ...common, '--format', format]),
      ['diff', ...common, '--json'],
      ['cut', path('fleet.db'), '--out', path('cut.db')],
      ['cut', path('run.db'), '--out', path('cut-run.db')],
      ...['fleet.db', 'run.db', 'cut.db'].flatMap((file) =>
        [
          ['show', path(file), 'CP1'],
          ['list', path(file)],
          ['stats', path(file)],
        ].flatMap((command) => [command, [...command, '--json']]),
      ),
    ]) {
      const more = args[0] === 'replay' ? ['--credentials', credentials] : [];
      const finished = await chargetape([...args, ...more]);
      expect([0, 1, 3], `${args.join(' ')}: ${finished.stderr}`).toContain(finished.code);
      expect(finished.stdout + finished.stderr).not.toMatch(/^$/);
      printed.push(finished);
    }
    expect(canaries.in(next.given()).length).toBeGreaterThanOrEqual(1);
    expect(recordedValue(path('run.db'), 'SELECT count(*) FROM frame WHERE flags & 1')).toBe(4);
    for (const format of FORMATS)
      expect(readFileSync(path(`report.${format}`), 'utf8')).toContain('Rejected');
    const output = printed.map((one) => one.stdout + one.stderr).join('\n');
    expect(canaries.in(folderBytes(folder))).toEqual([]);
    expect(canaries.in(output)).toEqual([]);
    expect(canaries.count).toBeGreaterThan(20);
  });

  it('are not in what is kept of a message that is too large to keep', async () => {
    const canaries = new Canaries();
    const csmsServer = await rawServer();
    onTestFinished(() => csmsServer.close());
    const file = join(temporaryFolder(), 'large.db');
    const recorder = await startRecorder(`ws://127.0.0.1:${csmsServer.port}`, file, {
      args: ['--max-hold', '30000'],
    });
    const charger = await rawClient(recorder.port);
    const asked =
      'GET /ocpp/CP1 HTTP/1.1\r\nHost: csms\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n';
    charger.send(asked);
    const csms = await csmsServer.accept();
    await csms.receive(asked.length);
    csms.skip(asked.length);
    const answered =
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n';
    csms.send(answered);
    await charger.receive(answered.length);
    const key = (name: string) => `{"key":"${name}","readonly":true,"value":"${canaries.plant()}"}`;
    const filling = `{"key":"x","value":"${'x'.repeat(64 << 20)}"}`;
    const payload = `[3,"1",{"configurationKey":[${key('PUK')},${key('AuthorizationKey')},${filling},${key('SimPin')}]}]`;
    const sent = frameBytes({ opcode: 1, payload: Buffer.from(payload) });
    charger.send(sent);
    expect((await csms.receive(sent.length)).equals(sent)).toBe(true);
    charger.socket.destroy();
    const { stdout, stderr } = await recorder.stop();
    expect(canaries.in(sent)).toHaveLength(3);
    expect(canaries.in(recordingBytes(file))).toEqual([]);
    expect(canaries.in(stdout + stderr)).toEqual([]);
    const [row] = recordedFrames(file);
    expect((row?.flags ?? 0) & (1 | 64)).not.toBe(0);
    expect(recordedValue(file, 'SELECT length(sha256) FROM frame')).toBe(64);
  });

  it('are in no message about a fault', async () => {
    const canaries = new Canaries();
    const folder = temporaryFolder();
    const list = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const capture = list(
      'capture.jsonl',
      `{"password":"${canaries.plant()}"\n[2,"1","X",{"AuthorizationKey":"${canaries.plant()}"`,
    );
    const recorded = join(folder, 'a.db');
    const csms = await leakyCsms(canaries);
    const recorder = await startRecorder(csms.url, recorded);
    await talkativeCharger(recorder.url, canaries);
    await recorder.stop();
    const onto = (target: string) => ['replay', recorded, '--target', target, '--out', join(folder, 'r.db')];
    const credentials = (text: string) => [...onto('ws://127.0.0.1:1'), '--credentials', list('c.csv', text)];
    for (const args of [
      ['record', '--upstream', `ws://user:${canaries.plant()}@127.0.0.1:1`],
      ['record', '--upstream', `ftp://127.0.0.1:1/?token=${canaries.plant()}`],
      ['record', '--upstream', `ws://127.0.0.1:1/?token=${canaries.plant()}`],
      onto(`ws://user:${canaries.plant()}@127.0.0.1:1`),
      onto(`ftp://127.0.0.1:1/?apikey=${canaries.plant()}`),
      onto(`ws://csms.example:1/?token=${canaries.plant()}`),
      credentials(`CP1,${canaries.plant()},more`),
      credentials(`CP1,"${canaries.plant()}`),
      credentials(`{"CP1":{"password":"${canaries.plant()}"}}`),
      credentials(`{"CP1":"${canaries.plant()}"`),
      ['import', capture, '--out', join(folder, 'i.db')],
      ['list', capture],
    ]) {
      const { code, stdout, stderr } = await chargetape(args);
      expect([2, 3], args.join(' ')).toContain(code);
      expect(stderr).toMatch(/^error [A-Z_]+: /m);
      expect(canaries.in(stdout + stderr), args.join(' ')).toEqual([]);
    }
  });
});
