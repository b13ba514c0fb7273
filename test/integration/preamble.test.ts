import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import type { ChargerLog } from '../support/csms-judge.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { writeScripts } from '../support/script-file.ts';
import { scriptedSession } from '../support/scripted-session.ts';
import { startTestCsms } from '../support/test-csms.ts';

const BOOT = '> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}';
const BOOTED = '< {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}';
const status = (value: string) =>
  `> StatusNotification {"connectorId":1,"errorCode":"NoError","status":"${value}"}`;
const meter = (seconds: number) =>
  `> MeterValues {"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-01-01T00:00:${seconds}Z","sampledValue":[{"value":"41"}]}]}`;

/** Boots, reports a status, starts a transaction and reconnects with it running; stops it after a minute. */
const LIFE = `
  0 open
  10 ${BOOT}
  20 ${BOOTED}
  30 ${status('Preparing')}
  40 < {}
  50 ${status('Charging')}
  60 < {}
  100 > StartTransaction {"connectorId":1,"idTag":"TAG-1","meterStart":40,"timestamp":"2026-01-01T00:00:01Z"}
  110 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  20000 ${meter(20)}
  20010 < {}
  25000 end charger fin
  25500 #2 open
  40000 #2 ${meter(40)}
  40010 #2 < {}
  60000 #2 > StopTransaction {"transactionId":7,"idTag":"TAG-1","meterStop":50,"timestamp":"2026-01-01T00:01:00Z"}
  60010 #2 < {"idTagInfo":{"status":"Accepted"}}
  60100 #2 ${status('Available')}
  60110 #2 < {}
  80000 #2 > Heartbeat {}
  80010 #2 < {"currentTime":"2026-01-01T00:01:00Z"}
  80500 #2 end charger fin`;

/** The recording begins in the middle: no boot was ever seen. */
const HEADLESS = `
  0 open
  30 ${status('Available')}
  40 < {}
  500 > Heartbeat {}
  510 < {"currentTime":"2026-01-01T00:01:00Z"}
  600 end charger fin`;

const work = mkdtempSync(join(tmpdir(), 'chargetape-preamble-'));
const recording = join(work, 'recording.db');
const headless = join(work, 'headless.db');

/** Replays fast against a fresh test CSMS. */
async function replayed(file: string, name: string, flags: string[]) {
  const csms = await startTestCsms();
  const run = join(work, `${name}.db`);
  const args = [
    'replay',
    file,
    '--target',
    csms.url,
    '--out',
    run,
    '--speed',
    'max',
    '--wait',
    '3',
    '--json',
  ];
  const { code, stdout, stderr } = await chargetape([...args, ...flags]);
  const [log] = csms.judgement();
  await csms.close();
  return { code, stderr, result: JSON.parse(stdout), log: log as ChargerLog, run };
}

const actions = ({ calls }: ChargerLog) => calls.map(({ action }) => action);

beforeAll(async () => {
  const script = await writeScripts(join(work, 'script.db'), [scriptedSession(LIFE)]);
  const csms = await startTestCsms();
  const args = ['replay', script, '--target', csms.url, '--out', recording, '--speed', '20', '--no-diff'];
  const { code, stderr } = await chargetape(args);
  await csms.close();
  expect(code, stderr).toBe(0);
  await writeScripts(headless, [scriptedSession(HEADLESS, 'CP2', 1)]);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a slice from the middle of a transaction', () => {
  const slices = [
    ['on the connection that it began on', '+0.5', ['MeterValues', 'MeterValues', 'StopTransaction']],
    ['on a later connection', '+1.5', ['MeterValues', 'StopTransaction']],
  ] as const;

  it.each(slices)(
    '%s is played after its prerequisites, with the ids that they got',
    async (_, from, rest) => {
      const { code, result, log, run } = await replayed(recording, `slice${from}`, ['--from', from]);
      expect(actions(log)).toEqual([
        ...['BootNotification', 'StatusNotification', 'StartTransaction'],
        ...rest,
        ...['StatusNotification', 'Heartbeat'],
      ]);
      expect(log.calls[1]?.payload.status).toBe('Charging');
      expect(log.violations).toEqual([]);
      expect(log.transactions).toHaveLength(1);
      expect([result.verdict, result.findings, code]).toEqual(['same', [], 0]);
      const ours = `SELECT count(*) FROM frame JOIN link ON link.frame = id WHERE flags & 2048 AND message_type = 'call' AND replays IS NULL`;
      expect(recordedValue(run, ours)).toBe(3);
    },
  );

  it('is played alone when that is wanted, and its unknown id stays as recorded', async () => {
    const { log } = await replayed(recording, 'alone', ['--from', '+1.5', '--preamble', 'none']);
    expect(actions(log)[0]).toBe('MeterValues');
    expect(log.transactions).toEqual([]);
  });

  it.each(slices)(
    '%s is cut out with its prerequisites and replays like the whole',
    async (_, from, rest) => {
      const cut = join(work, `cut${from}.db`);
      const made = await chargetape(['cut', recording, '--from', from, '--out', cut]);
      expect(made.code, made.stderr).toBe(0);
      const { code, result, log } = await replayed(cut, `cut-run${from}`, []);
      expect(actions(log)).toEqual([
        ...['BootNotification', 'StatusNotification', 'StartTransaction'],
        ...rest,
        ...['StatusNotification', 'Heartbeat'],
      ]);
      expect(log.violations).toEqual([]);
      expect([result.verdict, result.findings, code]).toEqual(['same', [], 0]);
    },
  );

  it('that begins when the transaction is over needs only to be known', async () => {
    const { log, result } = await replayed(recording, 'over', ['--from', '+3.5']);
    expect(actions(log)).toEqual(['BootNotification', 'StatusNotification', 'Heartbeat']);
    expect(log.calls[1]?.payload.status).toBe('Available');
    expect(result.findings).toEqual([]);
  });
});

describe('a recording without a boot', () => {
  it('is played as it is, and that it was never recorded is said', async () => {
    const { log, result } = await replayed(headless, 'as-is', ['--no-diff']);
    expect(actions(log)).toEqual(['StatusNotification', 'Heartbeat']);
    const what = 'BootNotification before the first message';
    expect(result.preamble).toEqual({ sessions: 1, frames: 0, missing: [{ session: '/ocpp/CP2', what }] });
  });

  it('begins with one that is made up when that is wanted', async () => {
    const { log, result } = await replayed(headless, 'made-up', ['--no-diff', '--preamble', 'auto']);
    expect(actions(log)).toEqual(['BootNotification', 'StatusNotification', 'Heartbeat']);
    expect(log.calls[0]?.answer).toMatchObject({ status: 'Accepted' });
    expect(result.preamble.frames).toBe(1);
  });
});
