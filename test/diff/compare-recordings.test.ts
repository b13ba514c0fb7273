import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { exitCodeOf } from '../../src/diff/exit-code.ts';
import type { Finding } from '../../src/diff/finding.ts';
import { runOf, scripted } from '../support/session-script.ts';

const BASE = `
session CP-1
connect
> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
< {"status":"Accepted","currentTime":"2026-03-01T08:00:00.003Z","interval":300}
< GetConfiguration {"key":["HeartbeatInterval","ConnectionTimeOut"]}
> {"configurationKey":[]}
< ChangeConfiguration {"key":"MeterValueSampleInterval","value":"30"}
> {"status":"Accepted"}
> StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}
< {}
+9000
> Authorize {"idTag":"TAG-1"}
< {"idTagInfo":{"status":"Accepted","expiryDate":"2026-03-02T08:00:00.000Z","parentIdTag":"P"}}
> StartTransaction {"connectorId":1,"idTag":"TAG-1","meterStart":0,"timestamp":"2026-03-01T08:00:09Z"}
< {"transactionId":41,"idTagInfo":{"status":"Accepted"}}
< SetChargingProfile {"connectorId":1,"csChargingProfiles":{"chargingProfileId":7,"transactionId":41,"stackLevel":1,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}}
> {"status":"Accepted"}
+8000
> MeterValues {"connectorId":1,"transactionId":41,"meterValue":[]}
< {}
> StopTransaction {"transactionId":41,"meterStop":9,"timestamp":"2026-03-01T08:00:20Z"}
< {"idTagInfo":{"status":"Accepted"}}
> Vendor {}
< !NotImplemented
> Heartbeat {}
< {"currentTime":"2026-03-01T08:00:17.020Z"}
charger close 1000
`;

/** The same conversation an hour later with other ids, times, key order and white space. */
const SAME = BASE.replaceAll('41', '902')
  .replaceAll('T08:00', 'T09:00')
  .replace('2026-03-02T09', '2026-04-01T00')
  .replace('"chargingProfileId":7', '"chargingProfileId":8')
  .replace('{"status":"Accepted","currentTime"', '{ "status" : "Accepted", "currentTime"');

/** What is worth asserting of a finding in one line. */
const brief = (finding: Finding): string =>
  [finding.kind, finding.action, finding.path, finding.count]
    .filter((part) => part !== null && part !== '')
    .join(' ');

async function compare(candidate: string, baseline = BASE) {
  const before = scripted(baseline);
  return compareRecordings(before, runOf(before, candidate));
}

async function findings(candidate: string, baseline = BASE): Promise<string[]> {
  return (await compare(candidate, baseline)).findings.map(brief);
}

/** The unchanged conversation with one text replaced; the text must be there. */
function changed(from: string, to: string): string {
  expect(SAME).toContain(from);
  return SAME.replace(from, to);
}

/** The unchanged conversation without the lines that begin with these texts. */
function without(...begins: string[]): string {
  const lines = SAME.split('\n');
  for (const begin of begins) {
    const index = lines.findIndex((line) => line.startsWith(begin));
    expect(index).toBeGreaterThan(-1);
    lines.splice(index, 1);
  }
  return lines.join('\n');
}

/** The unchanged conversation with lines put after the first that begins with a text. */
function inserted(after: string, ...lines: string[]): string {
  const all = SAME.split('\n');
  const index = all.findIndex((line) => line.startsWith(after));
  expect(index).toBeGreaterThan(-1);
  return all.toSpliced(index + 1, 0, ...lines).join('\n');
}

