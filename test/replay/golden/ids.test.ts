import { describe, expect, it } from 'vitest';
import { command, type Golden, type GoldenReply, golden, result } from '../../support/golden-csms.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';
const START = `> StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,${AT}}`;
const RESERVE = '"connectorId":1,"expiryDate":"2026-01-01T01:00:00Z","idTag":"A"';

/** Answers each StartTransaction with the next of these ids, exact JSON texts; all else with `{}`. */
function issuing(...ids: string[]): GoldenReply {
  return (call) => {
    if (call.action !== 'StartTransaction') return [];
    return [result(call, `{"idTagInfo":{"status":"Accepted"},"transactionId":${ids.shift()}}`)];
  };
}

/** What a charger said after an action, as the CSMS read it: exact texts of these fields. */
function tokens({ calls }: Golden, action: string, field: string): (string | undefined)[] {
  const token = new RegExp(`"${field}":(-?[\\d.]+|"[^"]*")`);
  return calls.filter((call) => call.action === action).map(({ text }) => token.exec(text)?.[1]);
}

describe.concurrent('transactionId', () => {
  const script = `
    0 open
    1 ${START}
    2 < {"idTagInfo":{"status":"Accepted"},"transactionId":1}
    3 > MeterValues {"connectorId":1,"transactionId":1,"meterValue":[]}
    4 < {}
    5 > StopTransaction {"transactionId":1,"meterStop":1,${AT}}
    6 < {}`;

  it.each(['7', '2147483647', '9007199254740993', '9223372036854775807', '-16', '0', '"tx-1"', '1.0'])(
    'issued as %s comes back as exactly that, in MeterValues and StopTransaction',
    async (live) => {
      const seen = await golden(script, issuing(live));
      expect(tokens(seen, 'MeterValues', 'transactionId')).toEqual([live]);
      expect(tokens(seen, 'StopTransaction', 'transactionId')).toEqual([live]);
      expect(tokens(seen, 'MeterValues', 'connectorId')).toEqual(['1']);
      expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
    },
  );

  it('is one of its transaction: two that run at once, and one id that the recorded CSMS issued twice', async () => {
    const two = `
      0 open
      1 ${START}
      2 < {"transactionId":5}
      3 > StartTransaction {"connectorId":2,"idTag":"B","meterStart":0,${AT}}
      4 < {"transactionId":6}
      5 > StopTransaction {"transactionId":6,"meterStop":1,${AT}}
      6 < {}
      7 > StopTransaction {"transactionId":5,"meterStop":1,${AT}}
      8 < {}
      9 ${START}
      10 < {"transactionId":5}
      11 > StopTransaction {"transactionId":5,"meterStop":1,${AT}}
      12 < {}`;
    const seen = await golden(two, issuing('6', '5', '900'));
    expect(tokens(seen, 'StopTransaction', 'transactionId')).toEqual(['5', '6', '900']);
  });

  it('holds across a reconnect', async () => {
    const seen = await golden(
      `
      0 open
      1 ${START}
      2 < {"transactionId":5}
      3 end charger reset
      10 #2 open
      11 #2 > MeterValues {"connectorId":1,"transactionId":5,"meterValue":[]}
      12 #2 < {}`,
      issuing('77'),
    );
    expect(tokens(seen, 'MeterValues', 'transactionId')).toEqual(['77']);
  });

  it.each(['0', '-1', '-16', '9223372036854775807', '4711', '1767225600'])(
    'that was never issued stays %s, before and after another was',
    async (quirk) => {
      const seen = await golden(
        `
        0 open
        1 > MeterValues {"connectorId":1,"transactionId":${quirk},"meterValue":[]}
        2 < {}
        3 ${START}
        4 < {"transactionId":5}
        5 > MeterValues {"connectorId":1,"transactionId":${quirk},"meterValue":[]}
        6 < {}
        7 > StopTransaction {"transactionId":${quirk},"meterStop":1,${AT}}
        8 < {}`,
        issuing('5000'),
      );
      expect(tokens(seen, 'MeterValues', 'transactionId')).toEqual([quirk, quirk]);
      expect(tokens(seen, 'StopTransaction', 'transactionId')).toEqual([quirk]);
    },
  );

  it('in a command is understood as the live one: the right transaction answers and stops', async () => {
    const seen = await golden(
      `
      0 open
      1 ${START}
      2 < {"transactionId":1}
      3 > StartTransaction {"connectorId":2,"idTag":"B","meterStart":0,${AT}}
      4 < {"transactionId":2}
      10 << RemoteStopTransaction {"transactionId":1}
      11 >> {"status":"Rejected"}
      12 << RemoteStopTransaction {"transactionId":2}
      13 >> {"status":"Accepted"}
      14 > StopTransaction {"transactionId":2,"meterStop":1,${AT}}
      15 < {}`,
      (call) => {
        const { connectorId } = call.payload;
        if (call.action !== 'StartTransaction') return [];
        const answer = result(call, `{"transactionId":${connectorId === 1 ? 2 : 1}}`);
        const stops = [
          command('b', 'RemoteStopTransaction', '{"transactionId":1}'),
          command('a', 'RemoteStopTransaction', '{"transactionId":2}'),
        ];
        return connectorId === 1 ? [answer] : [answer, ...stops];
      },
    );
    expect(seen.answers.get('a')).toBe('[3,"a",{"status":"Rejected"}]');
    expect(seen.answers.get('b')).toBe('[3,"b",{"status":"Accepted"}]');
    expect(tokens(seen, 'StopTransaction', 'transactionId')).toEqual(['1']);
  });
});

