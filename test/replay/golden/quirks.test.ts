import { describe, expect, it } from 'vitest';
import { command, type Golden, type GoldenReply, golden, result } from '../../support/golden-csms.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';
const LOG = '"log":{"remoteLocation":"ftp://127.0.0.1:1/"},"logType":"DiagnosticsLog"';
const RESERVE = '"connectorId":1,"expiryDate":"2026-01-01T01:00:00Z","idTag":"A"';

/** Values that CSMSs issue, and that chargers make up: 0, negative, the largest of 64 bits, one that no double holds, a time. */
const QUIRKS = ['0', '-1', '-16', '9223372036854775807', '9007199254740993', '1767225600'];

/** What a charger said in these calls, as the CSMS read it: exact texts of a field. */
function tokens({ calls }: Golden, field: string): (string | undefined)[] {
  const token = new RegExp(`"${field}":(-?[\\d.]+|"[^"]*")`);
  return calls.flatMap(({ text }) => token.exec(text)?.[1] ?? []);
}

/** Sends a command once, when the charger first calls. */
function commanding(text: string): GoldenReply {
  let isSent = false;
  return (call) => {
    const answer = call.action === 'StartTransaction' ? [result(call, '{"transactionId":5}')] : [];
    if (isSent) return answer;
    isSent = true;
    return [...answer, text];
  };
}

/** What a class of ids looks like in a session on two connections: `id` is recorded, the rest of the ids are no part of it. */
interface Row {
  field: string;
  /** The command that issues it, with the id in place of ID. */
  command: [action: string, payload: string];
  /** A call that names it. */
  call: string;
}

const ROWS: Record<string, Row> = {
  reservationId: {
    field: 'reservationId',
    command: ['ReserveNow', `{${RESERVE},"reservationId":ID}`],
    call: `StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"reservationId":ID,${AT}}`,
  },
  'requestId of GetLog': {
    field: 'requestId',
    command: ['GetLog', `{${LOG},"requestId":ID}`],
    call: 'LogStatusNotification {"status":"Uploading","requestId":ID}',
  },
  'requestId of SignedUpdateFirmware': {
    field: 'requestId',
    command: [
      'SignedUpdateFirmware',
      '{"firmware":{"location":"http://127.0.0.1:1/","retrieveDateTime":"2026-01-01T00:00:00Z","signingCertificate":"c","signature":"s"},"requestId":ID}',
    ],
    call: 'SignedFirmwareStatusNotification {"status":"Downloading","requestId":ID}',
  },
};

describe.concurrent('a transactionId that the recorded CSMS issued', () => {
  it.each(QUIRKS)('as %s is another one here, on a later connection too', async (recorded) => {
    const seen = await golden(
      `
      0 open
      1 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,${AT}}
      2 < {"transactionId":${recorded}}
      3 > MeterValues {"connectorId":1,"transactionId":${recorded},"meterValue":[]}
      4 < {}
      5 end charger reset
      10 #2 open
      11 #2 > MeterValues {"connectorId":1,"transactionId":${recorded},"meterValue":[]}
      12 #2 < {}
      13 #2 > StopTransaction {"transactionId":${recorded},"meterStop":1,${AT}}
      14 #2 < {}`,
      (call) => (call.action === 'StartTransaction' ? [result(call, '{"transactionId":31337}')] : []),
    );
    expect(tokens(seen, 'transactionId')).toEqual(['31337', '31337', '31337']);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
  });

  it('is the charger’s own: two chargers with the same recorded one have two', async () => {
    const script = `
      0 open
      1 > StartTransaction {"connectorId":1,"idTag":"TAG","meterStart":0,${AT}}
      2 < {"transactionId":1}
      3 > StopTransaction {"transactionId":1,"idTag":"TAG","meterStop":1,${AT}}
      4 < {}`;
    let issued = 40;
    const seen = await golden([script.replaceAll('TAG', 'ONE'), script.replaceAll('TAG', 'TWO')], (call) =>
      call.action === 'StartTransaction' ? [result(call, `{"transactionId":${++issued}}`)] : [],
    );
    const of = (action: string) => seen.calls.filter((call) => call.action === action);
    const byTag = new Map(of('StartTransaction').map(({ payload }, index) => [payload.idTag, 41 + index]));
    expect(byTag.size).toBe(2);
    for (const { payload } of of('StopTransaction')) {
      expect(payload.transactionId).toBe(byTag.get(payload.idTag));
    }
  });

  it('as a number or a text is spelt as the charger spells it', async () => {
    const seen = await golden(
      `
      0 open
      1 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,${AT}}
      2 < {"transactionId":7}
      3 > MeterValues {"connectorId":1,"transactionId":"7","meterValue":[]}
      4 < {}
      5 > StopTransaction {"transactionId":7,"meterStop":1,${AT}}
      6 < {}`,
      (call) => (call.action === 'StartTransaction' ? [result(call, '{"transactionId":900}')] : []),
    );
    expect(tokens(seen, 'transactionId')).toEqual(['"900"', '900']);
  });
});

describe.concurrent.each(Object.entries(ROWS))('%s', (_, { field, command: [action, payload], call }) => {
  const named = (id: string) => call.replace('ID', id);
  const sent = (id: string) => payload.replace('ID', id);

  it.each(QUIRKS)('recorded as %s is the one of the live command, on a later connection too', async (id) => {
    const seen = await golden(
      `
      0 open
      1 > Heartbeat {}
      2 < {}
      6000 << ${action} ${sent(id)}
      6010 >> {"status":"Accepted"}
      6020 > ${named(id)}
      6030 < {"transactionId":5}
      6040 end charger reset
      7000 #2 open
      7010 #2 > ${named(id)}
      7020 #2 < {"transactionId":6}`,
      commanding(command('c', action, sent('9223372036854775806'))),
    );
    expect(tokens(seen, field)).toEqual(['9223372036854775806', '9223372036854775806']);
    expect(seen.answers.get('c')).toBe('[3,"c",{"status":"Accepted"}]');
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
  });

  it.each(QUIRKS)('that was never issued stays %s, although one was', async (id) => {
    const seen = await golden(
      `
      0 open
      1 > Heartbeat {}
      2 < {}
      6000 << ${action} ${sent('77')}
      6010 >> {"status":"Accepted"}
      6015 > ${named('77')}
      6016 < {"transactionId":5}
      6020 > ${named(id)}
      6030 < {"transactionId":6}`,
      commanding(command('c', action, sent('78'))),
    );
    expect(tokens(seen, field)).toEqual(['78', id]);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
  });

  it('is not made up when its command does not come, unless the charger is to go on all the same', async () => {
    const script = `
      0 open
      1 > Heartbeat {}
      2 < {}
      6000 << ${action} ${sent('3')}
      6010 >> {"status":"Accepted"}
      6020 > ${named('3')}
      6030 < {"transactionId":5}`;
    const silent = () => [];
    const left = await golden(script, silent, { waitMs: 200 });
    expect(tokens(left, field)).toEqual([]);
    expect(left.summary.departures).toMatchObject([{ kind: 'not-stimulated', action, notSent: 1 }]);
    const kept = await golden(script, silent, { waitMs: 200, onMissingCommand: 'continue' });
    expect(tokens(kept, field)).toEqual(['3']);
  });
});
