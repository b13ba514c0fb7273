import { once } from 'node:events';
import { readdirSync, utimesSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFile, finish, openForWriting } from '../../src/store/recording-file.ts';
import { newRecording } from '../../src/store/recording-writer.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const head = { kind: 'capture', toolVersion: '1', label: null, upstream: null, source: null } as const;

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
  createFile(join(folder, 'a.db'), newRecording(head));
  expect(readdirSync(folder).sort()).toEqual(['a.db', 'a.db.13.new', 'a.db.new', 'b.db.12.new']);
});

test('a recording is ended without a journal beside it, which a process that is killed then would leave', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.db');
  createFile(path, newRecording(head));
  const db = openForWriting(path);
  const seen: string[] = [];
  const watcher = watch(folder, (_, name) => void seen.push(name ?? ''));
  finish(db, 1);
  db.close();
  writeFileSync(join(folder, 'last'), '');
  while (!seen.includes('last')) await once(watcher, 'change');
  watcher.close();
  expect(seen).toContain('a.db');
  expect(seen.filter((name) => name.endsWith('-journal'))).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(['a.db', 'last']);
  expect(recordedValue(path, 'PRAGMA journal_mode')).toBe('delete');
});
