import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';
import { vendorSessions } from '../support/vendor-sessions.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/sessions');
const sessions = vendorSessions().filter(({ flow }) => flow === 'full-transaction');

describe('replay --fault', () => {
  let clean = () => {};
  let file = (name: string) => name;
  beforeAll(async () => {
    const folder = temporaryFolder((whenFinished) => {
      clean = whenFinished;
    });
    file = (name) => join(folder, name);
    const captures = sessions.map((one) => join(fixtures, one.file));
    await chargetape(['import', ...captures, '--out', file('fleet.db')]);
  });
  afterAll(() => clean());

  /** Plays the fleet with these faults: what became of it, and what the CSMS saw. */
  async function play(out: string, faults: string[] = [], wait = '5') {
    const csms = await startTestCsms();
    const args = ['replay', file('fleet.db'), '--target', csms.url, '--speed', 'max', '--wait', wait];
    const flags = faults.flatMap((fault) => ['--fault', fault]);
    const { stdout, stderr, code } = await chargetape([
      ...[...args, ...flags, '--no-cleanup', '--no-diff', '--json', '--out', file(out)],
    ]);
    expect(code, stderr).toBe(0);
    const logs = csms.judgement();
    await csms.close();
    return { summary: JSON.parse(stdout), logs };
  }

  const noted = (out: string, kind: string) =>
    Number(
      recordedValue(
        file(out),
        `SELECT count(*) FROM observation WHERE probe = 'fault' AND value = '"${kind}"'`,
      ),
    );

  /** Calls of each charger that were answered once, without those that were said before. */
  const said = (logs: Awaited<ReturnType<typeof play>>['logs']) =>
    Object.fromEntries(
      logs.map(({ session, calls }) => [
        session,
        [...new Set(calls.map(({ messageId }) => messageId))].length,
      ]),
    );

  it('says a call that was lost again once the connection is back, until all was said', async () => {
    const calm = await play('calm.db');
    const { summary, logs } = await play('drop.db', ['drop-in-call@0.2']);
    expect(noted('drop.db', 'drop-in-call')).toBeGreaterThan(10);
    expect(summary.faults).toBe(noted('drop.db', 'drop-in-call'));
    const connections = logs.reduce((sum, one) => sum + one.connections.length, 0);
    const before = calm.logs.reduce((sum, one) => sum + one.connections.length, 0);
    expect(connections).toBe(before + noted('drop.db', 'drop-in-call'));
    expect(said(logs)).toEqual(said(calm.logs));
    expect(summary).toMatchObject({ complete: sessions.length, incomplete: [], notSent: 0 });
  });

  it('is compared as if nothing had happened, but for commands that went into a lost connection', async () => {
    const { stdout } = await chargetape(['diff', file('calm.db'), file('drop.db'), '--json']);
    const { findings, summary } = JSON.parse(stdout);
    const others = findings.filter(({ kind }: { kind: string }) => !kind.startsWith('command-'));
    expect(others).toEqual([]);
    expect(summary.exchangesDiffering).toBe(0);
  });

  it('delays and duplicates calls, the same ones for the same seed', async () => {
    const faults = ['delay:20ms@0.2', 'duplicate@0.2'];
    const { logs, summary } = await play('one.db', faults);
    expect(noted('one.db', 'delay')).toBeGreaterThan(10);
    const reused = logs.flatMap(({ violations }) =>
      violations.filter(({ kind }) => kind === 'message-id-reused'),
    );
    expect(reused).toHaveLength(noted('one.db', 'duplicate'));
    await play('other.db', faults);
    for (const kind of ['delay', 'duplicate']) expect(noted('other.db', kind)).toBe(noted('one.db', kind));
    expect(summary).toMatchObject({ incomplete: [], notSent: 0 });
    const { stdout } = await chargetape(['diff', file('calm.db'), file('one.db'), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [], verdict: 'same' });
  });

  it('comes back after so long', async () => {
    const { summary, logs } = await play('offline.db', ['offline:300ms@0.05']);
    expect(noted('offline.db', 'offline')).toBeGreaterThan(0);
    expect(summary.incomplete).toEqual([]);
    const gaps = Number(
      recordedValue(
        file('offline.db'),
        'SELECT count(*) FROM connection AS back JOIN connection AS lost ON back.session = lost.session AND back.id > lost.id AND back.opened_mono_us - lost.closed_mono_us >= 290000 WHERE back.replays IS NULL',
      ),
    );
    expect(gaps).toBeGreaterThan(0);
    expect(logs.length).toBeGreaterThan(0);
  });

  it('lets the time stand still for a charger that is away: nothing is given up, and no latency counts it', async () => {
    const calm = await play('at-home.db');
    const { summary, logs } = await play('long-offline.db', ['offline:3s@0.02'], '1');
    expect(summary.faults).toBeGreaterThan(3);
    expect(summary).toMatchObject({ complete: sessions.length, incomplete: [], notSent: 0 });
    expect(said(logs)).toEqual(said(calm.logs));
    const slowest = Math.max(...summary.load.actions.map(({ p99Ms }: { p99Ms: number }) => p99Ms));
    expect(slowest).toBeLessThan(3_000);
  });
});
