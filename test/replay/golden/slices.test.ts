import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReplayOptions } from '../../../src/replay/replay.ts';
import { cutRecording } from '../../../src/store/cut.ts';
import { openRecording } from '../../../src/store/reader.ts';
import { command, type Golden, type GoldenReply, golden, result } from '../../support/golden-csms.ts';
import { writeScripts } from '../../support/script-file.ts';
import { SCRIPT_START_US, scriptedSession } from '../../support/scripted-session.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';
const RESERVE = '"connectorId":1,"expiryDate":"2026-01-01T01:00:00Z","idTag":"A"';
const RESERVED = `StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"reservationId":3,${AT}}`;
const PROFILE =
  '{"connectorId":0,"csChargingProfiles":{"chargingProfileId":4,"stackLevel":2,"chargingProfilePurpose":"ChargePointMaxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}}';

/** A session whose middle is at 20 s: what was said before, and what after. */
const life = (before: string, after = '') => `
  0 open
  10 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
  20 < {"status":"Accepted"}
  9000 ${before.trim().split('\n').join('\n9000 ')}
  21000 > Heartbeat {}
  21001 < {}
  ${after}
  29000 > Heartbeat {}
  29001 < {}`;

const RESERVATION = life(
  `<< ReserveNow {${RESERVE},"reservationId":3}
   >> {"status":"Accepted"}`,
  `22000 > ${RESERVED}
   22010 < {"transactionId":7}`,
);

const work = mkdtempSync(join(tmpdir(), 'chargetape-slices-'));
let files = 0;

afterAll(() => rmSync(work, { recursive: true, force: true }));

type Slicing = 'a slice of a recording' | 'a part that was cut out';

/** Replays what was said from the middle on. */
async function fromTheMiddle(
  slicing: Slicing,
  script: string,
  reply: GoldenReply,
  options: Partial<ReplayOptions> = {},
): Promise<Golden> {
  const name = join(work, String(++files));
  const whole = await writeScripts(`${name}.db`, [scriptedSession(script)]);
  const slice = { fromUs: SCRIPT_START_US + 20_000_000 };
  if (slicing === 'a slice of a recording') {
    const reader = await openRecording(whole);
    try {
      return await golden(script, reply, { reader, slice, ...options });
    } finally {
      reader.close();
    }
  }
  const cut = `${name}-cut.db`;
  const source = await openRecording(whole);
  await cutRecording(source, cut, { toolVersion: 'test', slice });
  source.close();
  const reader = await openRecording(cut);
  try {
    return await golden(script, reply, { reader, ...options });
  } finally {
    reader.close();
  }
}

/** Sends these commands when the charger makes itself known. */
const atBoot =
  (...commands: string[]): GoldenReply =>
  (call) => {
    if (call.action === 'StartTransaction') return [result(call, '{"transactionId":70}')];
    if (call.action !== 'BootNotification') return [];
    return [result(call, '{"status":"Accepted"}'), ...commands];
  };

const slicings: Slicing[] = ['a slice of a recording', 'a part that was cut out'];