describe('an unchanged CSMS', () => {
  it('gives no findings and exit code 0, whatever its ids and times', async () => {
    const comparison = await compare(SAME);
    expect(comparison.findings).toEqual([]);
    expect(comparison.verdict).toBe('same');
    expect(exitCodeOf(comparison)).toBe(0);
    expect(comparison.summary.expected).toEqual({ expiry: 1, 'mapped id': 3, time: 2 });
    expect(comparison.summary.notCompared).toBe(0);
  });

  it('gives none for a recording compared with itself', async () => {
    const reader = scripted(BASE);
    expect((await compareRecordings(reader, reader)).findings).toEqual([]);
  });

  it('gives none for a second capture of the same charger', async () => {
    const other = scripted(SAME, { uuid: 'other', startUs: 3_600_000_000 });
    const comparison = await compareRecordings(scripted(BASE), other);
    expect(comparison.findings).toEqual([]);
    expect(comparison.summary.exchangesCompared).toBe(8);
  });

  it('gives none when a reaction comes late, after another stimulus', async () => {
    const lines = without('< ChangeConfiguration', '> {"status":"Accepted"}');
    const late = lines.replace(
      '"status":"Available"}\n< {}\n',
      '"status":"Available"}\n< {}\n< ChangeConfiguration {"key":"MeterValueSampleInterval","value":"30"}\n> {"status":"Accepted"}\n',
    );
    expect(late).not.toBe(lines);
    expect(await findings(late)).toEqual([]);
  });
});

describe('a changed answer', () => {
  const cases: [name: string, candidate: () => string, found: string[]][] = [
    [
      'another value',
      () => changed('"interval":300', '"interval":60'),
      ['field-changed BootNotification /interval 1'],
    ],
    [
      'a new field',
      () => changed('"interval":300', '"interval":300,"x":1'),
      ['field-added BootNotification /x 1'],
    ],
    ['a field gone', () => changed(',"interval":300', ''), ['field-removed BootNotification /interval 1']],
    [
      'another type',
      () => changed('"interval":300', '"interval":"300"'),
      ['type-changed BootNotification /interval 1'],
    ],
    [
      'another time format',
      () => changed('00.003Z', '00Z'),
      ['format-changed BootNotification /currentTime 1'],
    ],
    [
      'another zone',
      () => changed('00.003Z', '00.003+00:00'),
      ['format-changed BootNotification /currentTime 1'],
    ],
    [
      'an hour off',
      () => changed('T09:00:00.003Z', 'T10:00:00.003Z'),
      ['field-changed BootNotification /currentTime 1'],
    ],
    [
      'a past expiry',
      () => changed('2026-04-01T00', '2026-02-01T00'),
      ['field-changed Authorize /idTagInfo/expiryDate 1'],
    ],
    [
      'an id as text',
      () => SAME.replaceAll('902', '"902"'),
      ['type-changed StartTransaction /transactionId 1'],
    ],
    ['an id of 0', () => SAME.replaceAll('902', '0'), ['format-changed StartTransaction /transactionId 1']],
    [
      'a negative id',
      () => SAME.replaceAll('902', '-5'),
      ['format-changed StartTransaction /transactionId 1'],
    ],
    [
      'a huge id',
      () => SAME.replaceAll('902', '9007199254740993'),
      ['beyond-int32 StartTransaction /transactionId 1'],
    ],
    [
      'an error for a result',
      () => changed('{"currentTime":"2026-03-01T09:00:17.020Z"}', '!InternalError'),
      ['result-to-error Heartbeat 1'],
    ],
    ['a result for an error', () => changed('!NotImplemented', '{}'), ['error-to-result Vendor 1']],
    ['another error', () => changed('!NotImplemented', '!InternalError'), ['error-code Vendor 1']],
    [
      'an answer where there was an empty one',
      () => changed('"meterValue":[]}\n< {}', '"meterValue":[]}\n< {"status":"Accepted"}'),
      ['field-added MeterValues /status 1'],
    ],
    ['no answer', () => without('< {"currentTime"'), ['unanswered Heartbeat 1']],
    [
      'a broken answer',
      () => changed('< {"currentTime":"2026-03-01T09:00:17.020Z"}', '< raw [3,"charger-14",{'),
      ['malformed Heartbeat 1'],
    ],
    [
      'null for an empty payload',
      () => changed('"meterValue":[]}\n< {}', '"meterValue":[]}\n< null'),
      ['format-changed MeterValues 1'],
    ],
    [
      'an answer under another message id',
      () => changed('< {"currentTime":"2026-03-01T09:00:17.020Z"}', '< raw [3,"x",{}]'),
      ['unanswered Heartbeat 1'],
    ],
    [
      'a late answer',
      () => changed('> Heartbeat {}', '> Heartbeat {}\n+31000'),
      ['field-changed Heartbeat /currentTime 1', 'late-answer Heartbeat 1'],
    ],
    [
      'two answers',
      () => inserted('< {"idTagInfo":{"status":"Accepted"}}', '< again {"idTagInfo":{}}'),
      ['duplicate-answer StopTransaction 1'],
    ],
    ['an answer to nothing', () => inserted('< {"idTagInfo"', '< raw [3,"nobody",{}]'), ['orphan-answer 1']],
    ['a text that is no OCPP-J', () => inserted('< {"idTagInfo"', '< raw hello'), ['malformed 1']],
  ];

  it.each(cases)('is one finding: %s', async (_name, candidate, found) => {
    expect(await findings(candidate())).toEqual(found);
  });

  it('is high where it decides whether a charger charges, and says what happened', async () => {
    const { findings: all } = await compare(
      SAME.replace('{"idTagInfo":{"status":"Accepted","exp', '{"idTagInfo":{"status":"Blocked","exp'),
    );
    expect(all).toMatchObject([
      {
        kind: 'field-changed',
        status: 'new',
        severity: 'high',
        caller: 'charger',
        baseline: 'Accepted',
        candidate: 'Blocked',
        sessions: ['/ocpp/CP-1'],
        message: 'The answer to Authorize has /idTagInfo/status "Blocked" instead of "Accepted".',
      },
    ]);
    expect(all[0]!.examples[0]!.baselineText).toContain('"parentIdTag":"P"');
    expect(all[0]!.examples[0]!.candidateText).toContain('Blocked');
  });
});

