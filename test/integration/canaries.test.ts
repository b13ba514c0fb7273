import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRecorder } from '../support/binary.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import { rawClient, rawServer } from '../support/raw-peer.ts';
import { recordedFrames, recordedValue, recordingBytes } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let planted = 0;
const all: string[] = [];

/** A secret that stands nowhere else. */
function canary(): string {
  const secret = `cAnArY${String(++planted).padStart(3, '0')}xQz`;
  all.push(secret);
  return secret;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const text = (payload: string) => frameBytes({ opcode: 1, payload: Buffer.from(payload) });

function head(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const UPGRADE = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Protocol: ocpp1.6'];
const DEFLATE =
  'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover';

function request(target: string, more: readonly string[]): string {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  return head([
    `GET ${target} HTTP/1.1`,
    'Host: csms',
    ...UPGRADE,
    key,
    'Sec-WebSocket-Version: 13',
    ...more,
  ]);
}

/** What a charger sends with a secret in it: configuration keys by their real names, URLs, odd frames. */
function chargerFrames(): Buffer[] {
  const entries = [
    'evb_APNPass',
    'WebSocketPassword',
    'PUK',
    'G_CardPin',
    'AuthorizationKey',
    'authorizationkey',
  ].map((key) => `{"key":"${key}","readonly":true,"value":"${canary()}"}`);
  const embedded = JSON.stringify(
    JSON.stringify({ wifiPassword: canary(), apn: { user: 'u', password: canary() } }),
  );
  const broken = `[3,"2",{"configurationKey":[{"key":"WebSocketPassword","value":"${canary()}`;
  const split = Buffer.from(`[3,"3",{"configurationKey":[{"key":"SimPin","value":"${canary()}"}]}]`);
  const deflated = deflateRawSync(
    Buffer.from(`[3,"4",{"configurationKey":[{"key":"PUK","value":"${canary()}"}]}]`),
    {
      finishFlush: constants.Z_SYNC_FLUSH,
    },
  ).subarray(0, -4);
  return [
    text(`[3,"1",{"configurationKey":[${entries.join(',')}]}]`),
    text(`[2,"5","DataTransfer",{"vendorId":"v","data":${embedded}}]`),
    text(broken),
    frameBytes({ opcode: 1, payload: split.subarray(0, 60), fin: false }),
    frameBytes({ opcode: 0, payload: split.subarray(60) }),
    frameBytes({ opcode: 2, payload: Buffer.from(`[2,"6","X",{"password":"${canary()}"}]`) }),
    frameBytes({
      opcode: 1,
      payload: Buffer.concat([
        Buffer.from(`[3,"7",{"AuthorizationKey":"${canary()}"}]`),
        Buffer.from([0xff]),
      ]),
    }),
    frameBytes({ opcode: 9, payload: Buffer.from(`password=${canary()}`) }),
    frameBytes({ opcode: 1, payload: deflated, rsv: 4 }),
  ];
}

/** What a CSMS sends with a secret in it. */
function csmsFrames(): Buffer[] {
  const user = canary();
  return [
    text(`[2,"a","ChangeConfiguration",{"key":"AuthorizationKey","value":"${canary()}"}]`),
    text(`[2,"b","ChangeConfiguration",{"key":"evb_APNPass2","value":"${canary()}"}]`),
    text(
      `[2,"c","UpdateFirmware",{"location":"ftp://fw:${canary()}@host/x.bin","retrieveDate":"2026-01-01T00:00:00Z"}]`,
    ),
    text(`[2,"d","GetDiagnostics",{"location":"https:\\/\\/d:${canary()}@host/?token=${canary()}"}]`),
    text(`[2,"e","DataTransfer",{"vendorId":"v","data":"user=${'u'};password=${user}"}]`),
    frameBytes({ opcode: 8, payload: Buffer.from(`\u0003\u00e8token=${canary()}`, 'latin1') }),
  ];
}

describe('secrets', () => {
  it('pass on the wire and are nowhere in the recording, its WAL, the output or the metrics', async () => {
    const csmsServer = await rawServer();
    onTestFinished(() => csmsServer.close());
    const file = join(temporaryFolder(), 'canaries.db');
    const recorder = await startRecorder(`ws://127.0.0.1:${csmsServer.port}`, file, {
      args: ['--admin', '127.0.0.1:0'],
    });

    const charger = await rawClient(recorder.port);
    const basic = base64(`CP1:${canary()}`);
    all.push(basic);
    const asked = request(`/ocpp/CP1?token=${canary()}&apikey=x`, [
      `Authorization: Basic ${basic}`,
      `Proxy-Authorization: Digest response="${canary()}"`,
      `X-Api-Key: ${canary()}`,
      `Cookie: session=${canary()}`,
      DEFLATE,
    ]);
    charger.send(asked);
    const csms = await csmsServer.accept();
    await csms.receive(asked.length);
    const answered = head([
      'HTTP/1.1 101 Switching Protocols',
      ...UPGRADE,
      DEFLATE,
      `Set-Cookie: id=${canary()}`,
    ]);
    const [down, up] = [Buffer.concat(csmsFrames()), Buffer.concat(chargerFrames())];
    csms.send(answered);
    await charger.receive(answered.length);
    charger.send(up);
    expect((await csms.receive(asked.length + up.length)).subarray(asked.length)).toEqual(up);
    csms.send(down);
    expect((await charger.receive(answered.length + down.length)).subarray(answered.length)).toEqual(down);

    const refused = await rawClient(recorder.port);
    const bearer = request('/ocpp/CP2', [`Authorization: Bearer ${canary()}`]);
    refused.send(bearer);
    const refusing = await csmsServer.accept();
    await refusing.receive(bearer.length);
    const body = `{"error":"denied","password":"${canary()}"}`;
    const refusal = `${head(['HTTP/1.1 401 Unauthorized', `Content-Length: ${body.length}`])}${body}`;
    refusing.send(refusal);
    await refused.receive(refusal.length);
    const pages = await Promise.all(
      ['metrics', 'state'].map(async (page) => (await fetch(`${recorder.admin}/${page}`)).text()),
    );
    const whileOpen = recordingBytes(file);
    for (const peer of [charger, refused]) peer.socket.destroy();
    const { stdout, stderr } = await recorder.stop();

    const stored = Buffer.concat([
      whileOpen,
      recordingBytes(file),
      Buffer.from(stdout + stderr + pages.join('')),
    ]);
    expect(all.filter((secret) => stored.includes(secret))).toEqual([]);
    expect(planted).toBeGreaterThan(25);
    const rows = recordedFrames(file);
    expect(rows.filter((row) => !(row.flags & 1)).map((row) => String(row.payload))).toEqual([]);
    expect(rows).toHaveLength(8 + 6);
    expect(String(recordedValue(file, 'SELECT refusal_body FROM connection WHERE status = 401'))).toContain(
      'denied',
    );
  });
});

describe('persons', () => {
  it('have other names in the recording, the same on every recorder with the key, and their own on the wire', async () => {
    const folder = temporaryFolder();
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, 'a key of more than sixteen bytes\n');
    const tags = [];
    for (const name of ['one.db', 'two.db']) {
      const csmsServer = await rawServer();
      onTestFinished(() => csmsServer.close());
      const file = join(folder, name);
      const recorder = await startRecorder(`ws://127.0.0.1:${csmsServer.port}`, file, {
        args: ['--pseudonymise', '--key-file', keyFile],
      });
      const charger = await rawClient(recorder.port);
      const asked = request('/ocpp/CP1', ['X-Forwarded-For: 198.51.100.77']);
      charger.send(asked);
      const csms = await csmsServer.accept();
      await csms.receive(asked.length);
      const answered = head(['HTTP/1.1 101 Switching Protocols', ...UPGRADE]);
      csms.send(answered);
      await charger.receive(answered.length);
      const sent = Buffer.concat([
        text('[2,"1","Authorize",{"idTag":"04ABBE2A771188"}]'),
        text(
          '[2,"2","BootNotification",{"chargePointVendor":"V","chargePointModel":"M","iccid":"8949020000012345678"}]',
        ),
      ]);
      charger.send(sent);
      expect((await csms.receive(asked.length + sent.length)).subarray(asked.length)).toEqual(sent);
      charger.socket.destroy();
      await recorder.stop();
      const bytes = recordingBytes(file);
      for (const person of ['04ABBE2A771188', '8949020000012345678', '198.51.100.77', 'sixteen']) {
        expect(bytes.includes(person), person).toBe(false);
      }
      expect(recordedFrames(file).map((row) => row.flags & 32768)).toEqual([32768, 32768]);
      tags.push(
        recordedFrames(file).map((row) => String(row.payload)),
        [recordedValue(file, 'SELECT pseudonym_key FROM recording')],
      );
    }
    expect(tags.slice(2)).toEqual(tags.slice(0, 2));
    expect(tags[1]).toEqual([expect.stringMatching(/^[\da-f]{16}$/)]);
  });
});