describe.concurrent('reservationId', () => {
  const script = `
    0 open
    1 > Heartbeat {}
    2 < {}
    10 << ReserveNow {${RESERVE},"reservationId":1}
    20 >> {"status":"Accepted"}
    30 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"reservationId":1,${AT}}
    40 < {"transactionId":9}
    50 << CancelReservation {"reservationId":1}
    51 >> {"status":"Rejected"}`;

  it('is that of the live ReserveNow, in StartTransaction and when it is cancelled', async () => {
    const seen = await golden(script, (call) => {
      if (call.action === 'Heartbeat') {
        return [command('r', 'ReserveNow', `{${RESERVE},"reservationId":9223372036854775807}`)];
      }
      const cancel = command('c', 'CancelReservation', '{"reservationId":9223372036854775807}');
      return [result(call, '{"transactionId":1}'), cancel];
    });
    expect(tokens(seen, 'StartTransaction', 'reservationId')).toEqual(['9223372036854775807']);
    expect(tokens(seen, 'StartTransaction', 'connectorId')).toEqual(['1']);
    expect(seen.answers.get('r')).toBe('[3,"r",{"status":"Accepted"}]');
    expect(seen.answers.get('c')).toBe('[3,"c",{"status":"Rejected"}]');
  });
});

describe.concurrent('requestId', () => {
  it('is that of the live GetLog in all of its LogStatusNotifications', async () => {
    const log = '"log":{"remoteLocation":"ftp://127.0.0.1:1/"},"logType":"DiagnosticsLog"';
    const seen = await golden(
      `
      0 open
      1 > Heartbeat {}
      2 < {}
      10 << GetLog {${log},"requestId":1}
      20 >> {"status":"Accepted"}
      30 > LogStatusNotification {"status":"Uploading","requestId":1}
      31 < {}
      90000 > LogStatusNotification {"status":"Uploaded","requestId":1}
      90001 < {}`,
      ({ action }) => (action === 'Heartbeat' ? [command('g', 'GetLog', `{${log},"requestId":88}`)] : []),
    );
    expect(tokens(seen, 'LogStatusNotification', 'requestId')).toEqual(['88', '88']);
  });

  it('is that of the live SignedUpdateFirmware in all of its SignedFirmwareStatusNotifications', async () => {
    const firmware =
      '"firmware":{"location":"http://127.0.0.1:1/","retrieveDateTime":"2026-01-01T00:00:00Z","signingCertificate":"c","signature":"s"}';
    const seen = await golden(
      `
      0 open
      1 > Heartbeat {}
      2 < {}
      10 << SignedUpdateFirmware {${firmware},"requestId":4}
      20 >> {"status":"Accepted"}
      30 > SignedFirmwareStatusNotification {"status":"Downloading","requestId":4}
      31 < {}
      90000 > SignedFirmwareStatusNotification {"status":"Installed","requestId":4}
      90001 < {}`,
      ({ action }) =>
        action === 'Heartbeat' ? [command('u', 'SignedUpdateFirmware', `{${firmware},"requestId":5}`)] : [],
    );
    expect(tokens(seen, 'SignedFirmwareStatusNotification', 'requestId')).toEqual(['5', '5']);
  });
});

