import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { writeScripts } from '../support/script-file.ts';
import { scriptedSession } from '../support/scripted-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';
import { startThrottledCsms } from '../support/throttled-csms.ts';
import { vendorSessions } from '../support/vendor-sessions.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/sessions');
/** Six minutes of a charger that is back within five seconds: the others of the corpus take longer. */
const [SESSION] = vendorSessions().filter(
  ({ profile, flow }) => profile === 'tritium-rt50' && flow === 'full-transaction',
);
/** Calls of that session. */
const CALLS = 39;

describe('a replay as a load', () => {
  let clean = () => {};
  let file = (name: string) => name;
  beforeAll(async () => {
    const folder = temporaryFolder((whenFinished) => {
      clean = whenFinished;
    });
    file = (name) => join(folder, name);
    await chargetape(['import', join(FIXTURES, SESSION!.file), '--out', file('one.db')]);
    const csms = await startTestCsms();
    await replay(csms.url, 'calm.db', '--clones', '4', '--speed', 'max', '--no-diff');
    await csms.close();
  });
  afterAll(() => clean());

  const replay = (target: string, out: string, ...flags: string[]) =>
    chargetape(['replay', file('one.db'), '--target', target, '--out', file(out), '--no-cleanup', ...flags]);

  /** A run of four chargers in which a scenario happens: what it came to, what the CSMS saw, and what differs from a calm one. */
  async function playThrough(scenario: string) {
    const csms = await startTestCsms();
    const out = `${scenario}.db`;
    const flags = ['--clones', '4', '--speed', '60', '--scenario', scenario, '--no-diff', '--json'];
    const { stdout, stderr, code } = await replay(csms.url, out, ...flags);
    const logs = csms.judgement();
    await csms.close();
    expect(code, stderr).toBe(0);
    const { findings } = JSON.parse(
      (await chargetape(['diff', file('calm.db'), file(out), '--json'])).stdout,
    );
    // A command that the CSMS sent into a lost connection is missing in truth.
    const ofCalls = findings.filter(({ kind }: { kind: string }) => !kind.startsWith('command-'));
    return { summary: JSON.parse(stdout), logs, ofCalls };
  }

  it('tells how the CSMS bore it, and exits 4 when a threshold is missed', async () => {
    const csms = await startThrottledCsms(100);
    onTestFinished(async () => void (await csms.end()));
    const played = async (...limits: string[]) => {
      const thresholds = limits.flatMap((limit) => ['--threshold', limit]);
      const report = file(`${limits.length}-${limits[0]}.json`);
      const flags = ['--speed', 'max', '--no-diff', '--load-report', report];
      const { code, stdout } = await replay(csms.url, `${limits[0]}.db`, ...flags, ...thresholds);
      return { code, stdout, load: JSON.parse(readFileSync(report, 'utf8')) };
    };
    // Beside other tests the generator may not get its processor: then nothing is known of the CSMS.
    const unless = (code: number, { load }: Awaited<ReturnType<typeof played>>) =>
      load.generator.isBound ? 3 : code;
    const kept = await played('*.p99<30s', 'MeterValues.errors<1%');
    expect(kept.code).toBe(unless(0, kept));
    expect(kept.load).toMatchObject({
      answered: CALLS,
      connections: { opened: 1, lost: 0, unreachable: 0, refused: {} },
      thresholds: [
        { limit: '*.p99<30s', kept: true },
        { limit: 'MeterValues.errors<1%', kept: true },
      ],
    });
    const answered = kept.load.actions.map(({ answered: calls }: { answered: number }) => calls);
    expect(answered.reduce((sum: number, calls: number) => sum + calls, 0)).toBe(CALLS);
    const missed = await played('Heartbeat.p50<0.000001ms');
    expect(missed.stdout).toContain('MISSED  Heartbeat.p50<0.000001ms');
    expect(missed.code).toBe(unless(4, missed));
    const never = await played('DataTransfer.p50<1s');
    expect(never.stdout).toContain('MISSED  DataTransfer.p50<1s  (never answered)');
    expect(never.code).toBe(unless(4, never));
  });

  it.concurrent('counts latencies from the time at which a call was due: an answer that keeps others waiting shows', async () => {
    const statuses = Array.from({ length: 5 }, (_, index) => {
      const atMs = 100 * (index + 1);
      return `${atMs} > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}
        ${atMs + 50} < {}`;
    });
    const script = scriptedSession(`0 open\n${statuses.join('\n')}`, 'CP1');
    await writeScripts(file('statuses.db'), [script]);
    const csms = await startTestCsms({ switches: ['status-slow'] });
    const statusesAt = async (speed: string) => {
      const flags = ['--speed', speed, '--no-diff', '--json', '--out', file(`statuses-${speed}.db`)];
      const { stdout } = await chargetape([
        ...['replay', file('statuses.db'), '--target', csms.url],
        ...flags,
      ]);
      return JSON.parse(stdout).load.actions[0];
    };
    // Each is answered after 700 ms, and the next one is sent then: the third is due at 300 ms and answered after 2,200.
    const [paced, fast] = [await statusesAt('1'), await statusesAt('max')];
    await csms.close();
    expect(paced.p50Ms).toBeGreaterThanOrEqual(1_800);
    expect(fast.p50Ms).toBeGreaterThanOrEqual(690);
    expect(fast.p50Ms).toBeLessThan(paced.p50Ms);
    expect([paced.late, fast.late]).toEqual([4, 0]);
  });

  it.concurrent('brings all chargers back after a storm, and nothing is lost or different', async () => {
    const { summary, logs, ofCalls } = await playThrough('reconnect-storm');
    expect(summary).toMatchObject({ complete: 4, notSent: 0, faults: 4 });
    expect(summary.load.connections).toMatchObject({ opened: 8, lost: 0 });
    expect(logs.map(({ connections, violations }) => [connections.length, violations])).toEqual(
      Array.from({ length: 4 }, () => [2, []]),
    );
    expect(ofCalls).toEqual([]);
    const gaps = `SELECT min(back.opened_mono_us - lost.closed_mono_us) FROM connection AS back
      JOIN connection AS lost ON back.session = lost.session AND back.id > lost.id`;
    expect(recordedValue(file('reconnect-storm.db'), gaps)).toBeGreaterThan(900_000);
  });

  it.concurrent('cuts a charger off once, though the CSMS had refused it before', async () => {
    const csms = await startThrottledCsms(2, [1, 1]);
    const flags = [
      '--clones',
      '4',
      '--arrival-rate',
      '100',
      '--speed',
      '60',
      '--scenario',
      'reconnect-storm',
    ];
    const { stdout, stderr, code } = await replay(csms.url, 'refused.db', ...flags, '--no-diff', '--json');
    const seen = await csms.end();
    expect(code, stderr).toBe(0);
    const { complete, faults, load } = JSON.parse(stdout);
    expect(seen.refused).toBeGreaterThan(0);
    expect({ complete, opened: load.connections.opened }).toEqual({ complete: 4, opened: seen.accepted });
    expect(seen.accepted).toBe(4 + faults);
    expect(faults).toBeLessThanOrEqual(4);
  });

  it.concurrent.each([['blackout'], ['rolling-restart']])(
    'starts chargers anew after a %s',
    async (scenario) => {
      const { summary, logs, ofCalls } = await playThrough(scenario);
      expect(summary).toMatchObject({ complete: 4, notSent: 0, faults: 4 });
      for (const { calls, connections, violations } of logs) {
        expect(connections).toHaveLength(2);
        expect(calls.filter(({ action }) => action === 'BootNotification')).toHaveLength(2);
        expect(violations).toEqual([]);
      }
      expect(ofCalls).toEqual([]);
    },
  );

  it.concurrent('lets the clones of a surge arrive when a third of the recording is over', async () => {
    const { summary } = await playThrough('surge');
    expect(summary).toMatchObject({ complete: 4, notSent: 0 });
    const waits =
      'SELECT min(opened_mono_us) - (SELECT min(opened_mono_us) FROM connection) FROM connection WHERE id > 1';
    expect(recordedValue(file('surge.db'), waits)).toBeGreaterThan(1_900_000);
  });

  it('asks a busy CSMS again when it said so, and tells its refusals', async () => {
    const csms = await startThrottledCsms(2, [2, 2]);
    let seen: Awaited<ReturnType<typeof csms.end>> | undefined;
    onTestFinished(async () => void (seen ?? (await csms.end())));
    const flags = ['--clones', '5', '--arrival-rate', '100', '--speed', '100', '--json'];
    const { stdout, stderr, code } = await replay(
      csms.url,
      'busy.db',
      ...flags,
      ...['--load-report', file('busy.json'), '--threshold', '*.p50<0.000001ms'],
    );
    seen = await csms.end();
    const { connections, generator } = JSON.parse(readFileSync(file('busy.json'), 'utf8'));
    expect(code, stderr).toBe(generator.isBound ? 3 : 4);
    const { refused, opened } = connections;
    expect({ refused, opened }).toEqual({ refused: { 503: seen.refused }, opened: 5 });
    expect(seen.refused).toBeGreaterThan(0);
    expect(seen.calls).toBe(5 * CALLS);
    const { findings, summary } = JSON.parse(stdout);
    expect(findings.find(({ kind }: { kind: string }) => kind === 'handshake-status')).toMatchObject({
      baseline: 101,
      candidate: 503,
    });
    expect(summary.exchangesCompared).toBe(5 * CALLS);
    const gap = `SELECT min(back.opened_mono_us - busy.opened_mono_us) FROM connection AS back JOIN connection AS busy
      ON back.session = busy.session AND back.id > busy.id`;
    expect(recordedValue(file('busy.db'), gap)).toBeGreaterThan(1_990_000);
  });

  it.each([
    [['--scenario', 'blackout', '--speed', 'max'], 'no time in which a scenario could happen'],
    [['--scenario', 'surge'], 'give --clones'],
    [['--scenario', 'surge', '--clones', '2', '--ramp', '1m'], 'leave out --ramp'],
    [['--threshold', 'p99<1s'], 'StartTransaction.p99<500ms'],
  ])('refuses %j', async (flags, sentence) => {
    const { code, stderr } = await replay('ws://127.0.0.1:1', 'never-made.db', ...flags);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(existsSync(file('never-made.db'))).toBe(false);
  });
});
