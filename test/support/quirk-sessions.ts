import type { Line } from './rehearsal.ts';

/** A quirk of the catalogue as a session that has it. */
export interface QuirkSession {
  /** Number in the catalogue. */
  id: string;
  what: string;
  /** Makes that do it. */
  seenAt: string;
  /** How replay and diff treat it; recording it as it is goes without saying. */
  replay: string;
  diff: string;
  lines: Line[];
}

const BEGIN_MS = Date.parse('2026-03-02T07:00:00.000Z');
const TIME = '2026-03-02T07:00:10Z';

/** A text of the charger, of the CSMS, a new connection, or seconds that pass. */
type Step = { cp: string } | { cs: string } | { again: true } | { wait: number };

const cp = (text: string): Step => ({ cp: text });
const cs = (text: string): Step => ({ cs: text });
const again: Step = { again: true };

const BOOT = '[2,"b","BootNotification",{"chargePointVendor":"Maker","chargePointModel":"Model"}]';
const BOOTED = '[3,"b",{"status":"Accepted","currentTime":"2026-03-02T07:00:01.000Z","interval":300}]';
/** Introduces itself and is accepted. */
const boot = [cp(BOOT), cs(BOOTED)];
const status = (id: string, name: string, connector = 1, more = ''): Step[] => [
  cp(
    `[2,"${id}","StatusNotification",{"connectorId":${connector},"errorCode":"NoError","status":"${name}"${more}}]`,
  ),
  cs(`[3,"${id}",{}]`),
];
const start = (id: string, transaction: string, more = ''): Step[] => [
  cp(
    `[2,"${id}","StartTransaction",{"connectorId":1,"idTag":"04ABBE2A","meterStart":0,"timestamp":"${TIME}"${more}}]`,
  ),
  cs(`[3,"${id}",{"idTagInfo":{"status":"Accepted"},"transactionId":${transaction}}]`),
];
const meter = (id: string, transaction: string, sample = '{"value":"15"}', timestamp = TIME): Step[] => [
  cp(
    `[2,"${id}","MeterValues",{"connectorId":1,"transactionId":${transaction},"meterValue":[{"timestamp":"${timestamp}","sampledValue":[${sample}]}]}]`,
  ),
  cs(`[3,"${id}",{}]`),
];
const stop = (id: string, transaction: string, more = ''): Step[] => [
  cp(
    `[2,"${id}","StopTransaction",{"meterStop":15,"timestamp":"${TIME}","transactionId":${transaction}${more}}]`,
  ),
  cs(`[3,"${id}",{"idTagInfo":{"status":"Accepted"}}]`),
];
const ask = (id: string, action: string, payload: string, answer: string): Step[] => [
  cs(`[2,"${id}","${action}",${payload}]`),
  cp(`[3,"${id}",${answer}]`),
];
const said = (id: string, action: string, payload: string, answer = '{}'): Step[] => [
  cp(`[2,"${id}","${action}",${payload}]`),
  cs(`[3,"${id}",${answer}]`),
];

type Draft = Omit<QuirkSession, 'lines'> & { steps: Step[]; head?: string[] };

const AS_IT_IS = 'sends the recorded text as it is';
const SAME = 'equal texts are equal';

