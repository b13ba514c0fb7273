import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRecorder } from '../support/binary.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hasGcc = spawnSync('gcc', ['--version']).status === 0;
const SOURCE = resolve(import.meta.dirname, '../bench/wsload.c');

/** A port that was free a moment ago: the load tool cannot tell which one it was given. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe(`under load${hasGcc ? '' : ' (skipped: gcc is missing)'}`, () => {
  it.skipIf(!hasGcc)(
    'has every call and answer of 500 chargers at 1,000 calls a second on record',
    async () => {
      const folder = temporaryFolder();
      const wsload = join(folder, 'wsload');
      execFileSync('gcc', ['-O2', '-o', wsload, SOURCE]);
      const port = await freePort();
      const csms = spawn(wsload, ['csms', String(port)], { stdio: 'ignore' });
      onTestFinished(() => void csms.kill());
      const file = join(folder, 'load.db');
      const recorder = await startRecorder(`ws://127.0.0.1:${port}`, file);
      const load = spawn(wsload, ['load', '127.0.0.1', String(recorder.port), 'ocpp', '500', '5', '1000'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const output = (await load.stdout.toArray()).join('');
      const { code } = await recorder.stop();
      const { answered } = JSON.parse(output) as { answered: number };
      expect(code).toBe(0);
      expect(answered).toBeGreaterThan(3000);
      expect(recordedValue(file, 'SELECT count(*) FROM connection WHERE status = 101')).toBe(500);
      expect(
        Number(
          recordedValue(
            file,
            `SELECT count(*) FROM frame WHERE message_type = 'callResult' AND answers IS NOT NULL`,
          ),
        ),
      ).toBeGreaterThanOrEqual(answered);
      expect(recordedValue(file, 'SELECT count(*) FROM gap')).toBe(0);
    },
  );
});
