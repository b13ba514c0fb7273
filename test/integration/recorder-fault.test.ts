import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startRecorder } from '../support/binary.ts';
import { recordedFrames, recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LATE = 2;

/** A CSMS that answers each call at once. */
async function answeringCsms(): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  server.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(`[3,"${JSON.parse(String(data))[1]}",{}]`));
  });
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function connectCharger(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/ocpp/CP1`, 'ocpp1.6', { perMessageDeflate: false });
  await once(socket, 'open');
  return socket;
}

/** Sends a call and resolves with its answer. */
async function call(socket: WebSocket, messageId: string): Promise<string> {
  socket.send(`[2,"${messageId}","Heartbeat",{}]`);
  const [data] = await once(socket, 'message');
  return String(data);
}

describe('a fault of the recorder', () => {
  it('passes traffic while another process holds a write lock for 30 s, and records it late', async () => {
    const file = join(temporaryFolder(), 'locked.db');
    const recorder = await startRecorder(await answeringCsms(), file);
    const charger = await connectCharger(recorder.url);
    await call(charger, 'before');

    const locker = new Database(file, { timeout: 5000 });
    locker.exec('BEGIN IMMEDIATE');
    const until = performance.now() + 30_000;
    let answered = 0;
    while (performance.now() < until) {
      expect(await call(charger, `during-${answered}`)).toBe(`[3,"during-${answered}",{}]`);
      answered++;
      await setTimeout(5);
    }
    locker.exec('ROLLBACK');
    locker.close();
    expect(answered).toBeGreaterThan(100);

    let after = 0;
    do {
      await call(charger, `after-${after++}`);
      await setTimeout(5);
    } while (
      recordedValue(file, 'SELECT flags & 2 FROM frame WHERE opcode = 1 ORDER BY id DESC LIMIT 1') !== 0
    );
    charger.close();
    await recorder.stop();
    const texts = recordedFrames(file).filter((frame) => frame.opcode === 1);
    expect(texts).toHaveLength(2 * (1 + answered + after));
    const late = texts.filter((frame) => frame.flags & LATE);
    expect(late.length).toBeGreaterThan(answered);
    expect(recordedValue(file, 'SELECT count(*) FROM gap')).toBe(0);
  }, 90_000);

  it('keeps the text of a message that it cannot decode', async () => {
    const fault = `const parse = JSON.parse;
      JSON.parse = (text, ...more) => { if (String(text).includes('boom')) throw new TypeError('planted'); return parse(text, ...more); };`;
    const file = await recordWithFault(fault);
    const boom = recordedFrames(file).filter((frame) => String(frame.payload).includes('boom'));
    expect(boom.map((frame) => [frame.sender, frame.message_type])).toEqual([
      ['charger', 'malformed'],
      ['csms', 'malformed'],
    ]);
    expect(recordedFrames(file).filter((frame) => frame.opcode === 1)).toHaveLength(6);
  });

  it('says in a gap what it could not record', async () => {
    const fault = `const original = Buffer.prototype.toString;
      Buffer.prototype.toString = function (...args) { const text = original.apply(this, args); if (text.includes('boom')) throw new TypeError('planted'); return text; };`;
    const file = await recordWithFault(fault);
    const texts = recordedFrames(file).filter((frame) => frame.opcode === 1).length;
    const missing = Number(recordedValue(file, 'SELECT sum(frames) FROM gap'));
    expect(missing).toBeGreaterThan(0);
    expect(texts + missing).toBe(6);
    expect(String(recordedValue(file, 'SELECT reason FROM gap'))).toContain('planted');
  });
});

/** Records three calls, of which the recorder cannot read the second; the charger must not notice. Returns the recording. */
async function recordWithFault(fault: string): Promise<string> {
  const folder = temporaryFolder();
  const planted = join(folder, 'fault.mjs');
  writeFileSync(planted, fault);
  const file = join(folder, 'faulty.db');
  const env = { NODE_OPTIONS: `--import ${planted}` };
  const recorder = await startRecorder(await answeringCsms(), file, { env });
  const charger = await connectCharger(recorder.url);
  for (const messageId of ['one', 'boom', 'two'])
    expect(await call(charger, messageId)).toBe(`[3,"${messageId}",{}]`);
  charger.close();
  await once(charger, 'close');
  const { code, stderr } = await recorder.stop();
  expect(code, stderr).toBe(0);
  return file;
}
