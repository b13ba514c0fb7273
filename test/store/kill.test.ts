import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openRecording } from '../../src/store/reader.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { all } from './samples.ts';

/** Kills a recording process -9 once it has printed this much; resolves with the ids it said were on record. */
async function killedRecording(path: string, printed: number): Promise<number[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'recording-child.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (output.length > printed) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return output.slice(0, output.lastIndexOf('\n')).split('\n').map(Number);
}

it.each([20, 5_000, 60_000])(
  'loses no acknowledged row to kill -9 after %i bytes of acknowledgements',
  async (printed) => {
    const path = join(temporaryFolder(), 'killed.db');
    const acknowledged = await killedRecording(path, printed);
    expect(acknowledged.length).toBeGreaterThan(printed / 8);

    const reader = await openRecording(path);
    expect(reader.recording.endedAtUs).toBeNull();
    const read = new Set((await all(reader.events(1))).map((event) => event.id));
    expect(acknowledged.filter((id) => !read.has(id))).toEqual([]);
    reader.close();

    const db = new Database(path, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  },
);
