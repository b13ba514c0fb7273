import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFile } from '../../src/store/recording-file.ts';
import { newRecording } from '../../src/store/recording-writer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('drafts that killed processes left are removed, and nothing else', () => {
  const folder = temporaryFolder();
  const [now, old] = [new Date(), new Date(Date.now() - 120_000)];
  const files = {
    'a.db.12.new': old,
    'a.db.12.new-wal': old,
    'a.db.13.new': now,
    'a.db.new': old,
    'b.db.12.new': old,
  };
  for (const [name, time] of Object.entries(files)) {
    writeFileSync(join(folder, name), '');
    utimesSync(join(folder, name), time, time);
  }
  const head = { kind: 'capture', toolVersion: '1', label: null, upstream: null, source: null } as const;
  createFile(join(folder, 'a.db'), newRecording(head));
  expect(readdirSync(folder).sort()).toEqual(['a.db', 'a.db.13.new', 'a.db.new', 'b.db.12.new']);
});
