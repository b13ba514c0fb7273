import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Frame } from '../../src/session/frame.ts';
import { FrameFlag, Opcode } from '../../src/session/frame.ts';
import type { Reader } from '../../src/session/recording.ts';
import { captureNames } from '../../src/store/capture-file.ts';
import { importCaptures } from '../../src/store/capture-import.ts';
import { openRecording } from '../../src/store/reader.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { all } from './samples.ts';

const CAPTURES = join(import.meta.dirname, '../../fixtures/captures');
const names = readdirSync(CAPTURES)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.slice(0, -'.jsonl'.length));

async function open(path: string): Promise<Reader> {
  const reader = await openRecording(path);
  onTestFinished(() => reader.close());
  return reader;
}

async function framesOf(reader: Reader): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const session of reader.sessions()) {
    for await (const event of reader.events(session.id)) if (event.kind === 'frame') frames.push(event.frame);
  }
  return frames.sort((a, b) => a.id - b.id);
}

function lines(file: string): Record<string, unknown>[] {
  return readFileSync(join(CAPTURES, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Writes a capture and imports it. */
async function importText(frames: string, wire: string): Promise<Reader> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'c.jsonl'), frames);
  writeFileSync(join(folder, 'c.wire.log'), wire);
  const out = join(folder, 'out.db');
  try {
    await importCaptures([join(folder, 'c.jsonl')], out);
  } catch (error) {
    expect(readdirSync(folder).sort()).toEqual(['c.jsonl', 'c.wire.log']);
    throw error;
  }
  return open(out);
}

describe('the captures', () => {
  it('are there', () => expect(names.length).toBeGreaterThan(25));

  it.each(names)('import without loss: %s', async (name) => {
    const out = join(temporaryFolder(), 'out.db');
    const summary = await importCaptures([join(CAPTURES, `${name}.jsonl`)], out);
    const [texts, wire] = [lines(`${name}.jsonl`), lines(`${name}.wire.log`)];
    const reader = await open(out);
    const frames = await framesOf(reader);
    const opened = wire.filter((line) => line.event === 'tcp-open').length;
    expect(summary.connections).toBe(opened);
    expect(frames.filter((frame) => frame.opcode === Opcode.text).map((frame) => text(frame))).toEqual(
      texts.map((line) => line.raw),
    );
    expect(frames.filter((frame) => frame.opcode !== Opcode.text)).toHaveLength(
      wire.filter((line) => 'op' in line).length,
    );
    expect(frames.filter((frame) => frame.flags & FrameFlag.deflated)).toHaveLength(
      wire.filter((line) => line.note === 'deflated').length,
    );
    const stored = readFileSync(out);
    for (const credential of credentialsOf(wire)) expect(stored.includes(credential)).toBe(false);
  });

  it('hold credentials that an import must not keep', () => {
    expect(names.flatMap((name) => credentialsOf(lines(`${name}.wire.log`))).length).toBeGreaterThan(5);
  });

  it('go into one recording together', async () => {
    const out = join(temporaryFolder(), 'out.db');
    const files = readdirSync(CAPTURES).map((file) => join(CAPTURES, file));
    const summary = await importCaptures(files, out);
    expect(summary.captures).toBe(names.length);
    const reader = await open(out);
    const frames = await framesOf(reader);
    expect(frames).toHaveLength(summary.frames);
    for (let i = 1; i < frames.length; i++)
      expect(frames[i]!.atUs).toBeGreaterThanOrEqual(frames[i - 1]!.atUs);
    expect(reader.recording).toMatchObject({
      kind: 'import',
      startedMonoUs: 0,
      startedAtUs: (await reader.span())?.fromUs,
    });
  });
});

/** Values of the Authorization headers of a wire log, without their scheme. */
function credentialsOf(wire: Record<string, unknown>[]): string[] {
  const heads = wire.flatMap((line) => (Array.isArray(line.handshake) ? (line.handshake as string[]) : []));
  return heads.flatMap((header) => /^authorization: \S+ (.+)$/i.exec(header)?.[1] ?? []);
}

function text(frame: Frame): string {
  return Buffer.from(frame.payload).toString();
}

