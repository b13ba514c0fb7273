import { describe, expect, it } from 'vitest';
import { FrameFlag } from '../../../src/session/frame.ts';
import {
  command,
  type Golden,
  type GoldenCall,
  type GoldenReply,
  golden,
  result,
} from '../../support/golden-csms.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';
const BOOT = '> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}';
const STATUS = '"errorCode":"NoError","status"';

interface Edge {
  name: string;
  /** Action and payload of the command. */
  command: [action: string, payload: string];
  /** What the recorded charger answered. */
  answer?: string;
  /** Calls that the command provokes, as in a script. */
  provoked: string[];
  /** Called without the command too. */
  anyway?: true;
}

const LOG = '"log":{"remoteLocation":"ftp://127.0.0.1:1/"},"logType":"DiagnosticsLog","requestId":1';
const FIRMWARE =
  '"firmware":{"location":"http://127.0.0.1:1/","retrieveDateTime":"2026-01-01T00:00:00Z","signingCertificate":"c","signature":"s"},"requestId":1';
const STOP = `{"transactionId":7,"meterStop":1,${AT}}`;

/** One of each causal edge; transaction 7 runs already. */
const EDGES: Edge[] = [
  {
    name: 'RemoteStartTransaction: Authorize and StartTransaction',
    command: ['RemoteStartTransaction', '{"connectorId":2,"idTag":"R"}'],
    provoked: [
      'Authorize {"idTag":"R"}',
      `StartTransaction {"connectorId":2,"idTag":"R","meterStart":0,${AT}}`,
    ],
  },
  {
    name: 'RemoteStopTransaction: StopTransaction',
    command: ['RemoteStopTransaction', '{"transactionId":7}'],
    provoked: [`StopTransaction ${STOP}`],
  },
  ...[
    ['Heartbeat', '{}'],
    ['DiagnosticsStatusNotification', '{"status":"Idle"}'],
    ['FirmwareStatusNotification', '{"status":"Idle"}'],
    ['MeterValues', '{"connectorId":1,"meterValue":[]}'],
    ['StatusNotification', `{"connectorId":1,${STATUS}:"Charging"}`],
  ].map(([action, payload]): Edge => {
    return {
      name: `TriggerMessage: ${action}`,
      command: ['TriggerMessage', `{"requestedMessage":"${action}","connectorId":1}`],
      provoked: [`${action} ${payload}`],
    };
  }),
  {
    name: 'TriggerMessage of all connectors: one StatusNotification each',
    command: ['TriggerMessage', '{"requestedMessage":"StatusNotification"}'],
    provoked: [0, 1, 2].map((one) => `StatusNotification {"connectorId":${one},${STATUS}:"Charging"}`),
  },
  {
    name: 'TriggerMessage: BootNotification, which is sent anyway',
    command: ['TriggerMessage', '{"requestedMessage":"BootNotification"}'],
    provoked: [BOOT.slice(2)],
    anyway: true,
  },
  {
    name: 'ExtendedTriggerMessage: SignCertificate',
    command: ['ExtendedTriggerMessage', '{"requestedMessage":"SignChargePointCertificate"}'],
    provoked: ['SignCertificate {"csr":"x"}'],
  },
  {
    name: 'ExtendedTriggerMessage: LogStatusNotification',
    command: ['ExtendedTriggerMessage', '{"requestedMessage":"LogStatusNotification"}'],
    provoked: ['LogStatusNotification {"status":"Idle"}'],
  },
  {
    name: 'GetDiagnostics: its sequence',
    command: ['GetDiagnostics', '{"location":"ftp://127.0.0.1:1/"}'],
    answer: '{"fileName":"x"}',
    provoked: ['Uploading', 'Uploaded'].map((one) => `DiagnosticsStatusNotification {"status":"${one}"}`),
  },
  {
    name: 'UpdateFirmware: its sequence',
    command: ['UpdateFirmware', '{"location":"http://127.0.0.1:1/","retrieveDate":"2026-01-01T00:00:00Z"}'],
    answer: '{}',
    provoked: ['Downloading', 'Downloaded', 'Installing', 'Installed'].map(
      (one) => `FirmwareStatusNotification {"status":"${one}"}`,
    ),
  },
  {
    name: 'GetLog: its sequence',
    command: ['GetLog', `{${LOG}}`],
    provoked: ['Uploading', 'Uploaded'].map(
      (one) => `LogStatusNotification {"status":"${one}","requestId":1}`,
    ),
  },
  {
    name: 'SignedUpdateFirmware: its sequence',
    command: ['SignedUpdateFirmware', `{${FIRMWARE}}`],
    provoked: ['Downloading', 'Installed'].map(
      (one) => `SignedFirmwareStatusNotification {"status":"${one}","requestId":1}`,
    ),
  },
  {
    name: 'ChangeAvailability: StatusNotification, which is sent anyway',
    command: ['ChangeAvailability', '{"connectorId":2,"type":"Inoperative"}'],
    provoked: [`StatusNotification {"connectorId":2,${STATUS}:"Unavailable"}`],
    anyway: true,
  },
  {
    name: 'UnlockConnector: StopTransaction',
    command: ['UnlockConnector', '{"connectorId":1}'],
    answer: '{"status":"Unlocked"}',
    provoked: [`StopTransaction {"reason":"UnlockCommand",${STOP.slice(1)}`],
  },
  {
    name: 'UnlockConnector: StatusNotification, which is sent anyway',
    command: ['UnlockConnector', '{"connectorId":2}'],
    answer: '{"status":"Unlocked"}',
    provoked: [`StatusNotification {"connectorId":2,${STATUS}:"Available"}`],
    anyway: true,
  },
  {
    name: 'ReserveNow: StatusNotification',
    command: [
      'ReserveNow',
      '{"connectorId":2,"expiryDate":"2026-01-01T01:00:00Z","idTag":"R","reservationId":3}',
    ],
    provoked: [`StatusNotification {"connectorId":2,${STATUS}:"Reserved"}`],
  },
  {
    name: 'Reset: StopTransaction',
    command: ['Reset', '{"type":"Soft"}'],
    provoked: [`StopTransaction {"reason":"SoftReset",${STOP.slice(1)}`],
  },
];

