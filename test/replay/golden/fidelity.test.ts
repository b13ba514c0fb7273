import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { command, golden, result } from '../../support/golden-csms.ts';
import { SCRIPT_START_US } from '../../support/scripted-session.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';
const BOOT = '> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}';
const profile = (id: number, transaction = '') =>
  `{"chargingProfileId":${id},${transaction}"stackLevel":0,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}`;

describe.concurrent('the calls of a charger', () => {
  it('keep their message ids, even such as it used twice, and as the CSMS uses them too', async () => {
    const seen = await golden(
      `
      0 open
      1 raw charger [2,"1","Heartbeat",{}]
      2 raw csms [3,"1",{}]
      3 raw charger [2,"1","Heartbeat",{}]
      4 raw csms [3,"1",{}]
      5 end charger fin
      6 #2 open
      7 #2 raw charger [2,"1","Heartbeat",{}]
      8 #2 raw csms [3,"1",{}]`,
      (call) => [command('1', 'GetConfiguration', '{"key":[]}'), result(call, '{}')],
    );
    expect(seen.calls.map(({ id }) => id)).toEqual(['1', '1', '1']);
    expect(seen.answers.get('1')).toBe('[3,"1",{"configurationKey":[]}]');
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
  });

  it('are never more at once than in the recording, however slow the CSMS is', async () => {
    const calls = (from: number, many: number) =>
      Array.from(
        { length: many },
        (_, turn) => `${from + turn} > DataTransfer {"vendorId":"${from + turn}"}`,
      );
    const answers = (from: number, many: number) =>
      Array.from({ length: many }, (_, turn) => `${from + turn} < {}`);
    let open = 0;
    const outstanding: number[] = [];
    await golden(
      [
        '0 open',
        ...calls(1, 3),
        ...answers(10, 3),
        ...calls(20, 1),
        ...answers(30, 1),
        ...calls(40, 2),
        ...answers(50, 2),
      ].join('\n'),
      (call) => {
        outstanding.push(++open);
        const answer = { text: result(call, '{}'), ms: 40 };
        setTimeout(() => open--, 39);
        return [answer];
      },
    );
    expect(outstanding).toEqual([1, 2, 3, 1, 1, 2]);
  });

  it('come at the recorded pace, whatever interval the CSMS asks for', async () => {
    const beats = [1_000, 1_300, 1_600].map((ms) => `${ms} > Heartbeat {}\n${ms + 1} < {}`);
    const { calls } = await golden(
      `0 open\n10 ${BOOT}\n20 < {"status":"Accepted","interval":1}\n${beats.join('\n')}`,
      (call) =>
        call.action === 'BootNotification' ? [result(call, '{"status":"Accepted","interval":3600}')] : [],
      { speed: 1 },
    );
    const [first = 0, second = 0, third = 0] = calls.slice(1).map(({ atMs }) => atMs);
    expect(calls).toHaveLength(4);
    expect(Math.abs(second - first - 300)).toBeLessThan(150);
    expect(Math.abs(third - second - 300)).toBeLessThan(150);
  });

  it('tell a time of 1970 as it is, and the next one, of a clock that was set, as of today', async () => {
    const call = (at: string) =>
      `> StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"${at}"}`;
    const set = new Date(SCRIPT_START_US / 1000 + 3).toISOString();
    const seen = await golden(
      `0 open\n1 ${call('1970-01-01T00:00:12.5Z')}\n2 < {}\n3 ${call(set)}\n4 < {}`,
      () => [],
      { time: 'end-now' },
    );
    const [first, second] = seen.calls.map(({ payload }) => String(payload.timestamp));
    expect(first).toBe('1970-01-01T00:00:12.5Z');
    expect(Math.abs(Date.parse(second ?? '') - (seen.calls[1]?.atMs ?? 0))).toBeLessThan(2_000);
  });
});

