import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RecorderState } from '../../src/proxy/state.ts';
import { accountOf } from '../support/account.ts';
import { answeringCsms, callingCharger } from '../support/answering-csms.ts';
import { type RunningRecorder, startRecorder } from '../support/binary.ts';
import { rawClient } from '../support/raw-peer.ts';
import { recordedFrames, recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ADMIN = ['--admin', '127.0.0.1:0'];

function switched(recorder: RunningRecorder, isOn: boolean): Promise<string> {
  return recorder.line((line) => line.includes('"event":"recording"') && line.includes(`"isOn":${isOn}`));
}

/** A module that holds up the event loop, 500 of each 600 ms, while a file is there, and counts how often. */
function spinning(folder: string, busy: string): string {
  const module = join(folder, 'spinning.mjs');
  writeFileSync(
    module,
    `import { existsSync } from 'node:fs'; import { isMainThread } from 'node:worker_threads';
    let spins = 0;
    const spin = () => {
      if (!existsSync(${JSON.stringify(busy)})) return;
      for (const end = performance.now() + 500; performance.now() < end; );
      process.stdout.write(JSON.stringify({ spins: ++spins }) + '\\n');
    };
    if (isMainThread) setInterval(spin, 600).unref();`,
  );
  return module;
}

function spins(recorder: RunningRecorder, count: number): Promise<string> {
  return recorder.line((line) => line.includes(`"spins":${count}}`));
}

describe('recording', () => {
  it('goes off and on by the admin port and by SIGUSR2 without touching a connection; one gap a time says what is missing', async () => {
    const csms = await answeringCsms();
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args: ADMIN });
    const post = async (path: string, headers = {}) =>
      (await fetch(recorder.admin + path, { method: 'POST', headers })).status;
    const chargers = await Promise.all(['CP1', 'CP2'].map((id) => callingCharger(recorder.url, id)));
    const callAll = async (name: string) => {
      for (let n = 0; n < 20; n++) await Promise.all(chargers.map((charger) => charger.call(`${name}${n}`)));
    };
    await callAll('before');
    expect(await post('/recording/off', { origin: 'http://elsewhere' })).toBe(403);
    expect(await post('/recording/off')).toBe(200);
    const health = await fetch(`${recorder.admin}/recordz`);
    expect([health.status, await health.text()]).toEqual([503, 'OFF: recording is switched off\n']);
    expect((await fetch(`${recorder.admin}/readyz`)).status).toBe(200);
    await callAll('off');
    const late = await callingCharger(recorder.url, 'LATE');
    await late.call('late');
    expect(await post('/recording/on')).toBe(200);
    await callAll('between');
    const toggle = async () => {
      const isOn = async () => {
        const state = (await (await fetch(`${recorder.admin}/state`)).json()) as RecorderState;
        return state.recording.isOn;
      };
      const before = await isOn();
      process.kill(recorder.pid, 'SIGUSR2');
      while ((await isOn()) === before);
    };
    await toggle();
    await callAll('off again');
    await toggle();
    await callAll('after');
    await late.call('seen');
    for (const charger of [...chargers, late]) expect(charger.socket.readyState).toBe(WebSocket.OPEN);
    await Promise.all([...chargers, late].map((charger) => charger.close()));
    await recorder.stop();

    const account = await accountOf(recorder.file);
    expect(account.texts + account.missing).toBe(csms.counts.received + csms.counts.sent);
    expect(account.reasons).toEqual(Array(2).fill('Recording was off: by an operator.'));
    expect(account.missing).toBe(2 * 80 + 2);
    const texts = recordedFrames(recorder.file).map(({ payload }) => String(payload));
    expect(texts.filter((text) => text.includes('off'))).toEqual([]);
    expect(recordedValue(recorder.file, 'SELECT count(*) FROM connection WHERE closed_id IS NOT NULL')).toBe(
      3,
    );
    expect(
      recordedValue(recorder.file, 'SELECT count(*) FROM frame WHERE message_type IS NULL AND opcode = 1'),
    ).toBe(0);
  });

  it('puts the gap on record when it ends while it is off', async () => {
    const csms = await answeringCsms();
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args: ADMIN });
    const charger = await callingCharger(recorder.url);
    await charger.call('before');
    process.kill(recorder.pid, 'SIGUSR2');
    await switched(recorder, false);
    await charger.call('off');
    await charger.close();
    await recorder.stop();
    const { texts, missing, reasons } = await accountOf(recorder.file);
    expect([texts, missing >= 2, reasons.length]).toEqual([2, true, 1]);
  });

  it('counts compressed messages that build on missed ones as missing', async () => {
    const csms = await answeringCsms({ deflates: true });
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args: ADMIN });
    const charger = await callingCharger(recorder.url, 'CP1', { deflates: true });
    expect(charger.socket.extensions).toContain('permessage-deflate');
    await charger.call('before');
    await fetch(`${recorder.admin}/recording/off`, { method: 'POST' });
    await charger.call('off');
    await fetch(`${recorder.admin}/recording/on`, { method: 'POST' });
    for (let n = 0; n < 3; n++) await charger.call(`after${n}`);
    await charger.close();
    await recorder.stop();
    const account = await accountOf(recorder.file);
    expect(account.texts + account.missing).toBe(10);
    expect(account.texts).toBe(2);
    expect(account.reasons.join()).toContain('while recording was off');
  });

  it('switches itself off while the event loop is too late, unless it is late because chargers come in, and on again', async () => {
    const folder = temporaryFolder();
    const busy = join(folder, 'busy');
    const csms = await answeringCsms();
    const recorder = await startRecorder(csms.url, join(folder, 'a.db'), {
      args: ['--max-loop-delay', '400'],
      env: { NODE_OPTIONS: `--import ${spinning(folder, busy)}` },
    });
    const charger = await callingCharger(recorder.url);
    await charger.call('before');
    const arriving = await rawClient(recorder.port);
    arriving.send('GET /ocpp/CP2 HTTP/1.1\r\n');
    const off = switched(recorder, false);
    writeFileSync(busy, '');
    await spins(recorder, 10);
    await charger.call('still recorded');
    arriving.socket.destroy();
    expect(await off).toContain('event loop');
    await charger.call('off');
    rmSync(busy);
    expect(await switched(recorder, true)).toContain('keeps up');
    await charger.call('after');
    await charger.close();
    await recorder.stop();
    expect(await accountOf(recorder.file)).toMatchObject({ texts: 6, missing: 2 });
  });

  it('switches itself off while a commit is awaited too long, and on again', async () => {
    const csms = await answeringCsms();
    const file = join(temporaryFolder(), 'a.db');
    const recorder = await startRecorder(csms.url, file, { args: ['--max-commit-delay', '300'] });
    const charger = await callingCharger(recorder.url);
    await charger.call('before');
    const other = new Database(file, { timeout: 5_000 });
    other.exec('BEGIN IMMEDIATE');
    await charger.call('awaited');
    expect(await switched(recorder, false)).toContain('a commit has been awaited for');
    await charger.call('off');
    other.exec('ROLLBACK');
    other.close();
    expect(await switched(recorder, true)).toContain('keeps up');
    await charger.call('after');
    await charger.close();
    await recorder.stop();
    expect(await accountOf(file)).toMatchObject({ texts: 6, missing: 2 });
  });
});
