import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms, type TestCsms } from '../support/test-csms.ts';
import { vendorSessions } from '../support/vendor-sessions.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/sessions');
const FLOWS = new Set(['full-transaction', 'heartbeat', 'unplug']);

/** What two comparisons of the same runs have in common. */
const facts = (stdout: string) => {
  const { verdict, findings, summary } = JSON.parse(stdout);
  return {
    verdict,
    findings: findings.map((one: { id: string; kind: string; count: number; sessions: string[] }) => ({
      ...{ id: one.id, kind: one.kind, count: one.count, sessions: [...one.sessions].sort() },
    })),
    sessions: summary.sessions,
    exchanges: summary.exchangesCompared,
  };
};

describe('shards of a replay', () => {
  let csms: TestCsms;
  let clean = () => {};
  let file = (name: string) => name;
  beforeAll(async () => {
    const folder = temporaryFolder((whenFinished) => {
      clean = whenFinished;
    });
    file = (name) => join(folder, name);
    csms = await startTestCsms();
    const captures = vendorSessions().filter(({ flow }) => FLOWS.has(flow));
    await chargetape([
      'import',
      ...captures.map((one) => join(fixtures, one.file)),
      '--out',
      file('fleet.db'),
    ]);
    const options = ['--target', csms.url, '--speed', 'max', '--clones', '2', '--no-cleanup', '--wait', '5'];
    const replay = (out: string, more: string[] = []) =>
      chargetape(['replay', file('fleet.db'), ...options, '--no-diff', '--out', file(out), ...more]);
    for (const shard of ['1/2', '2/2']) await replay(`shard-${shard[0]}.db`, ['--shard', shard]);
    await replay('whole.db');
  });
  afterAll(async () => {
    await csms.close();
    clean();
  });

  it('are one run when they are merged: sessions, findings and counts of the whole', async () => {
    const shards = [file('shard-2.db'), file('shard-1.db')];
    const out = file('merged.db');
    const merged = await chargetape([
      'merge',
      ...shards,
      '--out',
      out,
      '--baseline',
      file('fleet.db'),
      '--json',
    ]);
    const whole = await chargetape(['diff', file('fleet.db'), file('whole.db'), '--json']);
    expect(facts(merged.stdout)).toEqual(facts(whole.stdout));
    expect(merged.code).toBe(whole.code);
    const list = async (run: string) => {
      const { stdout } = await chargetape(['list', file(run), '--json']);
      const rows = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      return rows
        .map(({ identity, frames, calls }) => ({ identity, frames, calls }))
        .sort((a, b) => (a.identity < b.identity ? -1 : 1));
    };
    expect((await list('merged.db')).map(({ identity }) => identity)).toEqual(
      (await list('whole.db')).map(({ identity }) => identity),
    );
  });

  it('cannot be merged while one is missing, or twice there, or of another run', async () => {
    const merge = (...runs: string[]) =>
      chargetape(['merge', ...runs.map((run) => file(run)), '--out', file('none.db')]);
    expect(await merge('shard-1.db')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('MISSING_SHARD: Shard 2/2'),
    });
    expect(await merge('shard-1.db', 'shard-1.db')).toMatchObject({ code: 3 });
    expect(await merge('shard-1.db', 'whole.db')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('BAD_SHARDS'),
    });
  });

  it('play clones with names of their own', async () => {
    const logs = csms.judgement();
    const clones = logs.filter(({ identity }) => identity.endsWith('~1'));
    expect(clones.length).toBeGreaterThan(10);
    const tagsOf = (wanted: boolean) => {
      const some = logs.filter(({ identity }) => identity.endsWith('~1') === wanted);
      const tags = JSON.stringify(some).match(/(?<="idTag":")[^"]+/g) ?? [];
      return new Set(tags.filter((tag) => !tag.startsWith('LIST-')));
    };
    expect([...tagsOf(true)].filter((tag) => tagsOf(false).has(tag))).toEqual([]);
  });
});
