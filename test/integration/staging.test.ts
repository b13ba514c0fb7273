import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { openTransactions } from '../support/csms-judge.ts';
import { recordedFrames, recordedValue, recordingBytes } from '../support/recorded-frames.ts';
import { writeScripts } from '../support/script-file.ts';
import { scriptedSession } from '../support/scripted-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms, type TestCsmsOptions } from '../support/test-csms.ts';

const FAST = ['--speed', 'max', '--wait', '3'];

/** Shared: a recording of two chargers. */
const work = mkdtempSync(join(tmpdir(), 'chargetape-staging-'));
let recording = '';

beforeAll(async () => {
  recording = await recordAtProduction();
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A charger that charges with a tag, once in small letters; the transaction stays open when it does not stop. */
const charging = (serial: string, stops: boolean) => `
  0 open
  10 > BootNotification {"chargePointVendor":"V","chargePointModel":"M","chargePointSerialNumber":"${serial}","chargeBoxSerialNumber":"box-7"}
  20 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  30 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}
  40 < {}
  50 > Authorize {"idTag":"Tag-1"}
  60 < {"idTagInfo":{"status":"Accepted"}}
  70 > Authorize {"idTag":"stolen"}
  80 < {"idTagInfo":{"status":"Blocked"}}
  90 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Charging"}
  95 < {}
  100 > StartTransaction {"connectorId":1,"idTag":"tag-1","meterStart":40,"timestamp":"2026-01-01T00:00:01Z"}
  110 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  120 > MeterValues {"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-01-01T00:00:02Z","sampledValue":[{"value":"41"}]}]}
  130 < {}
  ${
    stops
      ? `140 > StopTransaction {"transactionId":7,"idTag":"tag-1","meterStop":50,"timestamp":"2026-01-01T00:00:03Z"}
  150 < {"idTagInfo":{"status":"Accepted"}}
  160 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}
  170 < {}`
      : ''
  }
  9000 end charger fin`;

/** A recording of two chargers at a CSMS that knows them as recorded. */
async function recordAtProduction(): Promise<string> {
  const folder = work;
  const scripts = [
    scriptedSession(charging('CP.1', true), 'CP.1', 1),
    scriptedSession(charging('CP-2', false), 'CP-2', 2),
  ];
  const script = await writeScripts(join(folder, 'script.db'), scripts);
  const csms = await startTestCsms({ tags: { 'Tag-1': 'Accepted', 'tag-1': 'Accepted', stolen: 'Blocked' } });
  const file = join(folder, 'production.db');
  const args = ['replay', script, '--target', csms.url, '--out', file, ...FAST, '--no-diff', '--no-cleanup'];
  const { code, stderr, stdout } = await chargetape(args);
  await csms.close();
  expect(code, stdout + stderr).toBe(0);
  return file;
}

/** Staging: other identities, other tags, passwords. */
const STAGING: TestCsmsOptions = {
  passwords: { 'STG CP.1': 'first secret', 'box/two': 'second:secret' },
  tags: { 'S-0001': 'Accepted', 'S-0002': 'Blocked' },
};

function stagingFlags(folder: string): string[] {
  const files = {
    'identities.csv': 'from,to\nCP-2,box/two\n',
    'idtags.csv': '# tags of the test lab\nTAG-1,S-0001\nStolen,S-0002\n',
    'passwords.json': JSON.stringify(STAGING.passwords),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return [
    ...['--identity', 'STG {identity}', '--identities', join(folder, 'identities.csv')],
    ...['--idtags', join(folder, 'idtags.csv'), '--credentials', join(folder, 'passwords.json')],
  ];
}

describe('a staging CSMS with other names', () => {
  it('gets its own identities, tags and passwords, and the comparison is in recorded names', async () => {
    const folder = temporaryFolder();
    const csms = await startTestCsms(STAGING);
    const run = join(folder, 'run.db');
    const flags = [...FAST, ...stagingFlags(folder), '--json'];
    const { code, stdout, stderr } = await chargetape([
      ...['replay', recording, '--target', csms.url, '--out', run],
      ...flags,
    ]);
    const logs = csms.judgement().toSorted((a, b) => (a.identity < b.identity ? -1 : 1));
    await csms.close();
    const comparison = JSON.parse(stdout);
    expect(comparison.findings, stderr).toEqual([]);
    expect([comparison.verdict, code]).toEqual(['same', 0]);
    expect(logs.map(({ session }) => session)).toEqual(['/ocpp/STG CP.1', '/ocpp/box/two']);
    for (const log of logs) {
      expect(log.violations).toEqual([]);
      const tags = log.calls.flatMap(({ payload: { idTag } }) => idTag ?? []);
      expect(new Set(tags)).toEqual(new Set(['S-0001', 'S-0002']));
      const runs = log.connections.map((connection) => connection.run);
      expect(new Set(runs)).toEqual(new Set([recordedValue(run, 'SELECT uuid FROM recording')]));
    }
    const serials = logs.map(({ calls }) => calls[0]!.payload);
    expect(serials.map((boot) => [boot.chargePointSerialNumber, boot.chargeBoxSerialNumber])).toEqual([
      ['STG CP.1', 'box-7'],
      ['box/two', 'box-7'],
    ]);
    expect(recordedValue(run, 'SELECT group_concat(identity) FROM session')).toBe('CP.1,CP-2');
    expect(recordingBytes(run).includes('first secret')).toBe(false);
    expect(recordingBytes(run).includes(Buffer.from('STG CP.1:first secret').toString('base64'))).toBe(false);
  });

  it('finds a tag that staging judges otherwise, under its recorded name', async () => {
    const folder = temporaryFolder();
    const csms = await startTestCsms({ ...STAGING, tags: { 'S-0001': 'Accepted', 'S-0002': 'Expired' } });
    const args = ['replay', recording, '--target', csms.url, '--out', join(folder, 'run.db'), '--json'];
    const { code, stdout } = await chargetape([...args, ...FAST, ...stagingFlags(folder)]);
    await csms.close();
    expect(code).toBe(1);
    const [finding, ...others] = JSON.parse(stdout).findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      action: 'Authorize',
      path: '/idTagInfo/status',
      candidate: 'Expired',
      count: 2,
      sessions: ['/ocpp/CP-2', '/ocpp/CP.1'],
    });
  });

  it('chooses tags by their outcome, and never has one in two transactions at once', async () => {
    const folder = temporaryFolder();
    const csms = await startTestCsms(STAGING);
    const pools = join(folder, 'pools.csv');
    writeFileSync(pools, 'tag,status\nS-0002,Blocked\nS-0001,Accepted\n');
    const args = ['replay', recording, '--target', csms.url, '--out', join(folder, 'run.db'), '--json'];
    const staging = stagingFlags(folder).with(5, pools);
    const { code, stdout, stderr } = await chargetape([...args, ...FAST, ...staging]);
    const logs = csms.judgement();
    await csms.close();
    expect([code, JSON.parse(stdout).findings], stderr).toEqual([0, []]);
    for (const { calls } of logs) {
      const asked = calls.filter(({ action }) => action === 'Authorize');
      expect(asked.map(({ payload }) => payload.idTag)).toEqual(['S-0001', 'S-0002']);
    }
    writeFileSync(pools, 'tag,status\nS-0001,Accepted\n');
    const short = await chargetape([...args, ...staging, '--out', join(folder, 'none.db')]);
    expect([short.code, short.stderr]).toEqual([
      2,
      expect.stringContaining(
        'error BAD_LIST: The pools of --idtags do not suffice; no tag is left for: 1 Blocked.',
      ),
    ]);
  });

  it('says before the run which identities are not accepted, and does not begin', async () => {
    const folder = temporaryFolder();
    const csms = await startTestCsms(STAGING);
    const args = ['replay', recording, '--target', csms.url, '--out', join(folder, 'run.db'), '--preflight'];
    const refused = await chargetape([...args, ...FAST, '--identity', 'STG {identity}'], {
      env: { CHARGETAPE_PASSWORD: 'first secret' },
    });
    const logs = csms.judgement();
    await csms.close();
    expect(refused.stderr).toContain('/ocpp/CP-2 as STG CP-2: The handshake was answered with 401.');
    expect(refused.stderr).not.toContain('CP.1 as');
    expect(refused.stderr).toContain('error PREFLIGHT_FAILED: The target accepts 1 of 2 identities.');
    expect(refused.code).toBe(3);
    expect(logs.flatMap(({ calls }) => calls)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lists what staging must know, under its names, without dialling', async () => {
    const folder = temporaryFolder();
    const { code, stdout } = await chargetape([
      ...['replay', recording, '--requirements', 'json'],
      ...stagingFlags(folder),
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      chargers: [
        { identity: 'STG CP.1', endpoint: '/ocpp', connectors: [1], password: false },
        { identity: 'box/two', endpoint: '/ocpp', connectors: [1], password: false },
      ],
      tags: [
        { tag: 'S-0001', status: 'Accepted', parent: null },
        { tag: 'S-0002', status: 'Blocked', parent: null },
      ],
      transactions: [],
      configuration: ['STG CP.1', 'box/two'].map((identity) => {
        return { identity, key: 'MeterValueSampleInterval', value: '30' };
      }),
      certificates: [],
    });
  });

  it('refuses lists that are not one to one', async () => {
    const folder = temporaryFolder();
    const list = join(folder, 'list.csv');
    for (const [text, flag] of [
      ['a,x\nb,X\n', '--idtags'],
      ['a,x\na,y\n', '--identities'],
      ['a\n', '--credentials'],
    ] as const) {
      writeFileSync(list, text);
      const { code, stderr } = await chargetape([
        'replay',
        recording,
        '--target',
        'ws://127.0.0.1:9',
        flag,
        list,
      ]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^error BAD_LIST: .*\n$/)]);
    }
  });

  it('runs the setup and teardown commands around the replay', async () => {
    const folder = temporaryFolder();
    const csms = await startTestCsms({
      tags: { 'Tag-1': 'Accepted', 'tag-1': 'Accepted', stolen: 'Blocked' },
    });
    const trace = join(folder, 'trace');
    const args = ['replay', recording, '--target', csms.url, '--out', join(folder, 'run.db'), ...FAST];
    const steps = [
      '--setup',
      `echo "up $CHARGETAPE_TARGET" > ${trace}`,
      '--teardown',
      `echo down >> ${trace}`,
    ];
    const done = await chargetape([...args, ...steps]);
    const failed = await chargetape([...args, '--out', join(folder, 'none.db'), '--setup', 'exit 7']);
    await csms.close();
    expect(done.code, done.stdout + done.stderr).toBe(0);
    expect(readFileSync(trace, 'utf8')).toBe(`up ${csms.url}\ndown\n`);
    expect(failed.code).toBe(2);
    expect(failed.stderr).toContain('error SETUP_FAILED: The --setup command failed: it ended with 7.');
  });
});