/** A session in which the command comes while transaction 7 runs; a DataTransfer that depends on nothing stands at the end. */
function scriptOf({ command: [action, payload], answer = '{"status":"Accepted"}', provoked }: Edge): string {
  const calls = provoked.map((call, turn) => `${20_040 + turn * 20} > ${call}\n${20_050 + turn * 20} < {}`);
  return `
    0 open
    10 ${BOOT}
    20 < {"status":"Accepted"}
    30 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,${AT}}
    40 < {"transactionId":7}
    20000 << ${action} ${payload}
    20030 >> ${answer}
    ${calls.join('\n')}
    90000 > DataTransfer {"vendorId":"last"}
    90010 < {"status":"Accepted"}
    90020 end charger fin`;
}

const answering =
  (more: (action: string) => ReturnType<GoldenReply>): GoldenReply =>
  (call) => {
    if (call.action === 'BootNotification')
      return [result(call, '{"status":"Accepted"}'), ...more(call.action)];
    if (call.action === 'StartTransaction')
      return [result(call, '{"transactionId":7}'), ...more(call.action)];
    return [];
  };

/** What the CSMS saw of an edge from its command on; the live command comes 200 ms after the transaction began, or never. */
async function played(edge: Edge, comes: boolean): Promise<Golden> {
  const [action, payload] = edge.command;
  let sent = false;
  const reply = answering((called) => {
    if (!comes || sent || called !== 'StartTransaction') return [];
    sent = true;
    return [{ text: command('c', action, payload), ms: 200 }];
  });
  return golden(scriptOf(edge), reply, { waitMs: comes ? 5_000 : 200 });
}

const actionsOf = ({ provoked }: Edge) => provoked.map((call) => `> ${call.split(' ')[0]}`);
const BEFORE = ['open', '> BootNotification', '> StartTransaction'];

describe.concurrent('a provoked call', () => {
  it.each(EDGES.map((edge) => [edge.name, edge] as const))('waits for its command: %s', async (_, edge) => {
    const seen = await played(edge, true);
    expect(seen.log).toEqual([
      ...BEFORE,
      `< ${edge.command[0]}`,
      ...actionsOf(edge),
      '> DataTransfer',
      'end',
    ]);
    expect(seen.answers.get('c')).toBe(`[3,"c",${edge.answer ?? '{"status":"Accepted"}'}]`);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
    expect(seen.summary.departures).toBeUndefined();
  });

  it.each(EDGES.filter(({ anyway }) => !anyway).map((edge) => [edge.name, edge] as const))(
    'is left out with all that depends on it when its command never comes: %s',
    async (_, edge) => {
      const seen = await played(edge, false);
      expect(seen.log).toEqual([...BEFORE, '> DataTransfer', 'end']);
      const [action] = edge.command;
      expect(seen.summary).toMatchObject({ complete: 1, notSent: edge.provoked.length });
      expect(seen.summary.departures).toMatchObject([{ action, count: 1, notSent: edge.provoked.length }]);
    },
  );

  it.each(EDGES.filter(({ anyway }) => anyway).map((edge) => [edge.name, edge] as const))(
    'is made all the same: %s',
    async (_, edge) => {
      const seen = await played(edge, false);
      expect(seen.log).toEqual([...BEFORE, ...actionsOf(edge), '> DataTransfer', 'end']);
      expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
    },
  );
});

