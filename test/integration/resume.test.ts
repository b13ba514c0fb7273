import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chargetape, start } from '../support/binary.ts';
import { openTransactions } from '../support/csms-judge.ts';
import { recordedValue, recordingBytes } from '../support/recorded-frames.ts';
import { writeScripts } from '../support/script-file.ts';
import { scriptedSession } from '../support/scripted-session.ts';
import { startTestCsms } from '../support/test-csms.ts';

/** A tag of its own, since sessions that share one wait for each other. */
const charging = (stopMs: number, tag: string) => `
  0 open
  10 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
  20 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  90 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Charging"}
  95 < {}
  100 > StartTransaction {"connectorId":1,"idTag":"${tag}","meterStart":40,"timestamp":"2026-01-01T00:00:01Z"}
  110 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  120 > MeterValues {"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-01-01T00:00:02Z","sampledValue":[{"value":"41"}]}]}
  130 < {}
  ${stopMs} > StopTransaction {"transactionId":7,"idTag":"${tag}","meterStop":50,"timestamp":"2026-01-01T00:00:03Z"}
  ${stopMs + 10} < {"idTagInfo":{"status":"Accepted"}}
  ${stopMs + 20} > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}
  ${stopMs + 30} < {}
  ${stopMs + 500} end charger fin`;

const work = mkdtempSync(join(tmpdir(), 'chargetape-resume-'));
const recording = join(work, 'recording.db');

beforeAll(async () => {
  const scripts = [
    scriptedSession(charging(15_000, 'TAG-1'), 'LONG-1', 1),
    scriptedSession(charging(200, 'TAG-2'), 'SHORT', 2),
    scriptedSession(charging(15_000, 'TAG-3'), 'LONG-2', 3),
  ];
  await writeScripts(recording, scripts);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const PACE = ['--speed', '10', '--wait', '3'];

/** Starts a replay and ends it by a signal once the short session is over and the long ones are charging. */
async function interrupted(
  signal: NodeJS.Signals,
  target: { url: string },
  name: string,
  flags: string[] = [],
) {
  const run = join(work, `${name}.db`);
  const running = start([
    'replay',
    recording,
    '--target',
    target.url,
    '--out',
    run,
    '--speed',
    '1',
    ...flags,
  ]);
  const inTheMiddle = () => {
    expect(
      recordedValue(run, `SELECT count(*) FROM frame WHERE action = 'MeterValues' AND answers > 0`),
    ).toBe(3);
    expect(recordedValue(run, 'SELECT count(*) FROM outcome WHERE complete')).toBe(1);
  };
  await vi.waitFor(inTheMiddle, { timeout: 20_000, interval: 20 });
  running.child.kill(signal);
  return { run, finished: await running.finished };
}

const facts = (stdout: string) => {
  const { verdict, findings, summary } = JSON.parse(stdout);
  const { incompleteSessions, exchangesCompared, commandsCompared } = summary;
  const found = findings.map(
    ({ id, count, sessions }: { id: string; count: number; sessions: string[] }) => ({
      ...{ id, count, sessions },
    }),
  );
  return { verdict, found, incompleteSessions, exchangesCompared, commandsCompared };
};

describe('a run that was killed', () => {
  it('is incomplete, is resumed with the sessions it lacks, and then finds what an undisturbed one finds', async () => {
    const csms = await startTestCsms();
    const undisturbed = await chargetape([
      ...['replay', recording, '--target', csms.url, '--out', join(work, 'whole.db'), '--json'],
      ...PACE,
    ]);
    const { run } = await interrupted('SIGKILL', csms, 'killed');
    expect(csms.judgement().flatMap(openTransactions)).toHaveLength(2);
    const compared = await chargetape(['diff', recording, run, '--json']);
    expect([compared.code, JSON.parse(compared.stdout).verdict]).toEqual([3, 'incomplete']);

    const before = recordingBytes(run);
    const out = join(work, 'resumed.db');
    const resumed = await chargetape([
      ...['replay', recording, '--target', csms.url, '--resume', run, '--out', out, '--json'],
      ...PACE,
    ]);
    const logs = csms.judgement();
    await csms.close();
    expect(resumed.stderr).toContain('resume: 1 taken over, 2 to play');
    expect(facts(resumed.stdout)).toEqual(facts(undisturbed.stdout));
    expect(resumed.code).toBe(undisturbed.code);
    expect(recordingBytes(run).equals(before)).toBe(true);
    expect(logs.flatMap(openTransactions)).toEqual([]);
    expect(logs.find(({ identity }) => identity === 'SHORT')?.connections).toHaveLength(2);
    expect(recordedValue(out, 'SELECT group_concat(identity) FROM session')).toBe('LONG-1,SHORT,LONG-2');
  });

  it('is cleaned up by another process: the CSMS has no open transaction', async () => {
    const csms = await startTestCsms();
    const { run } = await interrupted('SIGKILL', csms, 'dead');
    expect(csms.judgement().flatMap(openTransactions)).toHaveLength(2);
    const out = join(work, 'clean-up.db');
    const { code, stdout } = await chargetape([
      'replay',
      '--cleanup',
      run,
      '--target',
      csms.url,
      '--out',
      out,
    ]);
    const logs = csms.judgement();
    await csms.close();
    expect([code, stdout]).toEqual([0, 'clean-up: 4 calls accepted, 0 failed\n']);
    expect(logs.flatMap(openTransactions)).toEqual([]);
    const last = logs.map(({ calls }) => calls.findLast(({ action }) => action === 'StatusNotification'));
    expect(last.map((call) => call?.payload.status)).toEqual(['Available', 'Available', 'Available']);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is cleaned up after %s too', async (signal, code) => {
    const csms = await startTestCsms();
    const stopped = await interrupted(signal, csms, `stopped-${signal}`);
    expect(csms.judgement().flatMap(openTransactions)).toEqual([]);
    expect(stopped.finished.code).toBe(code);
    expect(stopped.finished.stderr).toContain('clean-up: 4 calls accepted, 0 failed');
    await csms.close();
  });

  it('is not cleaned up when that is not wanted', async () => {
    const csms = await startTestCsms();
    await interrupted('SIGTERM', csms, 'left', ['--no-cleanup']);
    expect(csms.judgement().flatMap(openTransactions)).toHaveLength(2);
    await csms.close();
  });

  it('is not resumed with another recording', async () => {
    const { code, stderr } = await chargetape([
      ...['replay', recording, '--target', 'ws://127.0.0.1:9', '--resume', recording],
      ...['--out', join(work, 'none.db')],
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error USAGE: The run of --resume')]);
  });

  it('is what --cleanup needs: the transactions of a capture are none of ours', async () => {
    const args = ['replay', '--cleanup', recording, '--target', 'ws://127.0.0.1:9'];
    const { code, stderr } = await chargetape([...args, '--out', join(work, 'none.db')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is not a run.')]);
  });

  it('lists what could not be cleaned up, and says so with its exit code', async () => {
    const csms = await startTestCsms();
    const { run } = await interrupted('SIGKILL', csms, 'stranded');
    await csms.close();
    const out = join(work, 'failed.db');
    const { code, stdout } = await chargetape([
      'replay',
      '--cleanup',
      run,
      '--target',
      csms.url,
      '--out',
      out,
    ]);
    expect(code).toBe(3);
    expect(stdout).toContain('clean-up: 0 calls accepted, 4 failed');
    expect(stdout).toMatch(
      /not cleaned up: \/ocpp\/LONG-1.*: StopTransaction: The CSMS could not be reached/,
    );
  });
});