const DRAFTS: readonly Draft[] = [
  {
    id: 'F1',
    what: 'White space of its own: after colons and commas, before a comma, new lines, `{ }`.',
    seenAt: 'ABB, Mennekes, ABL, Wallbox (2021), Vestel, Amperfied',
    replay: `${AS_IT_IS}, white space and all; ids and times are replaced in place`,
    diff: 'white space and the order of keys are no difference',
    steps: [
      cp('[2, "7053156", "BootNotification", {"chargePointModel": "M", "chargePointVendor": "ABB"}]'),
      cs('[3,"7053156",{"status":"Accepted","currentTime":"2026-03-02T07:00:01.000Z","interval":300}]'),
      cp(
        '[2, "27393929", "StatusNotification" ,{"connectorId":1,"status":"Available","errorCode":"NoError"}]',
      ),
      cs('[3,"27393929",{}]'),
      cp('[2,"3","Heartbeat",{ }]'),
      cs('[3,"3",{"currentTime":"2026-03-02T07:00:04.000Z"}]'),
      cs('[2,"c1","TriggerMessage",{"requestedMessage":"Heartbeat"}]'),
      cp('[3,"c1",\n{\n"status": "Rejected"\n}]'),
    ],
  },
  {
    id: 'F2',
    what: 'No JSON: a leading comma, a value that is missing, a text that breaks off.',
    seenAt: 'ZJ Beny, AEFA, Grizzl-E',
    replay: 'sends it as it is, at its time; nothing waits for an answer',
    diff: 'counted as malformed, and shown; what the CSMS does about it is compared',
    steps: [
      ...boot,
      cp(
        '[2,"m","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-03-02T07:00:05Z","sampledValue":[,{"value":"1"}]}]}]',
      ),
      cp('[2,"n","MeterValues",{"connectorId":1,"transactionId":,"meterValue":[]}]'),
      cs('[2,"c1","GetConfiguration",{}]'),
      cp('[3,"c1",{"configurationKey":[]'),
      { wait: 60 },
      ...status('s', 'Available'),
    ],
  },
  {
    id: 'F3',
    what: 'Message ids that are no UUIDs: counters, `36:352`, 24 letters, 20 digits.',
    seenAt: 'ABB, EVBox, Alfen, ZJ Beny, Legrand',
    replay: 'keeps the recorded ids',
    diff: 'ids are never compared',
    steps: [
      cp('[2,"36:352","BootNotification",{"chargePointVendor":"Maker","chargePointModel":"Model"}]'),
      cs('[3,"36:352",{"status":"Accepted","currentTime":"2026-03-02T07:00:01.000Z","interval":300}]'),
      ...status('oy9fg46tv6j57jzezzmpeg42', 'Available', 0),
      ...status('12345678901234567890', 'Available'),
    ],
  },
  {
    id: 'F4',
    what: 'The same message id again: after a reconnect, on a retry.',
    seenAt: 'Alfen, MicroOcpp, Metron',
    replay: 'keeps them; an answer goes to the oldest open call of its connection',
    diff: 'frames are known by their place, not by their ids',
    steps: [
      ...boot,
      ...status('1', 'Available'),
      again,
      ...status('1', 'Preparing'),
      ...status('1', 'Available'),
    ],
  },
  {
    id: 'F5',
    what: 'A second call before the first is answered; its own call before the answer to a command.',
    seenAt: 'ZJ Beny, KEBA M20',
    replay: 'as many calls outstanding as in the recording, in the same order, never more',
    diff: 'order is that of cause and answer',
    steps: [
      ...boot,
      cp('[2,"s0","StatusNotification",{"connectorId":0,"errorCode":"NoError","status":"Available"}]'),
      cp('[2,"s1","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available"}]'),
      cs('[3,"s0",{}]'),
      cs('[3,"s1",{}]'),
    ],
  },
  {
    id: 'F6',
    what: 'A CALLERROR whose details are a text, or whose description is empty.',
    seenAt: 'Simpson & Partners, Fronius Wattpilot',
    replay: 'answers the command with that text',
    diff: 'an answer of the charger; the CSMS is not judged by it',
    steps: [
      ...boot,
      cs('[2,"c1","GetConfiguration",{}]'),
      cp('[4,"c1","NotImplemented","",""]'),
      ...status('s', 'Available'),
    ],
  },
  {
    id: 'F7',
    what: 'A payload that is null.',
    seenAt: 'Grizzl-E',
    replay: AS_IT_IS,
    diff: 'null is read as an empty payload',
    steps: [
      ...boot,
      cp('[2,"h","Heartbeat",null]'),
      cs('[3,"h",{"currentTime":"2026-03-02T07:00:04.000Z"}]'),
    ],
  },
  {
    id: 'S1',
    what: 'No BootNotification after a reconnect.',
    seenAt: 'Wallbox, ABB DC, Webasto',
    replay: 'reconnects without one, as recorded',
    diff: 'a CSMS that wants one shows as the difference that it makes',
    steps: [...boot, ...status('1', 'Available'), again, ...status('2', 'Preparing')],
  },
  {
    id: 'S2',
    what: 'A status before the BootNotification, or without one.',
    seenAt: 'ABB AC, Wallbox',
    replay: 'in the recorded order',
    diff: 'a SecurityError in answer is a finding',
    steps: [...status('1', 'Available'), ...boot, ...status('2', 'Available')],
  },
  {
    id: 'S3',
    what: 'A status with the time of a change hours ago, or with no time at all.',
    seenAt: 'ABB DC, Alfen, ABB AC',
    replay: 'the lag stays: times are shifted by one number for the whole run',
    diff: 'times of the charger are not the CSMS’s',
    steps: [
      ...boot,
      ...status('1', 'Available', 0, ',"timestamp":"2026-03-02T01:24:39.540Z"'),
      ...status('2', 'Available'),
    ],
  },
  {
    id: 'S4',
    what: 'Texts that say nothing: "null", "none", "", an RSSI in iccid.',
    seenAt: 'ABB, ABL, Wallbox, eProWallbox, Grizzl-E',
    replay: AS_IT_IS,
    diff: SAME,
    steps: [
      cp(
        '[2,"b","BootNotification",{"chargePointVendor":"Maker","chargePointModel":"Model","iccid":"-67","imsi":"","meterSerialNumber":""}]',
      ),
      cs(BOOTED),
      ...status('1', 'Available', 1, ',"info":"null","vendorErrorCode":"none"'),
    ],
  },
  {
    id: 'S5',
    what: 'Vendor or model longer than 20 characters, or no vendor.',
    seenAt: 'Phoenix Contact, Grizzl-E, Huawei',
    replay: AS_IT_IS,
    diff: 'a CSMS that begins to refuse it is a finding, for all such chargers one',
    steps: [
      cp(
        '[2,"b","BootNotification",{"chargePointVendor":"Phoenix Contact GmbH & Co. KG","chargePointModel":"EV-CC-AC1-M3-CBC-RCM-ETH-3PN-SER"}]',
      ),
      cs(BOOTED),
      ...status('1', 'Available'),
    ],
  },
  {
    id: 'S6',
    what: 'Transaction ids that the CSMS never issued: 0, -1, -16, 9223372036854775807, seconds since 1970.',
    seenAt: 'Wallbox, libocpp, Etrel, Alfen, EN+',
    replay: 'stay as recorded, to the last digit; only issued ids are translated',
    diff: 'compared as exact numbers',
    steps: [
      ...boot,
      ...meter('1', '0'),
      ...meter('2', '-1'),
      ...stop('3', '-16'),
      ...stop('4', '9223372036854775807'),
      ...meter('5', '1772434800'),
    ],
  },
  {
    id: 'S7',
    what: 'Refuses a RemoteStop for the transaction that it reports itself.',
    seenAt: 'EVBox (autostart), Wallbox',
    replay: 'answers Rejected again when the command comes',
    diff: 'the command is an external one: not compared unless somebody makes the CSMS send it',
    steps: [
      ...boot,
      ...start('1', '7'),
      ...ask('c1', 'RemoteStopTransaction', '{"transactionId":7}', '{"status":"Rejected"}'),
      ...stop('2', '7'),
    ],
  },
  {
    id: 'S8',
    what: 'Stops a transaction that it never announced, or that is long over.',
    seenAt: 'Wallbox, Enercab',
    replay: 'sends it with the recorded id (`--orphan-transactions` for other ways), and counts it',
    diff: 'a CALLERROR in answer is a finding',
    steps: [...boot, ...stop('1', '1936029036'), ...status('2', 'Available')],
  },
  {
    id: 'S9',
    what: 'Never sends a StopTransaction.',
    seenAt: 'Zaptec (local mode), Schneider (2018)',
    replay: 'as recorded; what then stands open is cleaned up, marked as ours',
    diff: 'the clean-up is not compared',
    steps: [...boot, ...start('1', '8'), ...status('2', 'Charging'), ...status('3', 'Available')],
  },
  {
    id: 'S10',
    what: 'Meter values of the end after the StopTransaction.',
    seenAt: 'Ocular, ChargeX, Zaptec Go 2',
    replay: 'in the recorded order, with the id that was issued',
    diff: SAME,
    steps: [
      ...boot,
      ...start('1', '9'),
      ...stop('2', '9'),
      ...meter('3', '9', '{"value":"15","context":"Transaction.End"}'),
    ],
  },
  {
    id: 'S11',
    what: 'A meter that begins at zero each time, stands still, exceeds 32 bits, or counts kWh.',
    seenAt: 'Tritium, Circontrol, EVBox, Wattpilot, Zaptec, Easee',
    replay: AS_IT_IS,
    diff: SAME,
    steps: [
      ...boot,
      ...start('1', '10'),
      ...meter('2', '10', '{"value":"4296944685","unit":"Wh"}'),
      ...meter('3', '10', '{"value":"15.630","unit":"kWh"}'),
      ...stop('4', '10'),
    ],
  },
  {
    id: 'S12',
    what: 'Samples without a measurand, with a wrong unit, an invalid context, a phase in another style.',
    seenAt: 'EVBox, Alfen, Amperfied, MicroOcpp',
    replay: AS_IT_IS,
    diff: 'what the schema refuses is counted where the CSMS says it',
    steps: [
      ...boot,
      ...start('1', '11'),
      ...meter(
        '2',
        '11',
        '{"value":"16.0","context":"CurrentMax","unit":"A"},{"value":"231","measurand":"Voltage","phase":"L1","unit":"V"}',
      ),
      ...stop('3', '11'),
    ],
  },
  {
    id: 'S13',
    what: 'Takes a setting, reboots, and has the old one.',
    seenAt: 'ABB AC, Circontrol, EN+',
    replay: 'answers RebootRequired and reconnects when the command comes; sets nothing by itself',
    diff: 'more commands than recorded are findings, so a loop shows',
    steps: [
      ...boot,
      ...ask(
        'c1',
        'ChangeConfiguration',
        '{"key":"TransactionMessageAttempts","value":"10"}',
        '{"status":"RebootRequired"}',
      ),
      again,
      ...boot,
    ],
  },
  {
    id: 'S14',
    what: 'Configuration with keys in another case, vendor keys, secrets among them.',
    seenAt: 'Mennekes, ABL, Wallbox, Alfen, Tritium',
    replay: 'answers as recorded; a secret goes as `[redacted]`, which is all that the recording has',
    diff: 'the answer is the charger’s own',
    steps: [
      ...boot,
      ...ask(
        'c1',
        'GetConfiguration',
        '{}',
        '{"configurationKey":[{"key":"heartbeatinterval","readonly":true,"value":"60"},{"key":"PUK","readonly":false,"value":"12345678"}]}',
      ),
    ],
  },
  {
    id: 'S15',
    what: 'A clock that stands at 1970 or 2014 until it is set; data of years ago.',
    seenAt: 'MicroOcpp, Alfen',
    replay: 'times are shifted by the same number as all others, so they stay odd',
    diff: 'times of the charger are not the CSMS’s',
    steps: [
      ...boot,
      ...status('1', 'Available', 1, ',"timestamp":"1970-01-01T00:00:12Z"'),
      ...meter('2', '-1', '{"value":"1"}', '2020-09-19T10:00:00Z'),
    ],
  },
  {
    id: 'S16',
    what: 'Reads currentTime by a fixed format, and drops the connection over another.',
    seenAt: 'Webasto, IDC180E',
    replay: 'the format of each time stays as the charger wrote it',
    diff: 'the format of currentTime is compared: digits and zone; a change is a finding',
    steps: [...boot, ...said('1', 'Heartbeat', '{}', '{"currentTime":"2026-03-02T07:00:04.000Z"}')],
  },
  {
    id: 'S17',
    what: 'Finishing on plugging in, the same status twice, connector 3 of a single unit.',
    seenAt: 'EN+, Autel, Ocular, Hager',
    replay: AS_IT_IS,
    diff: SAME,
    steps: [
      ...boot,
      ...status('1', 'Finishing', 3),
      ...status('2', 'Charging', 3),
      ...status('3', 'Charging', 3),
      ...status('4', 'Available', 3),
    ],
  },
  {
    id: 'S18',
    what: '`Occupied` of OCPP 1.5, or a reason in free text.',
    seenAt: 'integrators’ reports',
    replay: AS_IT_IS,
    diff: 'a CSMS that begins to refuse it is a finding',
    steps: [...boot, ...status('1', 'Occupied'), ...start('2', '12'), ...stop('3', '12', ',"reason":"card"')],
  },
  {
    id: 'S19',
    what: 'Ends a transaction by itself when the limit is too low.',
    seenAt: 'Huawei, EN+, NEcharge',
    replay: 'as recorded',
    diff: SAME,
    steps: [...boot, ...start('1', '13'), ...stop('2', '13', ',"reason":"Other"')],
  },
  {
    id: 'S20',
    what: 'A burst of old security events after booting.',
    seenAt: 'libocpp',
    replay: 'one after the other, as recorded; the lag of each stays',
    diff: SAME,
    steps: [
      ...boot,
      ...['1', '2', '3', '4', '5'].flatMap((id) =>
        said(
          id,
          'SecurityEventNotification',
          `{"type":"StartupOfTheDevice","timestamp":"2026-02-2${id}T07:00:00Z"}`,
        ),
      ),
    ],
  },
  {
    id: 'S21',
    what: 'Sends the same call for ever while it is answered by a CALLERROR.',
    seenAt: 'Alfen, Metron',
    replay: 'as often as recorded',
    diff: 'error-to-result, or back, is one finding with a count',
    steps: [
      ...boot,
      ...['1', '2', '3'].flatMap((id) => [
        cp(`[2,"${id}","StopTransaction",{"meterStop":15,"timestamp":"${TIME}","transactionId":99}]`),
        cs(`[4,"${id}","FormationViolation","",{}]`),
      ]),
    ],
  },
  {
    id: 'S22',
    what: 'Takes charging profiles of one kind only.',
    seenAt: 'Wallbox, Autel, ABB, Alfen, Huawei',
    replay: 'answers as recorded for the profile that it matches',
    diff: 'a profile that changes is command-changed, at its place',
    steps: [
      ...boot,
      ...ask(
        'c1',
        'SetChargingProfile',
        '{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,"stackLevel":1,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Absolute","chargingSchedule":{"chargingRateUnit":"W","chargingSchedulePeriod":[{"startPeriod":0,"limit":11000}]}}}',
        '{"status":"Rejected"}',
      ),
    ],
  },
  {
    id: 'S23',
    what: 'A StartTransaction refused without an id: the charger goes on with -1.',
    seenAt: 'MicroOcpp',
    replay: '-1 stays -1',
    diff: 'an answer without the id breaks the schema: a finding when only the candidate does it',
    steps: [
      ...boot,
      cp(`[2,"1","StartTransaction",{"connectorId":1,"idTag":"BAD","meterStart":0,"timestamp":"${TIME}"}]`),
      cs('[3,"1",{"idTagInfo":{"status":"Invalid"}}]'),
      ...stop('2', '-1', ',"reason":"DeAuthorized"'),
    ],
  },
  {
    id: 'S24',
    what: 'StopTransaction with EmergencyStop while charging goes on.',
    seenAt: 'unnamed',
    replay: 'as recorded',
    diff: SAME,
    steps: [
      ...boot,
      ...start('1', '14'),
      ...stop('2', '14', ',"reason":"EmergencyStop"'),
      ...meter('3', '14'),
    ],
  },
  {
    id: 'S25',
    what: 'StopTransaction without an idTag.',
    seenAt: 'Siemens, Metron',
    replay: AS_IT_IS,
    diff: 'a CSMS that breaks on it shows',
    steps: [...boot, ...start('1', '15'), ...stop('2', '15', ',"reason":"EVDisconnected"')],
  },
];