describe('a value that the schema does not allow', () => {
  it.each([
    ['out of its list', '"status":"blocked","exp', 'schema Authorize /idTagInfo/status 1'],
    ['too long', `"parentIdTag":"${'P'.repeat(21)}"`, 'schema Authorize /idTagInfo/parentIdTag 1'],
    ['no 32-bit integer', '"interval":2147483648', 'beyond-int32 BootNotification /interval 1'],
    ['no integer', '"interval":300.5', 'schema BootNotification /interval 1'],
  ])('is one finding of its own kind: %s', async (_name, text, found) => {
    const field = text.slice(0, text.indexOf(':'));
    const old =
      field === '"status"'
        ? '"status":"Accepted","exp'
        : field === '"interval"'
          ? '"interval":300'
          : '"parentIdTag":"P"';
    const { findings: all } = await compare(changed(old, text));
    expect(all.map(brief)).toEqual([found]);
    expect(all[0]?.severity).toBe('high');
  });

  it('is told of a command too', async () => {
    const { findings: all } = await compare(changed('"chargingRateUnit":"A"', '"chargingRateUnit":"amps"'));
    expect(all.map(brief)).toEqual([
      'schema SetChargingProfile /csChargingProfiles/chargingSchedule/chargingRateUnit 1',
    ]);
  });

  it('is none where the baseline breaks it too', async () => {
    const [before, after] = ['"status":"ok","exp', '"status":"fine","exp'];
    const odd = BASE.replace('"status":"Accepted","exp', before);
    expect(await findings(changed('"status":"Accepted","exp', after), odd)).toEqual([
      'field-changed Authorize /idTagInfo/status 1',
    ]);
  });
});

describe('a CSMS that falls silent', () => {
  const calls = (names: string[], answers: string[]): string =>
    ['session A', 'connect', ...names.flatMap((name, nth) => [`> ${name} {}`, answers[nth] ?? '']), '+40000']
      .filter((line) => line !== '')
      .join('\n');
  const names = ['Boot', 'Status', 'Meter', 'Meter'];

  it('is one first cause: the later calls that it leaves unanswered follow from the first', async () => {
    const baseline = calls(names, ['< {}', '< {}', '< {}', '< {}']);
    const { findings: all } = await compare(calls(names, ['< {}']), baseline);
    const status = all.find(({ action }) => action === 'Status');
    expect(all.map(({ kind, action, causedBy }) => [kind, action, causedBy])).toEqual([
      ['unanswered', 'Meter', status?.id],
      ['unanswered', 'Status', undefined],
    ]);
  });

  it('is not silent while it still says something: then each is a cause of its own', async () => {
    const baseline = calls(names, ['< {}', '< {}', '< {}', '< {}']);
    const { findings: all } = await compare(calls(names, ['< {}', '', '', '< &Meter {}']), baseline);
    expect(all.length).toBeGreaterThan(1);
    expect(all.every(({ causedBy }) => causedBy === undefined)).toBe(true);
  });
});

