import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileWatch } from '../../src/store/file-watch.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it.each<[string, (path: string) => void]>([
  ['deleted', (path) => rmSync(path)],
  ['moved', (path) => renameSync(path, `${path}.old`)],
  [
    'replaced',
    (path) => {
      writeFileSync(`${path}.new`, '');
      renameSync(`${path}.new`, path);
    },
  ],
])('tells once that a file was %s', (_, change) => {
  const path = join(temporaryFolder(), 'a');
  writeFileSync(path, '');
  const watch = new FileWatch(path, 0);
  expect(watch.look()).toEqual({ isGone: false, bytes: 0, walBytes: 0 });
  change(path);
  writeFileSync(`${path}-wal`, 'abc');
  expect(watch.look()).toMatchObject({ isGone: true, walBytes: 3 });
  expect(watch.look()?.isGone).toBe(false);
});