describe.concurrent.each(slicings)('%s that begins in mid-life', (slicing) => {
  it('names the reservation of before by the id that this CSMS gave it', async () => {
    const reserve = command('r', 'ReserveNow', `{${RESERVE},"reservationId":99}`);
    const seen = await fromTheMiddle(slicing, RESERVATION, atBoot(reserve));
    expect(seen.log.filter((one) => one.startsWith('>'))).toEqual([
      '> BootNotification',
      '> Heartbeat',
      '> StartTransaction',
      '> Heartbeat',
    ]);
    expect(seen.calls.find(({ action }) => action === 'StartTransaction')?.payload.reservationId).toBe(99);
    expect(seen.answers.get('r')).toBe('[3,"r",{"status":"Accepted"}]');
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0, preamble: { missing: [] } });
  });

  it('does not name a reservation that this CSMS has not made, and says so', async () => {
    const seen = await fromTheMiddle(slicing, RESERVATION, atBoot(), { waitMs: 300 });
    expect(seen.calls.some(({ payload }) => 'reservationId' in payload)).toBe(false);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 1 });
    expect(seen.summary.departures).toMatchObject([
      { kind: 'not-stimulated', action: 'ReserveNow', notSent: 1 },
    ]);
  });

  it('waits for no reservation that was cancelled, and takes any other command for what it is', async () => {
    const cancelled = life(`<< ReserveNow {${RESERVE},"reservationId":3}
      >> {"status":"Accepted"}
      << CancelReservation {"reservationId":3}
      >> {"status":"Accepted"}`);
    const reserve = command('r', 'ReserveNow', `{${RESERVE},"reservationId":99}`);
    const seen = await fromTheMiddle(slicing, cancelled, atBoot(reserve), { speed: 'max' });
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
    expect(seen.summary.departures).toBeUndefined();
  });

  it('knows the version of its local list', async () => {
    const script = life(`<< SendLocalList {"listVersion":3,"updateType":"Full"}
      >> {"status":"Accepted"}`);
    const ask = command('v', 'GetLocalListVersion', '{}');
    const seen = await fromTheMiddle(slicing, script, atBoot(ask));
    expect(seen.answers.get('v')).toBe('[3,"v",{"listVersion":3}]');
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
    const older = command('s', 'SendLocalList', '{"listVersion":2,"updateType":"Differential"}');
    const update = command('t', 'SendLocalList', '{"listVersion":70,"updateType":"Differential"}');
    const updated = await fromTheMiddle(slicing, script, atBoot(update, ask, older));
    expect(updated.answers.get('t')).toBe('[3,"t",{"status":"Accepted"}]');
    expect(updated.answers.get('v')).toBe('[3,"v",{"listVersion":70}]');
  });

  it('knows its settings, as they were told and changed', async () => {
    const script = life(`<< GetConfiguration {"key":["MeterValueSampleInterval","NumberOfConnectors"]}
      >> {"configurationKey":[{"key":"MeterValueSampleInterval","readonly":false,"value":"60"},{"key":"NumberOfConnectors","readonly":true,"value":"2"}]}
      << ChangeConfiguration {"key":"MeterValueSampleInterval","value":"10"}
      >> {"status":"Accepted"}`);
    const seen = await fromTheMiddle(
      slicing,
      script,
      atBoot(command('g', 'GetConfiguration', '{"key":["MeterValueSampleInterval"]}')),
    );
    expect(seen.answers.get('g')).toBe(
      '[3,"g",{"configurationKey":[{"key":"MeterValueSampleInterval","readonly":false,"value":"10"}]}]',
    );
  });

  it('knows its charging profile', async () => {
    const script = life(`<< SetChargingProfile ${PROFILE}
      >> {"status":"Accepted"}`);
    const seen = await fromTheMiddle(
      slicing,
      script,
      atBoot(
        command('x', 'ClearChargingProfile', '{"stackLevel":9}'),
        command('y', 'ClearChargingProfile', '{"stackLevel":2}'),
      ),
    );
    expect(seen.answers.get('x')).toBe('[3,"x",{"status":"Unknown"}]');
    expect(seen.answers.get('y')).toBe('[3,"y",{"status":"Accepted"}]');
  });

  it('goes on with its transaction under the id that this CSMS issued, and answers for it', async () => {
    const script = life(
      `> StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Charging"}
       < {}
       > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,${AT}}
       < {"transactionId":7}`,
      `22000 > MeterValues {"connectorId":1,"transactionId":7,"meterValue":[]}
       22001 < {}
       23000 > StopTransaction {"transactionId":7,"meterStop":1,${AT}}
       23001 < {}`,
    );
    const seen = await fromTheMiddle(slicing, script, atBoot());
    expect(seen.calls.map(({ action, payload }) => [action, payload.transactionId])).toEqual([
      ['BootNotification', undefined],
      ['StatusNotification', undefined],
      ['StartTransaction', undefined],
      ['Heartbeat', undefined],
      ['MeterValues', 70],
      ['StopTransaction', 70],
      ['Heartbeat', undefined],
    ]);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0, preamble: { frames: 6, missing: [] } });
  });

  it('is played alone when that is wanted', async () => {
    const seen = await fromTheMiddle(slicing, RESERVATION, atBoot(), { preamble: 'none' });
    expect(seen.calls.map(({ action }) => action)).toEqual(['Heartbeat', 'StartTransaction', 'Heartbeat']);
  });
});