describe('a refused transaction', () => {
  it('is one finding: what would have followed from its id was not sent and is not compared', async () => {
    const candidate = changed('{"transactionId":902,"idTagInfo":{"status":"Accepted"}}', '!InternalError');
    const refused = candidate
      .split('\n')
      .filter((line) => !/MeterValues|StopTransaction|SetChargingProfile/.test(line))
      .join('\n')
      .replace('!InternalError\n> {"status":"Accepted"}\n', '!InternalError\n')
      .replace('+8000\n< {}\n< {"idTagInfo":{"status":"Accepted"}}\n', '+8000\n');
    const comparison = await compare(refused);
    expect(comparison.findings.map(brief)).toEqual(['result-to-error StartTransaction 1']);
    expect(comparison.summary.notComparedReasons).toEqual({
      'call not sent': 2,
      'command that names an id which was not issued': 1,
    });
  });
});

describe('ids', () => {
  const two = (first: number, second: number) => `
    session CP-1
    connect
    > StartTransaction {"connectorId":1,"idTag":"A"}
    < {"transactionId":${first}}
    > StartTransaction {"connectorId":2,"idTag":"A"}
    < {"transactionId":${second}}
    charger fin`;

  it('that a CSMS gives out twice are a finding', async () => {
    expect(await findings(two(5, 5), two(1, 2))).toEqual(['id-reused StartTransaction /transactionId 1']);
  });

  it('that both give out twice are none', async () => {
    expect(await findings(two(5, 5), two(1, 1))).toEqual([]);
  });

  it('that are 0 each time are one finding, not a reuse besides', async () => {
    expect(await findings(two(0, 0), two(1, 2))).toEqual([
      'format-changed StartTransaction /transactionId 2',
    ]);
  });

  it('issued by a command are compared where another command names them', async () => {
    const script = (profile: number, cleared: number) => `
      session CP-1
      connect
      > BootNotification {}
      < {}
      < ClearChargingProfile {"id":3}
      > {}
      < SetChargingProfile {"connectorId":1,"csChargingProfiles":{"chargingProfileId":${profile}}}
      > {}
      < ClearChargingProfile {"id":${cleared}}
      > {}
      charger fin`;
    expect(await findings(script(99, 99), script(7, 7))).toEqual([]);
    expect(await findings(script(99, 7), script(7, 7))).toEqual(['id-unmapped ClearChargingProfile /id 1']);
  });
});

