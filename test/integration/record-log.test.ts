import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answeringCsms, callingCharger } from '../support/answering-csms.ts';
import { BINARY, chargetape, shellEnvironment, startRecorder } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const events = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the log of a recorder', () => {
  it('goes to a file as JSON lines, and to another one after SIGHUP', async () => {
    const folder = temporaryFolder();
    const log = join(folder, 'recorder.log');
    const csms = await answeringCsms();
    const recorder = await startRecorder(csms.url, join(folder, 'a.db'), { args: ['--log', log] });
    const first = await callingCharger(recorder.url, 'CP1');
    await recorder.line((line) => line.includes('"opened"'));
    renameSync(log, `${log}.1`);
    process.kill(recorder.pid, 'SIGHUP');
    await recorder.line((line) => line.includes('"opened"'));
    while (statSync(log, { throwIfNoEntry: false }) === undefined) await first.call('again');
    await first.close();
    await recorder.stop();
    expect(statSync(log).mode & 0o777).toBe(0o600);
    const before = events(readFileSync(`${log}.1`, 'utf8'));
    expect(before[0]).toMatchObject({ level: 'info', event: 'listening', pid: recorder.pid });
    expect(Date.parse(before[0].at)).toBeGreaterThan(0);
    expect(before.some(({ event, identity }) => event === 'opened' && identity === 'CP1')).toBe(true);
    expect(events(readFileSync(log, 'utf8')).at(-1)).toMatchObject({ event: 'stopped' });
  });

  it('holds nothing up when nobody reads it', async () => {
    const csms = await answeringCsms();
    const out = join(temporaryFolder(), 'a.db');
    const args = ['record', '--upstream', csms.url, '--listen', '127.0.0.1:0', '--out', out, '--json'];
    const child = spawn(BINARY, args, { env: shellEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [chunk] = await once(child.stdout, 'data');
    child.stdout.pause();
    const { url } = JSON.parse(String(chunk).split('\n')[0] ?? '');
    for (let n = 0; n < 600; n++) {
      const charger = await callingCharger(
        url,
        `a charger with a long name, so that the pipe is soon full ${n}`,
      );
      await charger.close();
    }
    const last = await callingCharger(url, 'LAST');
    expect(await last.call('through')).toContain('through');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('ends with its recorder when its disk is full', async () => {
    const csms = await answeringCsms();
    const out = join(temporaryFolder(), 'a.db');
    const recorder = await startRecorder(csms.url, out, { args: ['--log', '/dev/full'] });
    const { code } = await recorder.stop();
    expect(code).toBe(0);
  });

  it('cannot go where nothing can be written', async () => {
    const listen = ['--listen', '127.0.0.1:0', '--out', join(temporaryFolder(), 'a.db')];
    const { code, stderr } = await chargetape([
      'record',
      '--upstream',
      'ws://127.0.0.1:9',
      ...listen,
      '--log',
      '/no/log',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error CANNOT_WRITE: The log')]);
  });
});
