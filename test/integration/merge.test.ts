import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms, type TestCsms } from '../support/test-csms.ts';
import { vendorSessions } from '../support/vendor-sessions.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/sessions');
const SHARDS = [1, 2, 3, 4];
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
    await Promise.all(SHARDS.map((nth) => replay(`shard-${nth}.db`, ['--shard', `${nth}/${SHARDS.length}`])));
    await replay('whole.db');
  });
  afterAll(async () => {
    await csms.close();
    clean();
  });

  it('are one run when they are merged: sessions, findings and counts of the whole', async () => {
    const shards = SHARDS.toReversed().map((nth) => file(`shard-${nth}.db`));
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
    expect(await list('merged.db')).toEqual(await list('whole.db'));
  });

  it('are compared on a sample when that is asked for', async () => {
    const whole = ['diff', file('fleet.db'), file('whole.db'), '--json'];
    const all = JSON.parse((await chargetape(whole)).stdout);
    const { stdout } = await chargetape([...whole, '--sample', '10']);
    const { summary, findings } = JSON.parse(stdout);
    expect(summary.sessionsCompared).toBe(10);
    expect(summary.notComparedReasons['session beyond the sample']).toBe(all.summary.sessionsCompared - 10);
    expect(summary.sessions.some((name: string) => name.endsWith('~1'))).toBe(true);
    const known = all.findings.map(({ id }: { id: string }) => id);
    for (const { id } of findings) expect(known).toContain(id);
  });

  it('cannot be merged while one is missing, or twice there, or of another run', async () => {
    const merge = (...runs: string[]) =>
      chargetape(['merge', ...runs.map((run) => file(run)), '--out', file('none.db')]);
    for (const missing of SHARDS) {
      const others = SHARDS.filter((nth) => nth !== missing).map((nth) => `shard-${nth}.db`);
      expect(await merge(...others)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining(`MISSING_SHARD: Shard ${missing}/4`),
      });
    }
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