describe('a changed command', () => {
  const change = '< ChangeConfiguration {"key":"MeterValueSampleInterval","value":"30"}';
  const cases: [name: string, candidate: () => string, found: string[]][] = [
    [
      'gone',
      () => without('< ChangeConfiguration', '> {"status":"Accepted"}'),
      ['command-missing ChangeConfiguration 1'],
    ],
    [
      'sent twice',
      () => inserted('> {"status":"Accepted"}', change, '> {"status":"Accepted"}'),
      ['command-repeated ChangeConfiguration 1'],
    ],
    [
      'new',
      () => inserted('> {"status":"Accepted"}', '< ClearCache {}', '> {"status":"Accepted"}'),
      ['command-unexpected ClearCache 1'],
    ],
    [
      'another value',
      () => changed('"value":"30"', '"value":"60"'),
      ['command-changed ChangeConfiguration /value 1'],
    ],
    [
      'another key',
      () => changed('"key":"MeterValueSampleInterval"', '"key":"ClockAlignedDataInterval"'),
      ['command-changed ChangeConfiguration /key 1'],
    ],
    ['one item fewer', () => changed('"HeartbeatInterval",', ''), ['array-length GetConfiguration /key 1']],
    [
      'another item',
      () => changed('"ConnectionTimeOut"', '"WebSocketPingInterval"'),
      ['command-changed GetConfiguration /key/1 1'],
    ],
    [
      'another limit',
      () => changed('"limit":16', '"limit":8'),
      [
        'command-changed SetChargingProfile /csChargingProfiles/chargingSchedule/chargingSchedulePeriod/0/limit 1',
      ],
    ],
    [
      'without its id',
      () => changed('"transactionId":902,"stackLevel"', '"stackLevel"'),
      ['command-changed SetChargingProfile /csChargingProfiles/transactionId 1'],
    ],
    [
      'naming another id',
      () => changed('"transactionId":902,"stackLevel"', '"transactionId":41,"stackLevel"'),
      ['id-unmapped SetChargingProfile /csChargingProfiles/transactionId 1'],
    ],
    [
      'broken',
      () =>
        changed(change, '< raw [2,"7","ChangeConfiguration",{').replace('{\n> {"status":"Accepted"}', '{'),
      ['malformed ChangeConfiguration 1'],
    ],
  ];

  it.each(cases)('is one finding: %s', async (_name, candidate, found) => {
    expect(await findings(candidate())).toEqual(found);
  });

  it('that came before the answer it reacts to is out of order', async () => {
    const lines = without('< GetConfiguration', '> {"configurationKey"').split('\n');
    const boot = lines.findIndex((line) => line.startsWith('> Boot'));
    const early = [
      '< GetConfiguration {"key":["HeartbeatInterval","ConnectionTimeOut"]}',
      '> {"configurationKey":[]}',
    ];
    expect(await findings(lines.toSpliced(boot + 1, 0, ...early).join('\n'))).toEqual([
      'command-early GetConfiguration 1',
    ]);
  });

  it('that swapped with another reaction is out of order, once', async () => {
    const lines = SAME.split('\n');
    const get = lines.findIndex((line) => line.startsWith('< GetConf'));
    const swapped = [
      ...lines.slice(0, get),
      ...lines.slice(get + 2, get + 4),
      ...lines.slice(get, get + 2),
      ...lines.slice(get + 4),
    ];
    expect(await findings(swapped.join('\n'))).toEqual(['command-order ChangeConfiguration 1']);
  });
});

describe('reactions to different causes', () => {
  const boot = '{"status":"Accepted"}';
  const list = '< SendLocalList {"listVersion":1,"updateType":"Full"}\n> {}';
  const configure = '< ChangeConfiguration {"key":"A","value":"1"}\n> {}';
  const script = (conversation: string) => `session CP-1
    connect
    > BootNotification {}
    > StatusNotification {"connectorId":1,"status":"Available"}
    ${conversation}
    charger fin`;

  it('may change places when the causes do', async () => {
    const before = script(`< &BootNotification ${boot}\n< &StatusNotification {}\n${configure}\n${list}`);
    const after = script(`< &StatusNotification {}\n< &BootNotification ${boot}\n${list}\n${configure}`);
    expect(await findings(after, before)).toEqual([]);
  });

  it('may change places when they come apart from each other', async () => {
    const before = script(
      `< &BootNotification ${boot}\n< &StatusNotification {}\n${configure}\n+100\n${list}`,
    );
    const after = script(
      `< &BootNotification ${boot}\n< &StatusNotification {}\n${list}\n+100\n${configure}`,
    );
    expect(await findings(after, before)).toEqual([]);
  });

  it('are told apart by how often each comes', async () => {
    const answers = `< &BootNotification ${boot}\n< &StatusNotification {}`;
    const again = `> StatusNotification {"connectorId":1,"status":"Available"}\n< {}\n${list}`;
    const before = script(`${answers}\n${configure}\n${list}\n${again}`);
    const after = script(`${answers}\n${list}\n${configure}\n${again}`);
    expect(await findings(after, before)).toEqual([]);
  });
});