const SUBPROTOCOL = 'Sec-WebSocket-Protocol: ocpp1.6';

/** The session of each quirk of framing and of meaning; the charger is called after it. */
export const QUIRK_SESSIONS: readonly QuirkSession[] = DRAFTS.map(({ steps, ...draft }) => ({
  ...draft,
  lines: linesOf(`QUIRK-${draft.id}`, steps),
}));

function linesOf(identity: string, steps: readonly Step[]): Line[] {
  const lines: Line[] = [];
  let t = BEGIN_MS;
  let conn = 0;
  const write = (fact: Record<string, unknown>) => lines.push({ t, conn, ...fact });
  const open = () => {
    conn++;
    write({ event: 'tcp-open' });
    const host = ['Host: csms.example', 'Upgrade: websocket', 'Connection: Upgrade'];
    const key = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'];
    write({ dir: 'cp->csms', handshake: [`GET /ocpp/${identity} HTTP/1.1`, ...host, ...key, SUBPROTOCOL] });
    const answer = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    const accept = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
    write({ dir: 'csms->cp', handshake: [...answer, accept, SUBPROTOCOL] });
  };
  open();
  for (const step of steps) {
    t += 1000;
    if ('cp' in step) write({ dir: 'cp->csms', raw: step.cp });
    else if ('cs' in step) write({ dir: 'csms->cp', raw: step.cs });
    else if ('wait' in step) t += step.wait * 1000;
    else {
      write({ event: 'cp-fin' });
      open();
    }
  }
  t += 1000;
  write({ event: 'cp-fin' });
  return lines;
}