describe.concurrent('a Reset', () => {
  const script = `
    0 open
    10 ${BOOT}
    20 < {"status":"Accepted"}
    20000 << Reset {"type":"Hard"}
    20010 >> {"status":"Accepted"}
    20020 end charger fin
    25000 #2 open
    25010 #2 ${BOOT}
    25020 #2 < {"status":"Accepted"}`;

  it('is waited for, answered and obeyed by a reconnect', async () => {
    const reset = { text: command('c', 'Reset', '{"type":"Hard"}'), ms: 300 };
    let sent = false;
    const seen = await golden(
      script,
      answering(() => {
        const once = sent ? [] : [reset];
        sent = true;
        return once;
      }),
    );
    expect(seen.log).toEqual([
      'open',
      '> BootNotification',
      '< Reset',
      'end',
      'open',
      '> BootNotification',
      'end',
    ]);
    expect(seen.answers.get('c')).toBe('[3,"c",{"status":"Accepted"}]');
    expect(seen.closes[0]).toBe(1006);
  });
});

describe.concurrent('a remote start', () => {
  const edge = EDGES[0]!;
  const script = scriptOf({
    ...edge,
    provoked: [
      'Authorize {"idTag":"r"}',
      `StartTransaction {"connectorId":2,"idTag":"r","meterStart":0,${AT}}`,
      'Authorize {"idTag":"A"}',
    ],
  });

  it.each([
    ['another tag', '"OTHER"', '"OTHER"'],
    ['the same tag in other letters', '"R"', '"r"'],
  ])('with %s is followed by that tag, spelt as the charger would', async (_, live, spelt) => {
    const start = command('c', 'RemoteStartTransaction', `{"connectorId":2,"idTag":${live}}`);
    const seen = await golden(
      `${script.replace(/90020 .*/, '')}
      91000 > StopTransaction {"transactionId":7,"idTag":"A","meterStop":1,${AT}}
      91010 < {}`,
      answering((called) => (called === 'BootNotification' ? [start] : [])),
    );
    const tags = seen.calls.flatMap(({ action, payload }) =>
      'idTag' in payload ? [[action, payload.idTag]] : [],
    );
    expect(tags).toEqual([
      ['StartTransaction', 'A'],
      ['Authorize', JSON.parse(spelt)],
      ['StartTransaction', JSON.parse(spelt)],
      ['Authorize', 'A'],
      ['StopTransaction', 'A'],
    ]);
  });

  it('gives its tag to the StopTransaction of what it started, too', async () => {
    const start = command('c', 'RemoteStartTransaction', '{"connectorId":2,"idTag":"OTHER"}');
    let issued = 100;
    const seen = await golden(
      `
      0 open
      10 > Heartbeat {}
      20 < {}
      9000 << RemoteStartTransaction {"connectorId":2,"idTag":"R"}
      9010 >> {"status":"Accepted"}
      9020 > StartTransaction {"connectorId":2,"idTag":"R","meterStart":0,${AT}}
      9030 < {"transactionId":8}
      9040 > StopTransaction {"transactionId":8,"idTag":"R","meterStop":1,${AT}}
      9050 < {}
      9060 > StartTransaction {"connectorId":2,"idTag":"R","meterStart":0,${AT}}
      9070 < {"transactionId":9}
      9080 > StopTransaction {"transactionId":9,"idTag":"R","meterStop":1,${AT}}
      9090 < {}`,
      (call) => {
        if (call.action === 'Heartbeat') return [start];
        return call.action === 'StartTransaction' ? [result(call, `{"transactionId":${++issued}}`)] : [];
      },
    );
    const tags = seen.calls.flatMap(({ payload }) => ('idTag' in payload ? [payload.idTag] : []));
    expect(tags).toEqual(['OTHER', 'OTHER', 'R', 'R']);
  });
});

describe.concurrent('a charger that the CSMS has to accept', () => {
  const script = `
    0 open
    10 ${BOOT}
    20 < {"status":"Accepted"}
    30 > StatusNotification {"connectorId":1,${STATUS}:"Available"}
    40 < {}
    50 << TriggerMessage {"requestedMessage":"Heartbeat"}
    60 >> {"status":"Accepted"}
    70 > Heartbeat {}
    80 < {}`;

  it('says nothing before it is', async () => {
    const seen = await golden(script, (call) => {
      const trigger = command('t', 'TriggerMessage', '{"requestedMessage":"Heartbeat"}');
      if (call.action === 'StatusNotification') return [result(call, '{}'), trigger];
      return call.action === 'BootNotification'
        ? [{ text: result(call, '{"status":"Accepted"}'), ms: 300 }]
        : [];
    });
    expect(seen.log).toEqual([
      'open',
      '> BootNotification',
      '> StatusNotification',
      '< TriggerMessage',
      '> Heartbeat',
      'end',
    ]);
  });

  it.each(['Pending', 'Rejected'])('says only what it is asked for when the answer is %s', async (status) => {
    const seen = await golden(script, (call) => {
      if (call.action !== 'BootNotification') return [];
      const trigger = command('t', 'TriggerMessage', '{"requestedMessage":"Heartbeat"}');
      return [result(call, `{"status":"${status}"}`), trigger];
    });
    expect(seen.log).toEqual(['open', '> BootNotification', '< TriggerMessage', '> Heartbeat', 'end']);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 1 });
    expect(seen.summary.departures).toMatchObject([
      { kind: 'not-admitted', action: 'BootNotification', count: 1, notSent: 1 },
    ]);
  });
});