describe('many commands that are alike', () => {
  const boots = (doubled: number) =>
    Array.from({ length: 150 }, (_, turn) => [
      '> BootNotification {}\n< {}',
      ...Array.from({ length: turn === doubled ? 2 : 1 }, () => '< GetConfiguration {}\n> {}'),
      '+20',
    ]).flat();
  const script = (doubled: number) => `session A\nconnect\n${boots(doubled).join('\n')}\ncharger fin`;

  it('are one finding where one came twice, and one where one is missing', async () => {
    expect(await findings(script(70), script(-1))).toEqual(['command-repeated GetConfiguration 1']);
    expect(await findings(script(-1), script(70))).toEqual(['command-missing GetConfiguration 1']);
  });
});

describe('external commands', () => {
  const remote = (command: string) => `
    session CP-1
    connect
    > Heartbeat {}
    < {}
    +60000
    ${command}
    > Heartbeat {}
    < {}
    charger fin`;
  const start = '< RemoteStartTransaction {"idTag":"A","connectorId":1}\n> {"status":"Accepted"}';

  it('that do not come are not compared', async () => {
    const comparison = await compare(remote(''), remote(start));
    expect(comparison.verdict).toBe('same');
    expect(comparison.summary.notComparedReasons).toEqual({
      'external RemoteStartTransaction that did not come': 1,
    });
  });

  it('that come are compared', async () => {
    expect(await findings(remote(start.replace('"A"', '"B"')), remote(start))).toEqual([
      'command-changed RemoteStartTransaction /idTag 1',
    ]);
    expect(await findings(remote(start), remote(''))).toEqual([
      'command-unexpected RemoteStartTransaction 1',
    ]);
  });
});

describe('connections', () => {
  it.each([
    ['connect', 'connect status=401', 'handshake-status 1'],
    ['connect', 'connect status=none', 'handshake-status 1'],
    ['connect', 'connect subprotocol=ocpp2.0.1', 'subprotocol 1'],
    ['connect', 'connect extensions=permessage-deflate', 'extensions 1'],
    ['charger close 1000', 'csms close 1008', 'close 1'],
    ['charger close 1000', 'csms fin', 'close 1'],
    ['charger close 1000', 'csms reset', 'close 1'],
  ])('%s that became %s is one finding', async (from, to, found) => {
    const refused = to.includes('status');
    const candidate = refused ? `session CP-1\n${to}\nchargetape refused` : changed(from, to);
    expect(await findings(candidate)).toEqual([found]);
  });

  it('with white space among their extensions are the same', async () => {
    const deflated = (text: string) => BASE.replace('connect', `connect extensions=${text}`);
    expect(
      await findings(
        deflated('a;b').replaceAll('T08', 'T09').replace('03-02T09', '03-02T10'),
        deflated('a;\tb'),
      ),
    ).toEqual([]);
  });

  it('that had no end on record are not compared, unless the CSMS ended one by itself', async () => {
    const open = BASE.replace('charger close 1000', '');
    expect(await findings(SAME.replace('charger close 1000', 'chargetape stopped'), open)).toEqual([]);
    expect(await findings(SAME.replace('charger close 1000', 'csms close 1008'), open)).toEqual(['close 1']);
  });

  it('that the CSMS cut take calls and commands with them, which are no findings besides', async () => {
    const stop = SAME.indexOf('> StopTransaction');
    const cut = `${SAME.slice(0, stop)}
      > StopTransaction {"transactionId":902,"meterStop":9,"timestamp":"2026-03-01T08:00:20Z"}
      csms close 1008
      connect new
      < ClearCache {}
      > {}
      > Vendor {}
      < !NotImplemented
      > Heartbeat {}
      < {"currentTime":"2026-03-01T09:00:17.020Z"}
      charger close 1000`;
    const comparison = await compare(cut);
    expect(comparison.findings.map(brief)).toEqual(['close 1']);
    expect(comparison.summary.notComparedReasons).toEqual({
      'call cut off by the end of its connection': 1,
      'command after a reconnect': 1,
      'connection that replays none': 1,
    });
  });

  it('that the CSMS cut do not hide a command that was due long before', async () => {
    const atFullSpeed = SAME.replace('+9000', '').replace('+8000', '');
    const stop = atFullSpeed.indexOf('> StopTransaction');
    const lacking = atFullSpeed.slice(0, stop).replace(/< ChangeConfiguration .*\n> .*\n/, '');
    expect(await findings(`${lacking}csms close 1008`)).toEqual([
      'command-missing ChangeConfiguration 1',
      'close 1',
    ]);
  });
});