describe('importing', () => {
  const secret = Buffer.from('CP1:hunter2').toString('base64');
  const WIRE = [
    '{"t":1000,"conn":1,"event":"tcp-open"}',
    `{"t":1001,"conn":1,"dir":"cp->csms","handshake":["GET /ocpp/CP1 HTTP/1.1","Authorization: Basic ${secret}","Sec-WebSocket-Protocol: ocpp1.6, ocpp1.5"]}`,
    '{"t":1003,"conn":1,"dir":"csms->cp","handshake":["HTTP/1.1 101 Switching Protocols","Sec-WebSocket-Protocol: ocpp1.6"]}',
    '{"t":1003,"conn":1,"dir":"cp->csms","op":"ping","payload":"\\u00ff"}',
    '{"t":1009,"conn":1,"dir":"cp->csms","op":"close","code":1000,"reason":"bye"}',
    '{"t":1009,"conn":1,"event":"csms-fin"}',
  ].join('\n');
  const FRAMES = [
    '{"t":1003,"dir":"cp->csms","raw":"[2, \\"1\\", \\"BootNotification\\", {\\"chargePointVendor\\": \\"V\\", \\"chargePointModel\\": \\"M\\"}]"}',
    '{"t":1005,"dir":"csms->cp","raw":"[3,\\"1\\",{}]"}',
  ].join('\n');

  it('makes connection, session and frames of a capture', async () => {
    const reader = await importText(FRAMES, WIRE);
    expect(await all(reader.sessions())).toMatchObject([
      { identity: 'CP1', endpoint: '/ocpp', vendor: 'V', model: 'M' },
    ]);
    const events = await all(reader.events(1));
    expect(events.map((event) => event.kind)).toEqual([
      'opened',
      'frame',
      'frame',
      'frame',
      'frame',
      'closed',
    ]);
    expect(events[0]).toMatchObject({
      connection: {
        ...{ kind: 'websocket', target: '/ocpp/CP1', status: 101, handshakeUs: 2000, orderInferred: true },
        ...{ offeredSubprotocols: 'ocpp1.6, ocpp1.5', subprotocol: 'ocpp1.6', openedAtUs: 1_000_000 },
        ...{
          endedBy: 'charger',
          ending: 'close',
          closeCode: 1000,
          closeReason: 'bye',
          closedAtUs: 1_009_000,
        },
        requestHead: expect.stringMatching(
          /^GET \/ocpp\/CP1 HTTP\/1.1\r\nAuthorization: Basic \[redacted\]\r\n.*\r\n\r\n$/s,
        ),
      },
    });
    const inferred = FrameFlag.orderInferred;
    expect(events.slice(1, 5)).toMatchObject([
      { frame: { opcode: 1, action: 'BootNotification', flags: inferred | FrameFlag.masked, monoUs: 3000 } },
      { frame: { opcode: 9, payload: Buffer.from([0xff]), messageType: null } },
      { frame: { opcode: 1, action: 'BootNotification', answers: 2, latencyUs: 2000, flags: inferred } },
      { frame: { opcode: 8, payload: Buffer.from('\x03\xe8bye', 'latin1'), wireBytes: 11 } },
    ]);
  });

  it('leaves a connection without an end open', async () => {
    const reader = await importText(FRAMES, WIRE.split('\n').slice(0, 4).join('\n'));
    expect((await all(reader.events(1))).at(-1)).toMatchObject({ kind: 'frame' });
  });

  it('orders lines of equal time: open, handshake, frame, ping, close, fin', async () => {
    const reader = await importText(
      FRAMES.replaceAll(/10\d\d/g, '1000'),
      WIRE.replaceAll(/"t":10\d\d/g, '"t":1000'),
    );
    const kinds = (await all(reader.events(1))).map((event) =>
      event.kind === 'frame' ? event.frame.opcode : event.kind,
    );
    expect(kinds).toEqual(['opened', 1, 1, 9, 8, 'closed']);
  });

  it('keeps the order of a file when its clock goes back', async () => {
    const frames = [3, 2, 1].map((t) => `{"t":${2000 + t},"dir":"cp->csms","raw":"${t}"}`).join('\n');
    const reader = await importText(frames, WIRE.split('\n').slice(0, 3).join('\n'));
    expect((await framesOf(reader)).map(text)).toEqual(['3', '2', '1']);
  });

  it.each([
    [
      'a last line cut short',
      FRAMES.slice(0, -10),
      WIRE,
      'TRUNCATED_CAPTURE',
      'c.jsonl breaks off in line 2',
    ],
    [
      'a wire log cut short',
      FRAMES,
      WIRE.slice(0, -3),
      'TRUNCATED_CAPTURE',
      'c.wire.log breaks off in line 6',
    ],
    ['a line that is no JSON', `x\n${FRAMES}`, WIRE, 'BAD_CAPTURE', 'c.jsonl, line 1'],
    ['a bad last line that is whole', `${FRAMES}\nx\n`, WIRE, 'BAD_CAPTURE', 'c.jsonl, line 3'],
    ['a line without a text', `${FRAMES}\n{"t":1,"dir":"cp->csms"}`, WIRE, 'BAD_CAPTURE', 'c.jsonl, line 3'],
  ])('refuses %s, and leaves nothing on disk', async (_, frames, wire, code, sentence) => {
    await expect(importText(frames, wire)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(sentence),
    });
  });

  it('takes either file of a pair, or both, and leaves the description alone', () => {
    const files = ['a/x.jsonl', 'a/x.wire.log', 'a/x.meta.json', 'b/x.wire.log'];
    expect(captureNames(files)).toEqual(['a/x', 'b/x']);
    expect(() => captureNames(['a/x.txt'])).toThrow('neither');
    expect(() => captureNames(['a/x.meta.json'])).toThrow('no capture');
  });

  it('refuses a capture of which one file is missing, and an out file that exists', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out.db');
    writeFileSync(join(folder, 'c.jsonl'), FRAMES);
    await expect(importCaptures([join(folder, 'c.jsonl')], out)).rejects.toMatchObject({
      code: 'NO_SUCH_FILE',
    });
    expect(existsSync(out)).toBe(false);
    writeFileSync(join(folder, 'c.wire.log'), WIRE);
    writeFileSync(out, 'mine');
    await expect(importCaptures([join(folder, 'c.jsonl')], out)).rejects.toMatchObject({
      code: 'OUT_EXISTS',
    });
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});
