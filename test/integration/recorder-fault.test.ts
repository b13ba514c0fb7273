import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Account, accountOf } from '../support/account.ts';
import {
  type AnsweringCsms,
  answeringCsms,
  type CallingCharger,
  callingCharger,
} from '../support/answering-csms.ts';
import { type RunningRecorder, startRecorder } from '../support/binary.ts';
import { type Disk, makeDisk, NO_DISK } from '../support/disk.ts';
import { rawServer } from '../support/raw-peer.ts';
import { recordedFrames, recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOBODY = 65_534;
const FILLING = JSON.stringify({ filling: 'x'.repeat(2000) });

/** Calls one after the other while a condition holds; every answer must come. Gives the longest wait, ms. */
async function callWhile(
  charger: CallingCharger,
  name: string,
  goesOn: () => boolean,
  payload = '{}',
): Promise<number> {
  let longestMs = 0;
  for (let n = 0; goesOn(); n++) {
    const startMs = performance.now();
    expect(await charger.call(`${name}-${n}`, 'DataTransfer', payload)).toBe(`[3,"${name}-${n}",{}]`);
    longestMs = Math.max(longestMs, performance.now() - startMs);
    await setTimeout(2);
  }
  return longestMs;
}

function callFor(charger: CallingCharger, name: string, ms: number): Promise<number> {
  const untilMs = performance.now() + ms;
  return callWhile(charger, name, () => performance.now() < untilMs);
}

/** Goes on with calls until the recorder has said this. */
async function callUntil(
  charger: CallingCharger,
  recorder: RunningRecorder,
  code: string,
  payload?: string,
): Promise<void> {
  let isSaid = false;
  void saysOf(recorder, code).then(() => {
    isSaid = true;
  });
  await callWhile(charger, `until ${code}`, () => !isSaid, payload);
}

function saysOf(recorder: RunningRecorder, code: string): Promise<string> {
  return recorder.line((line) => line.includes(`"${code}"`));
}

/** Ends a recorder; frames forwarded, counted at both far ends, are all on record or in gaps. */
async function settle(
  recorder: RunningRecorder,
  charger: CallingCharger,
  csms: AnsweringCsms,
  file = recorder.file,
): Promise<Account> {
  await charger.close();
  const { code, stderr } = await recorder.stop();
  expect(code, stderr).toBe(0);
  expect(charger.counts.received).toBe(csms.counts.sent);
  expect(charger.counts.sent).toBe(csms.counts.received);
  const account = await accountOf(file);
  expect(account.texts + account.missing).toBe(csms.counts.received + csms.counts.sent);
  return account;
}

function disk(megabytes: number): Disk {
  const made = makeDisk(temporaryFolder(), megabytes);
  onTestFinished(() => made.unmount());
  return made;
}

describe('a fault of the recorder', () => {
  it('passes traffic while another process holds a write lock, and records it late', async () => {
    const file = join(temporaryFolder(), 'locked.db');
    const csms = await answeringCsms();
    const recorder = await startRecorder(csms.url, file);
    const charger = await callingCharger(recorder.url);
    await charger.call('before');
    const locker = new Database(file, { timeout: 5000 });
    locker.exec('BEGIN IMMEDIATE');
    expect(await callFor(charger, 'during', 2000)).toBeLessThan(1000);
    locker.exec('ROLLBACK');
    locker.close();
    await callUntil(charger, recorder, 'RECOVERED');
    await charger.call('after');
    const { late, missing } = await settle(recorder, charger, csms);
    expect(late).toBeGreaterThan(100);
    expect(missing).toBe(0);
    expect(recordedValue(file, 'SELECT flags & 2 FROM frame WHERE opcode = 1 ORDER BY id DESC LIMIT 1')).toBe(
      0,
    );
  });

  it.skipIf(NO_DISK)(
    `passes traffic while the disk hangs (${NO_DISK ?? 'frozen'}), and records it late`,
    async () => {
      const frozen = disk(32);
      const csms = await answeringCsms();
      const recorder = await startRecorder(csms.url, join(frozen.folder, 'a.db'), {
        args: ['--admin', '127.0.0.1:0'],
      });
      const charger = await callingCharger(recorder.url);
      await charger.call('before');
      frozen.freeze();
      try {
        expect(await callFor(charger, 'during', 2000)).toBeLessThan(1000);
        const status = async (path: string) => (await fetch(recorder.admin + path)).status;
        expect(await Promise.all(['/livez', '/readyz', '/recordz', '/metrics'].map(status))).toEqual([
          200, 200, 503, 200,
        ]);
      } finally {
        frozen.thaw();
      }
      await callUntil(charger, recorder, 'RECOVERED');
      expect((await fetch(`${recorder.admin}/recordz`)).status).toBe(200);
      const { late } = await settle(recorder, charger, csms);
      expect(late).toBeGreaterThan(100);
    },
  );

  it.skipIf(NO_DISK)(
    `passes traffic while the disk is full (${NO_DISK ?? 'filled'}), and goes on when it is not`,
    async () => {
      const small = disk(8);
      const csms = await answeringCsms();
      const recorder = await startRecorder(csms.url, join(small.folder, 'a.db'));
      const charger = await callingCharger(recorder.url);
      await charger.call('before');
      const filler = join(small.folder, 'filler');
      for (let bytes = 1 << 22; bytes >= 4096; bytes >>= 1) fill(filler, bytes);
      await callUntil(charger, recorder, 'DISK_FULL', FILLING);
      expect(await callFor(charger, 'during', 1000)).toBeLessThan(1000);
      rmSync(filler);
      await callUntil(charger, recorder, 'RECOVERED');
      const { late } = await settle(recorder, charger, csms);
      expect(late).toBeGreaterThan(50);
    },
  );

  it.skipIf(process.getuid?.() !== 0)(
    'stays in its part while the folder is read-only, and begins the next when it is not',
    async () => {
      const folder = temporaryFolder();
      chownSync(folder, NOBODY, NOBODY);
      const csms = await answeringCsms();
      const options = { args: ['--rotate-size', '100kB'], uid: NOBODY };
      const recorder = await startRecorder(csms.url, join(folder, 'a.db'), options);
      const charger = await callingCharger(recorder.url);
      await charger.call('before');
      chmodSync(folder, 0o555);
      await callUntil(charger, recorder, 'NO_NEXT_PART', FILLING);
      await callFor(charger, 'during', 300);
      expect(readdirSync(folder).filter((name) => name.endsWith('.db'))).toEqual(['a.db']);
      chmodSync(folder, 0o755);
      await callUntil(charger, recorder, 'NEXT_PART');
      const { missing } = await settle(recorder, charger, csms);
      expect(missing).toBe(0);
    },
  );

  it('does not begin in a folder that it cannot write to', async () => {
    const recorder = startRecorder('ws://127.0.0.1:9', '/proc/a.db');
    await expect(recorder).rejects.toThrow(/CANNOT_WRITE|NETWORK_FILE_SYSTEM/);
  });

  it('keeps the text of a message that it cannot decode', async () => {
    const fault = `const parse = JSON.parse;
      JSON.parse = (text, ...more) => { if (String(text).includes('boom')) throw new TypeError('planted'); return parse(text, ...more); };`;
    const { file } = await recordWithFault(fault);
    const boom = recordedFrames(file).filter((frame) => String(frame.payload).includes('boom'));
    expect(boom.map((frame) => [frame.sender, frame.message_type])).toEqual([
      ['charger', 'malformed'],
      ['csms', 'malformed'],
    ]);
  });

  it('says in a gap what it could not record', async () => {
    const fault = `const original = Buffer.prototype.toString;
      Buffer.prototype.toString = function (...args) { const text = original.apply(this, args); if (text.includes('boom')) throw new TypeError('planted'); return text; };`;
    const { account } = await recordWithFault(fault);
    expect(account.missing).toBeGreaterThan(0);
    expect(account.reasons.join()).toContain('planted');
  });
});

describe('--strict', () => {
  it('lets nothing pass while nothing can be recorded, and goes on when it can', async () => {
    const file = join(temporaryFolder(), 'strict.db');
    const csms = await answeringCsms();
    const args = ['--strict', '--admin', '127.0.0.1:0'];
    const recorder = await startRecorder(csms.url, file, { args });
    const charger = await callingCharger(recorder.url);
    await charger.call('before');
    const readiness = async () => (await fetch(`${recorder.admin}/readyz`)).status;
    expect(await readiness()).toBe(200);
    const locker = new Database(file, { timeout: 5000 });
    locker.exec('BEGIN IMMEDIATE');
    const ended = once(charger.socket, 'close');
    void charger.call('unrecorded');
    await ended;
    expect(await readiness()).toBe(503);
    await expect(callingCharger(recorder.url, 'CP2')).rejects.toThrow('503');
    expect(csms.counts).toEqual({ received: 1, sent: 1 });
    locker.exec('ROLLBACK');
    locker.close();
    await saysOf(recorder, 'RECOVERED');
    const again = await callingCharger(recorder.url, 'CP2');
    expect(await again.call('after')).toContain('after');
    await again.close();
    await recorder.stop();
    expect(recordedValue(file, "SELECT count(*) FROM frame WHERE flags & 2 AND sender = 'csms'")).toBe(0);
  });
});

describe('a peer that does not read', () => {
  it('holds back the sender, and the recorder stays small', async () => {
    const csms = await rawServer();
    onTestFinished(() => csms.close());
    const args = ['--admin', '127.0.0.1:0'];
    const recorder = await startRecorder(`ws://127.0.0.1:${csms.port}`, join(temporaryFolder(), 'a.db'), {
      args,
    });
    const charger = net.connect({ port: recorder.port, host: '127.0.0.1' });
    onTestFinished(() => void charger.destroy());
    charger.write(
      'GET /ocpp/CP1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const peer = await csms.accept();
    await peer.receiveHead();
    peer.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    await once(charger, 'data');
    const { length } = peer.received;
    peer.socket.pause();
    const frame = Buffer.concat([
      Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0]),
      Buffer.alloc(1 << 20, 'a'),
    ]);
    let sent = 0;
    let wasHeldBack = false;
    for (; sent < 128; sent++) {
      if (charger.write(frame)) continue;
      const isFree = await Promise.race([once(charger, 'drain').then(() => true), setTimeout(1000, false)]);
      if (isFree) continue;
      wasHeldBack = true;
      sent++;
      break;
    }
    expect(wasHeldBack).toBe(true);
    const exposition = await (await fetch(`${recorder.admin}/metrics`)).text();
    const resident = Number(/^process_resident_memory_bytes (\d+)/m.exec(exposition)?.[1]);
    expect(resident).toBeLessThan(300 << 20);
    peer.socket.resume();
    await peer.receive(length + sent * frame.length);
    await recorder.stop();
    expect(recordedValue(recorder.file, 'SELECT count(*) FROM frame WHERE opcode = 2')).toBe(sent);
  });

  it('may send frames of 64 MB', async () => {
    const csms = await answeringCsms();
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'));
    const charger = await callingCharger(recorder.url);
    const huge = `{"data":"${'y'.repeat((64 << 20) - 100)}"}`;
    expect(await charger.call('huge', 'DataTransfer', huge)).toBe('[3,"huge",{}]');
    const { missing } = await settle(recorder, charger, csms);
    expect(missing).toBe(0);
    expect(recordedValue(recorder.file, 'SELECT max(length(payload)) FROM frame')).toBeGreaterThan(
      (64 << 20) - 100,
    );
  });
});

/** Records three calls, of which the recorder cannot read the second; the charger must not notice. */
async function recordWithFault(fault: string): Promise<{ file: string; account: Account }> {
  const folder = temporaryFolder();
  const planted = join(folder, 'fault.mjs');
  writeFileSync(planted, fault);
  const csms = await answeringCsms();
  const recorder = await startRecorder(csms.url, join(folder, 'faulty.db'), {
    env: { NODE_OPTIONS: `--import ${planted}` },
  });
  const charger = await callingCharger(recorder.url);
  // Not plain ASCII, so that it is decoded.
  for (const messageId of ['one', 'boom ü', 'two']) {
    expect(await charger.call(messageId)).toBe(`[3,"${messageId}",{}]`);
  }
  return { file: recorder.file, account: await settle(recorder, charger, csms) };
}

/** Takes so many bytes of a disk, if they are there. */
function fill(file: string, bytes: number): void {
  try {
    writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' });
  } catch {
    // Full to this grain.
  }
}
