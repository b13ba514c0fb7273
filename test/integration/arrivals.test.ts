import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { recordedFrames, recordedValue } from '../support/recorded-frames.ts';
import { writeScripts } from '../support/script-file.ts';
import { scriptedSession } from '../support/scripted-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';

const METER = '"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"}]}]';
const SCRIPT = `
  0 open
  10 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
  20 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  30 > MeterValues {"connectorId":1,${METER}}
  40 < {}`;

it('clones arrive one after the other, with clocks as much later, from the addresses that are given', async () => {
  const folder = temporaryFolder();
  const csms = await startTestCsms({});
  const recording = await writeScripts(join(folder, 'one.db'), [scriptedSession(SCRIPT, 'CP1')]);
  const out = join(folder, 'run.db');
  const load = [
    '--clones',
    '3',
    '--ramp',
    '6s',
    '--local-address',
    '127.0.0.2',
    '--local-address',
    '127.0.0.3',
  ];
  const played = await chargetape([
    'replay',
    recording,
    '--target',
    csms.url,
    '--out',
    out,
    '--no-diff',
    ...load,
  ]);
  await csms.close();
  expect(played.code, played.stderr).toBe(0);
  const meters = recordedFrames(out).filter(
    ({ action, sender }) => action === 'MeterValues' && sender === 'charger',
  );
  const [first, second, third] = meters.map(({ payload }) =>
    Date.parse(JSON.parse(payload.toString())[3].meterValue[0].timestamp),
  );
  expect([second! - first!, third! - first!]).toEqual([2000, 4000]);
  const apart = recordedValue(out, 'SELECT max(opened_mono_us) - min(opened_mono_us) FROM connection');
  expect(apart).toBeGreaterThan(3_900_000);
  const addresses = `SELECT group_concat(substr(charger_address, 1, 9)) FROM (SELECT charger_address FROM connection ORDER BY id)`;
  expect(recordedValue(out, addresses)).toBe('127.0.0.2,127.0.0.3,127.0.0.2');
});

it.each([
  [['--ramp', '1m'], 'give --clones'],
  [['--arrival-rate', '5', '--clones', '2', '--speed', 'max'], 'no time over which clones could arrive'],
])('arrivals %j are refused where they mean nothing', async (flags, said) => {
  const recording = await writeScripts(join(temporaryFolder(), 'one.db'), [scriptedSession(SCRIPT, 'CP1')]);
  const refused = await chargetape(['replay', recording, '--target', 'ws://127.0.0.1:9', ...flags]);
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toContain(said);
});
