import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { FORMAT, formatOf, MIGRATIONS, migrate } from '../../src/store/migrations.ts';
import { openFile } from '../../src/store/open-file.ts';
import { openRecording } from '../../src/store/reader.ts';
import { all, TLS } from './samples.ts';

const FORMATS = join(import.meta.dirname, '../../fixtures/formats');

describe('an old format', () => {
  it('has one file of each version kept', () => {
    const expected = Array.from({ length: FORMAT }, (_, index) => `v${index + 1}.db`);
    expect(readdirSync(FORMATS).filter((file) => file.endsWith('.db'))).toEqual(expected);
  });

  it.each(readdirSync(FORMATS).filter((file) => file.endsWith('.db')))('is read whole: %s', async (file) => {
    const path = join(FORMATS, file);
    const before = readFileSync(path);
    const reader = await openRecording(path);
    expect(reader.recording).toMatchObject({ format: FORMAT, label: 'a label', upstream: 'ws://csms:8180' });
    expect(await all(reader.summaries())).toMatchObject([
      { identity: 'CP1', endpoint: '/ocpp', vendor: 'V', model: 'M', firmware: 'F', frames: 2, calls: 1 },
    ]);
    const chargerTls = file === 'v1.db' ? null : TLS;
    expect(await all(reader.events(1))).toMatchObject([
      { kind: 'opened', id: 1, connection: { status: 101, ending: 'fin', chargerTls, csmsTls: null } },
      { kind: 'frame', id: 2, frame: { action: 'Heartbeat' }, link: { replays: 9, source: 'recorded' } },
      { kind: 'frame', id: 3, frame: { answers: 2, latencyUs: 1000 }, link: null },
      { kind: 'closed', id: 4 },
    ]);
    expect(await reader.gaps()).toMatchObject([{ reason: 'a reason' }]);
    expect(await reader.bindings(1)).toMatchObject([{ idClass: 'transactionId' }]);
    expect(await reader.outcomes()).toMatchObject([{ complete: true }]);
    expect(await reader.departures(1)).toMatchObject([{ action: 'Reset', notSent: 2 }]);
    expect(await reader.observations(1)).toMatchObject([{ probe: 'record', frame: 2, failure: null }]);
    reader.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('is migrated step by step in a copy, which is gone afterwards', () => {
    const path = join(FORMATS, 'v1.db');
    const before = readFileSync(path);
    const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('chargetape-old-')).length;
    const had = copies();
    const steps = [
      ...MIGRATIONS,
      'ALTER TABLE session ADD COLUMN site TEXT',
      "UPDATE session SET site = 'here'",
    ];
    const file = openFile(path, steps);
    expect(formatOf(file.db)).toBe(steps.length);
    expect(file.db.prepare('SELECT identity, site FROM session').raw().all()).toEqual([['CP1', 'here']]);
    expect(copies()).toBe(had + 1);
    file.close();
    expect(copies()).toBe(had);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('stays at the version before a step that fails', () => {
    const db = new Database(':memory:');
    const steps = ['CREATE TABLE a (x)', 'CREATE TABLE b (x); CREATE TABLE a (x)'];
    expect(() => migrate(db, steps)).toThrow('already exists');
    expect(formatOf(db)).toBe(1);
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()).toEqual(['a']);
    db.close();
  });
});
