import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { writeScripts } from '../support/script-file.ts';
import { scriptedSession } from '../support/scripted-session.ts';
import { startTestCsms } from '../support/test-csms.ts';

const beat = (ms: number) => `${ms} > Heartbeat {}\n${ms + 10} < {"currentTime":"2026-01-01T00:00:00Z"}`;
const BEATS = `0 open\n${Array.from({ length: 30 }, (_, second) => beat(second * 1000)).join('\n')}\n30000 end charger fin`;
const TRANSACTION = `
  20000 open
  20100 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
  20110 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  20200 > MeterValues {"connectorId":1,"transactionId":9,"meterValue":[]}
  20210 < {}
  20300 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-01-01T00:00:20Z"}
  20310 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  20400 > StopTransaction {"transactionId":7,"meterStop":5,"timestamp":"2026-01-01T00:00:20Z"}
  20410 < {"idTagInfo":{"status":"Accepted"}}
  20500 end charger fin`;

const work = mkdtempSync(join(tmpdir(), 'chargetape-pace-'));
const recording = join(work, 'recording.db');

beforeAll(async () => {
  const script = await writeScripts(join(work, 'script.db'), [
    scriptedSession(BEATS, 'BEATS', 1),
    scriptedSession(TRANSACTION, 'CHARGES', 2),
  ]);
  const csms = await startTestCsms();
  const args = ['replay', script, '--target', csms.url, '--out', recording, '--speed', '30', '--no-diff'];
  const { code, stderr, stdout } = await chargetape(args);
  await csms.close();
  expect(code, stderr + stdout).toBe(0);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a dry run', () => {
  it('says how long, how much at once and what is not known, without dialling', async () => {
    const { code, stdout } = await chargetape([
      'replay',
      join(work, 'script.db'),
      '--dry-run',
      '--json',
      '--speed',
      '10',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      sessions: 2,
      connections: 2,
      calls: 34,
      durationUs: 3_000_000,
      peakConnections: 2,
      callsPerSecond: { mean: 34 / 3, peak: 14 },
      unresolvedIds: { transactionId: 1 },
      outOfOrder: 0,
      missing: [{ session: '/ocpp/BEATS', what: 'BootNotification before the first message' }],
    });
  });
});

describe('pace', () => {
  it('is told: how late half and 99 of 100 messages were', async () => {
    const csms = await startTestCsms();
    const args = ['replay', recording, '--target', csms.url, '--out', join(work, 'late.db'), '--no-diff'];
    const { stdout } = await chargetape([...args, '--speed', '2']);
    await csms.close();
    expect(stdout).toMatch(/lateness: half of the messages within [\d.]+ m?s, 99 of 100 within [\d.]+ m?s/);
  });

  it('fits a budget by dropping what is worth least, and lists it', async () => {
    const csms = await startTestCsms();
    const run = join(work, 'budget.db');
    const args = [
      'replay',
      recording,
      '--target',
      csms.url,
      '--out',
      run,
      '--speed',
      '2',
      '--budget',
      '0.2s',
    ];
    const { code, stderr } = await chargetape(args);
    const calls = csms.judgement().flatMap((log) => log.calls.map(({ action }) => action));
    await csms.close();
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^budget: kept .*, \d+ calls?, \d+ kinds of messages$/m);
    expect(stderr).toMatch(/^ {2}dropped: .*, \d+ calls?$/m);
    expect(calls).toContain('StartTransaction');
    expect(calls.length).toBeLessThan(20);
    expect(recordedValue(run, 'SELECT count(*) FROM outcome WHERE complete')).toBe(2);
  });

  it('has no budget at full speed', async () => {
    const args = ['replay', recording, '--target', 'ws://127.0.0.1:9', '--speed', 'max', '--budget', '20m'];
    const { code, stderr } = await chargetape(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error USAGE: At full speed')]);
  });
});

describe('a confirmation', () => {
  it('plays the sessions that differed again, and says which findings came again', async () => {
    const csms = await startTestCsms({ switches: ['stop-without-id-tag-info'] });
    const args = [
      'replay',
      recording,
      '--target',
      csms.url,
      '--out',
      join(work, 'first.db'),
      '--speed',
      'max',
    ];
    const { code, stderr, stdout } = await chargetape([...args, '--wait', '3', '--confirm', '2', '--json']);
    const logs = csms.judgement();
    await csms.close();
    expect(code).toBe(1);
    const [{ id }] = JSON.parse(stdout).findings;
    expect(stderr).toContain(`confirm: ${id} again in 2 of 2 runs: `);
    const connections = logs.map((log) => [log.identity, log.connections.length]);
    expect(connections.toSorted()).toEqual([
      ['BEATS', 1],
      ['CHARGES', 3],
    ]);
  });
});