describe('a run that did not end', () => {
  it('is incomplete, whatever was found, and says why', async () => {
    const comparison = await compare(
      `${changed('"interval":300', '"interval":60')}\nincomplete the CSMS went away`,
    );
    expect(comparison.verdict).toBe('incomplete');
    expect(comparison.findings).toHaveLength(1);
    expect(exitCodeOf(comparison)).toBe(3);
    expect(comparison.summary.incompleteSessions).toEqual([
      { session: '/ocpp/CP-1', reason: 'the CSMS went away' },
    ]);
  });

  it('is incomplete without an outcome, when killed, and with a gap', async () => {
    const before = scripted(BASE);
    const unfinished = runOf(before, SAME);
    unfinished.contents.outcomes = [];
    const killed = runOf(before, SAME);
    killed.recording.endedAtUs = null;
    const gap = { fromUs: 0, toUs: 1, connection: null, frames: 3, bytes: 9, reason: 'disk full' };
    const gapped = runOf(before, SAME);
    gapped.contents.gaps = [gap];
    const elsewhere = runOf(before, SAME);
    elsewhere.contents.gaps = [{ ...gap, connection: 4711 }];
    for (const candidate of [unfinished, killed, gapped])
      expect((await compareRecordings(before, candidate)).verdict).toBe('incomplete');
    expect((await compareRecordings(before, elsewhere)).verdict).toBe('same');
  });

  it('is incomplete when no session is in both', async () => {
    const comparison = await compareRecordings(
      scripted(BASE),
      scripted('session CP-2\nsession CP-3', { uuid: 'b' }),
    );
    expect(comparison.verdict).toBe('incomplete');
    expect(comparison.summary.notCompared).toBe(3);
  });
});

describe('findings', () => {
  const fleet = (names: string[], script: string) =>
    names.map((name) => script.replace('CP-1', name)).join('\n');

  it('group the same difference of several sessions under one id, in any order of the sessions', async () => {
    const before = scripted(fleet(['A', 'B', 'C'], BASE));
    const script = changed('"interval":300', '"interval":60');
    const forth = await compareRecordings(before, runOf(before, fleet(['A', 'B', 'C'], script)));
    const back = await compareRecordings(before, runOf(before, fleet(['C', 'B', 'A'], script)));
    expect(forth.findings).toMatchObject([{ count: 3, sessions: ['/ocpp/A', '/ocpp/B', '/ocpp/C'] }]);
    const withoutFrames = (all: Finding[]) =>
      all.map((one) => ({ ...one, examples: one.examples.map(({ session }) => session) }));
    expect(withoutFrames(back.findings)).toEqual(withoutFrames(forth.findings));
    expect(forth.findings[0]!.id).toMatch(/^[0-9a-f]{12}$/);
  });

  it('keep one path for several array indexes, as a pattern', async () => {
    const { findings: all } = await compare(
      changed('["HeartbeatInterval","ConnectionTimeOut"]', '["A","B"]'),
    );
    expect(all).toMatchObject([{ kind: 'command-changed', path: '/key/*', count: 2 }]);
    expect(all[0]!.examples.map(({ path }) => path)).toEqual(['/key/0', '/key/1']);
  });

  it('come by severity', async () => {
    const script = changed('"interval":300', '"interval":60')
      .replace('"parentIdTag":"P"', '"parentIdTag":"Q"')
      .replace('"limit":16', '"limit":"16"');
    const { findings: all } = await compare(
      script.replace('"transactionId":902,"idTagInfo"', '"transactionId":"902","idTagInfo"'),
    );
    expect(all.map(({ severity }) => severity)).toEqual(['high', 'high', 'medium', 'low']);
  });
});