describe.concurrent('a charging profile', () => {
  it('for the running transaction is known by the live id, as recorded for the recorded one', async () => {
    const seen = await golden(
      `
      0 open
      1 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,${AT}}
      2 < {"transactionId":1}
      3 << SetChargingProfile {"connectorId":1,"csChargingProfiles":${profile(1, '"transactionId":9,')}}
      4 >> {"status":"Rejected"}
      5 << SetChargingProfile {"connectorId":1,"csChargingProfiles":${profile(2, '"transactionId":1,')}}
      6 >> {"status":"Accepted"}`,
      (call) => [
        result(call, '{"transactionId":9}'),
        command(
          'mine',
          'SetChargingProfile',
          `{"connectorId":1,"csChargingProfiles":${profile(8, '"transactionId":9,')}}`,
        ),
        command(
          'other',
          'SetChargingProfile',
          `{"connectorId":1,"csChargingProfiles":${profile(9, '"transactionId":1,')}}`,
        ),
      ],
    );
    expect(seen.answers.get('mine')).toBe('[3,"mine",{"status":"Accepted"}]');
    expect(seen.answers.get('other')).toBe('[3,"other",{"status":"Rejected"}]');
  });

  it('of a remote start is the charger’s, under its live id', async () => {
    const seen = await golden(
      `
      0 open
      1 > Heartbeat {}
      2 < {}
      6000 << RemoteStartTransaction {"connectorId":1,"idTag":"R","chargingProfile":${profile(1)}}
      6010 >> {"status":"Accepted"}
      6020 > StartTransaction {"connectorId":1,"idTag":"R","meterStart":0,${AT}}
      6030 < {"transactionId":1}`,
      (call) => {
        if (call.action === 'Heartbeat') {
          return [
            command(
              'r',
              'RemoteStartTransaction',
              `{"connectorId":1,"idTag":"R","chargingProfile":${profile(55)}}`,
            ),
          ];
        }
        return [
          result(call, '{"transactionId":7}'),
          command('x', 'ClearChargingProfile', '{"id":1}'),
          command('y', 'ClearChargingProfile', '{"id":55}'),
        ];
      },
    );
    expect(seen.answers.get('r')).toBe('[3,"r",{"status":"Accepted"}]');
    expect(seen.answers.get('x')).toBe('[3,"x",{"status":"Unknown"}]');
    expect(seen.answers.get('y')).toBe('[3,"y",{"status":"Accepted"}]');
  });
});

describe.concurrent('what a command names', () => {
  it('is never fetched and never dialled: firmware, diagnostics, logs, another backend', async () => {
    let dialled = 0;
    const trap = createServer((socket) => {
      dialled++;
      socket.destroy();
    });
    trap.listen(0, '127.0.0.1');
    await once(trap, 'listening');
    const { port } = trap.address() as AddressInfo;
    const url = (scheme: string) => `"${scheme}://127.0.0.1:${port}/x"`;
    const date = '"2026-01-01T00:00:00Z"';
    const firmware = `{"location":${url('http')},"retrieveDateTime":${date},"signingCertificate":"c","signature":"s"}`;
    const seen = await golden(
      `
      0 open
      1 > Heartbeat {}
      2 < {}
      5 << ChangeConfiguration {"key":"CentralSystemURL","value":"ws://127.0.0.1:1/x"}
      6 >> {"status":"Accepted"}
      900 > Heartbeat {}
      901 < {}`,
      ({ id }) => [
        command(`a${id}`, 'UpdateFirmware', `{"location":${url('http')},"retrieveDate":${date}}`),
        command(`b${id}`, 'GetDiagnostics', `{"location":${url('ftp')}}`),
        command(
          `c${id}`,
          'GetLog',
          `{"log":{"remoteLocation":${url('ftp')}},"logType":"DiagnosticsLog","requestId":1}`,
        ),
        command(`d${id}`, 'SignedUpdateFirmware', `{"firmware":${firmware},"requestId":2}`),
        command(`e${id}`, 'ChangeConfiguration', `{"key":"CentralSystemURL","value":${url('ws')}}`),
        command(`f${id}`, 'ChangeConfiguration', `{"key":"AuthorizationKey","value":"0011223344556677"}`),
        command(`g${id}`, 'Reset', '{"type":"Hard"}'),
      ],
    );
    trap.close();
    expect(dialled).toBe(0);
    expect(seen.answers.size).toBe(14);
    expect(seen.log.filter((one) => one === 'open')).toEqual(['open']);
  });
});