describe.concurrent('listVersion', () => {
  const script = `
    0 open
    1 > Heartbeat {}
    2 < {}
    10 << SendLocalList {"listVersion":3,"updateType":"Full"}
    11 >> {"status":"Accepted"}
    12 << GetLocalListVersion {}
    13 >> {"listVersion":3}`;

  it('is the live one when the charger is asked for it', async () => {
    const seen = await golden(script, () => [
      command('s', 'SendLocalList', '{"listVersion":9007199254740993,"updateType":"Full"}'),
      command('v', 'GetLocalListVersion', '{}'),
    ]);
    expect(seen.answers.get('s')).toBe('[3,"s",{"status":"Accepted"}]');
    expect(seen.answers.get('v')).toBe('[3,"v",{"listVersion":9007199254740993}]');
  });

  it('is what the charger knows when it is asked once more after another update', async () => {
    const seen = await golden(script, () => [
      command('s', 'SendLocalList', '{"listVersion":70,"updateType":"Full"}'),
      command('v', 'GetLocalListVersion', '{}'),
      command('t', 'SendLocalList', '{"listVersion":71,"updateType":"Differential"}'),
      command('w', 'GetLocalListVersion', '{}'),
    ]);
    expect(seen.answers.get('w')).toBe('[3,"w",{"listVersion":71}]');
  });

  it('-1 of a charger without a list stays', async () => {
    const seen = await golden(
      `
      0 open
      1 > Heartbeat {}
      2 < {}
      12 << GetLocalListVersion {}
      13 >> {"listVersion":-1}`,
      () => [command('v', 'GetLocalListVersion', '{}')],
    );
    expect(seen.answers.get('v')).toBe('[3,"v",{"listVersion":-1}]');
  });
});

describe.concurrent('chargingProfileId', () => {
  it('is the live one when its profile is cleared', async () => {
    const profile = (id: number) =>
      `{"connectorId":0,"csChargingProfiles":{"chargingProfileId":${id},"stackLevel":0,"chargingProfilePurpose":"ChargePointMaxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}}`;
    const seen = await golden(
      `
      0 open
      1 > Heartbeat {}
      2 < {}
      10 << SetChargingProfile ${profile(1)}
      11 >> {"status":"Accepted"}
      12 << ClearChargingProfile {"id":2}
      13 >> {"status":"Unknown"}
      14 << ClearChargingProfile {"id":1}
      15 >> {"status":"Accepted"}`,
      () => [
        command('p', 'SetChargingProfile', profile(2)),
        command('x', 'ClearChargingProfile', '{"id":2}'),
        command('y', 'ClearChargingProfile', '{"id":1}'),
      ],
    );
    expect(seen.answers.get('p')).toBe('[3,"p",{"status":"Accepted"}]');
    expect(seen.answers.get('x')).toBe('[3,"x",{"status":"Accepted"}]');
    expect(seen.answers.get('y')).toBe('[3,"y",{"status":"Unknown"}]');
  });
});

describe.concurrent('what the CSMS did not issue', () => {
  it('keeps its text: message ids, connectors, meters, signed data, vendor data, odd spacing', async () => {
    const signed =
      '{"value":"OCMF|{\\"TX\\":1,\\"TM\\":\\"2026-01-01T00:00:00,000+0000 S\\"}|{}","format":"SignedData"}';
    const stop = `{ "meterStop":1.50,"transactionId" : 1,"transactionData":[{${AT},"sampledValue":[${signed}]}],${AT} }`;
    const seen = await golden(
      `
      0 open
      1 ${START}
      2 < {"transactionId":1}
      3 > DataTransfer {"vendorId":"1","data":"1,1,1"}
      4 < {"status":"Accepted"}
      5 > StopTransaction ${stop}
      6 < {}`,
      issuing('1000'),
    );
    expect(seen.calls[1]?.text).toContain('{"vendorId":"1","data":"1,1,1"}');
    expect(seen.calls[2]?.text).toContain(stop.replace('"transactionId" : 1,', '"transactionId" : 1000,'));
    expect(seen.calls.map(({ id }) => id)).toEqual(seen.recordedIds);
  });
});
