import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BINARY, chargetape, shellEnvironment } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;

/** A process that takes all it can get of the first processor until the test is over. */
function busyLoop(): void {
  const loop = spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' });
  onTestFinished(() => void loop.kill('SIGKILL'));
}

const FLEET = ['--profile', 'keba-m20', '--count', '300', '--no-people', '--duration', '3s'];
const SESSION = join(import.meta.dirname, '../../fixtures/sessions/keba-m20/full-transaction.jsonl');

describe(`a load generator without a processor of its own${hasTaskset ? '' : ' (skipped: taskset is missing)'}`, () => {
  it.skipIf(!hasTaskset).each(['charge', 'replay'])(
    'marks its run, and judges no threshold by it: %s',
    async (command) => {
      const csms = await startTestCsms({});
      onTestFinished(() => csms.close());
      const folder = temporaryFolder();
      const recording = join(folder, 'one.db');
      await chargetape(['import', SESSION, '--out', recording]);
      for (let loops = 0; loops < 3; loops++) busyLoop();
      const load =
        command === 'charge' ? FLEET : [recording, '--clones', '60', '--speed', '100', '--no-diff'];
      const args = [command, '--target', csms.url, '--out', join(folder, 'run.db'), ...load, '--json'];
      const limits = ['--threshold', '*.p99<600s'];
      const generator = spawn('taskset', ['-c', '0', BINARY, ...args, ...limits], {
        env: shellEnvironment(),
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const ended = new Promise<number | null>((resolve) => generator.once('close', resolve));
      const report = JSON.parse(await text(generator.stdout));
      expect((report.load ?? report).generator).toMatchObject({ isBound: true });
      expect(await ended).toBe(3);
    },
  );
});