describe.concurrent('a charger that the CSMS accepts later', () => {
  const script = `
    0 open
    10 ${BOOT}
    20 < {"status":"Accepted"}
    30 > StatusNotification {"connectorId":1,${STATUS}:"Available"}
    40 < {}`;

  /** A CSMS that accepts the nth BootNotification. */
  const acceptingAt = (nth: number, refusal: string) => {
    let boots = 0;
    return (call: GoldenCall) => {
      if (call.action !== 'BootNotification') return [];
      return [result(call, ++boots < nth ? refusal : '{"status":"Accepted","interval":300}')];
    };
  };

  it.each(['Pending', 'Rejected'])(
    'asks again after the interval of %s, and then goes on',
    async (status) => {
      const seen = await golden(script, acceptingAt(3, `{"status":"${status}","interval":0.2}`));
      expect(seen.log).toEqual([
        ...['open', '> BootNotification', '> BootNotification', '> BootNotification'],
        ...['> StatusNotification', 'end'],
      ]);
      const boots = seen.calls.slice(0, 3);
      for (const [index, { atMs }] of boots.entries())
        if (index > 0) expect(atMs - boots[index - 1]!.atMs).toBeGreaterThanOrEqual(199);
      expect(new Set(boots.map(({ id }) => id)).size).toBe(3);
      expect(boots.map(({ payload }) => payload)).toEqual(Array(3).fill(boots[0]!.payload));
      expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
      expect(seen.summary.departures).toMatchObject([
        { kind: 'asked-again', action: 'BootNotification', reasons: ['2 times, then accepted'] },
      ]);
      const ours = seen.recorder.frames.filter((frame) => frame.flags & FrameFlag.ours && frame.action);
      expect(ours.map(({ action }) => action)).toEqual(['BootNotification', 'BootNotification']);
    },
  );

  it('does not ask when the interval is longer than it may wait, nor where the recorded one was refused too', async () => {
    const long = await golden(script, acceptingAt(9, '{"status":"Pending","interval":300}'), { waitMs: 200 });
    expect(long.log).toEqual(['open', '> BootNotification', 'end']);
    const refused = script.replace('"Accepted"', '"Pending"');
    const same = await golden(refused, acceptingAt(9, '{"status":"Pending","interval":0.05}'));
    expect(same.log).toEqual(['open', '> BootNotification', '> StatusNotification', 'end']);
  });

  it('gives up within the bound when it is never accepted', async () => {
    const never = acceptingAt(1_000, '{"status":"Rejected","interval":0.1}');
    const seen = await golden(script, never, { waitMs: 350 });
    const boots = seen.log.filter((one) => one === '> BootNotification').length;
    expect([2, 3, 4]).toContain(boots);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 1 });
    expect(seen.summary.departures).toMatchObject([{ kind: 'not-admitted' }, { kind: 'asked-again' }]);
  });
});

describe.concurrent('a command that does not come', () => {
  const edge = EDGES[0]!;
  const play = (onMissingCommand: 'continue' | 'skip-dependents' | 'stop') =>
    golden(
      scriptOf(edge),
      answering(() => []),
      { onMissingCommand, waitMs: 200 },
    );

  it('lets the charger do anyway what it provokes, under continue', async () => {
    const seen = await play('continue');
    expect(seen.log).toEqual([...BEFORE, ...actionsOf(edge), '> DataTransfer', 'end']);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
    expect(seen.summary.departures).toMatchObject([{ kind: 'not-stimulated', count: 1, notSent: 0 }]);
  });

  it('ends the session, under stop', async () => {
    const seen = await play('stop');
    expect(seen.log).toEqual([...BEFORE, 'end']);
    expect(seen.summary.incomplete).toEqual([
      { session: '/ocpp/CP1', reason: 'The CSMS did not send RemoteStartTransaction.' },
    ]);
  });

  it('is on record with what was left out because of it', async () => {
    const { recorder } = await play('skip-dependents');
    const departures = recorder.entries.filter((entry) => entry.kind === 'departure');
    expect(departures).toMatchObject([
      { departure: { session: 1, kind: 'not-stimulated', action: 'RemoteStartTransaction', notSent: 2 } },
    ]);
  });
});