describe('what a run leaves open', () => {
  it('is ended after the session, marked as ours, and compared with nothing', async () => {
    const folder = temporaryFolder();
    const csms = await startTestCsms(STAGING);
    const run = join(folder, 'run.db');
    const args = ['replay', recording, '--target', csms.url, '--out', run, '--json'];
    const { stdout, stderr } = await chargetape([...args, ...FAST, ...stagingFlags(folder)]);
    const logs = csms.judgement();
    await csms.close();
    expect(logs.map(openTransactions)).toEqual([[], []]);
    const [log] = logs.filter(({ session }) => session === '/ocpp/box/two');
    expect(log?.calls.slice(-2)).toMatchObject([
      { action: 'StopTransaction', payload: { meterStop: 41, reason: 'Other' }, connection: 2 },
      { action: 'StatusNotification', payload: { connectorId: 1, status: 'Available' }, connection: 2 },
    ]);
    expect(stderr).toContain('clean-up: 2 calls accepted, 0 failed');
    const ours = recordedFrames(run).filter((frame) => frame.flags & 2048 && frame.message_type === 'call');
    expect(ours.map(({ action }) => action)).toEqual(['StopTransaction', 'StatusNotification']);
    const links = `SELECT count(replays) FROM link WHERE frame IN (${ours.map(({ id }) => id).join()})`;
    expect(recordedValue(run, links)).toBe(0);
    expect(JSON.parse(stdout).summary.notComparedReasons).toEqual({});
  });
});
