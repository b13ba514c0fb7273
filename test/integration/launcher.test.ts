import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const oldNode = findOldNode();
const withOldNode = oldNode === null ? 'no Node older than 24 is on PATH' : '';

/** A Node on PATH that is too old for Chargetape; null when there is none. */
function findOldNode(): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    if (stdout && Number(/^v(\d+)/.exec(stdout)?.[1]) < 24) return node;
  }
  return null;
}

/** A recorder started under the old Node: the launcher and, once it listens, the recorder's own pid. */
async function startUnderOldNode(node: string) {
  const file = join(temporaryFolder(), 'x.db');
  const args = [
    'record',
    '--upstream',
    'ws://127.0.0.1:9',
    '--listen',
    '127.0.0.1:0',
    '--out',
    file,
    '--json',
  ];
  const launcher = spawn(node, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: launcher.stdout });
  const [line] = await once(lines, 'line');
  return { launcher, lines, pid: Number(JSON.parse(line).pid) };
}

describe(`under a Node that is too old${withOldNode && ` (skipped: ${withOldNode})`}`, () => {
  it.skipIf(oldNode === null)('runs under the Node of the checkout', () => {
    const { status, stdout } = spawnSync(oldNode ?? '', [MAIN, '--version'], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '0.1.0\n']);
  });

  it.skipIf(oldNode === null)('keeps the exit code', () => {
    const { status, stderr } = spawnSync(oldNode ?? '', [MAIN, 'list', '/nowhere.db'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error NO_SUCH_FILE: /);
  });

  it.skipIf(oldNode === null)('passes a SIGTERM on to the recorder, which ends cleanly', async () => {
    const { launcher, pid } = await startUnderOldNode(oldNode ?? '');
    expect(pid).not.toBe(launcher.pid);
    launcher.kill('SIGTERM');
    expect(await once(launcher, 'exit')).toEqual([0, null]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it.skipIf(oldNode === null)('ends the recorder when it is killed itself', async () => {
    const { launcher, lines } = await startUnderOldNode(oldNode ?? '');
    const closed = once(lines, 'close');
    launcher.kill('SIGKILL');
    await closed; // the recorder held the pipe open; it is gone
  });

  it.skipIf(oldNode === null)('says in one sentence what is missing where there is no checkout', () => {
    const folder = join(temporaryFolder(), 'dist');
    mkdirSync(folder);
    copyFileSync(MAIN, join(folder, 'main.js'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const { status, stderr } = spawnSync(oldNode ?? '', [join(folder, 'main.js'), 'list', 'x'], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error NODE_TOO_OLD: [^\n]+\n$/);
  });
});
