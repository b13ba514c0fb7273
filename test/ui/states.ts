import { FrameFlag } from '../../src/session/frame.ts';
import { createRecording, type RecordingWriter } from '../../src/store/recording-writer.ts';
import { SCRIPT_START_US, type Script, scriptedSession } from '../support/scripted-session.ts';
import { dayOf, quietChargers, writeWorld } from './worlds.ts';

/** 12,000 chargers, of which a few are in trouble. */
export function writeFleet(path: string): Promise<void> {
  const troubles = [
    '50 > StatusNotification {"connectorId":1,"errorCode":"GroundFailure","status":"Faulted"}\n60 < {}',
    '50 raw charger not JSON at all',
    '50 > StartTransaction {"connectorId":2,"idTag":"A","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}\n60 <! InternalError',
    '50 > StartTransaction {"connectorId":2,"idTag":"A","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}\n60 < {"transactionId":77,"idTagInfo":{"status":"Accepted"}}',
  ];
  const scripts = Array.from({ length: 12_000 }, (_, index) => {
    const trouble = index % 1000 === 999 ? (troubles[Math.floor(index / 1000) % troubles.length] ?? '') : '';
    const status = `{"connectorId":1,"errorCode":"NoError","status":"${index % 3 === 0 ? 'Charging' : 'Available'}"}`;
    return scriptedSession(
      `${index % 500} open\n${1000 + (index % 500)} > StatusNotification ${status}\n${1005 + (index % 500)} < {}\n${trouble.replaceAll('50 ', '2050 ').replaceAll('60 ', '2060 ')}`,
      `CP-${String(index + 1).padStart(5, '0')}`,
      index + 1,
    );
  });
  return writeWorld(path, { scripts, label: 'release 4.2' });
}

/** One charger with 10,000 rows: meter values, malformed frames and reconnects. */
export function longSession(): Script {
  const lines = ['0 open'];
  let connection = 1;
  for (let row = 0; lines.length < 9_998; row++) {
    const at = 100 + row * 100;
    if (row % 1000 === 999) {
      lines.push(`${at} #${connection} end charger reset`, `${at + 50} #${++connection} open`);
    } else if (row % 250 === 249) lines.push(`${at} #${connection} raw charger {"broken": row ${row}`);
    else
      lines.push(
        `${at} #${connection} > MeterValues {"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"${row}"}]}]}`,
        `${at + 10} #${connection} < {}`,
      );
  }
  return scriptedSession(lines.join('\n'), 'LONG-1', 1);
}

/** A charger with one message of 100 kB. */
export function bigPayload(): Script {
  const items = Array.from(
    { length: 2_200 },
    (_, index) => `{"key":"Setting${index}","readonly":false,"value":"${index}"}`,
  );
  return scriptedSession(
    `0 open\n10 << GetConfiguration {}\n20 >> {"configurationKey":[${items.join(',')}],"unknownKey":[]}`,
    'BIG-1',
    1,
  );
}

/** Two recordings between which 300 places differ. */
export function threeHundred(isCandidate: boolean): Script {
  const value = isCandidate ? 'b' : 'a';
  const lines = Array.from({ length: 300 }, (_, index) => {
    const action = `Vendor${String(index + 1).padStart(3, '0')}`;
    return `${100 + index * 10} > ${action} {}\n${105 + index * 10} < {"value":"${value}"}`;
  });
  return scriptedSession(
    ['0 open', ...lines, '9000 close charger 1000', '9001 end charger close'].join('\n'),
    'CP1',
    1,
  );
}

/** A recording from which frames are missing. */
export function writeGap(path: string): Promise<void> {
  const gap = {
    fromUs: SCRIPT_START_US + 300_000,
    toUs: SCRIPT_START_US + 5_300_000,
    connection: null,
    frames: 1234,
    bytes: 567_890,
    reason: 'The disk was full.',
  };
  return writeWorld(path, { scripts: [dayOf('CP1', 1, false), ...quietChargers(3, 2)], gaps: [gap] });
}

/** A recording that is being written: closed by who asked for it. */
export async function growing(path: string): Promise<RecordingWriter> {
  const head = {
    kind: 'capture',
    toolVersion: '1.2.3',
    label: null,
    upstream: 'ws://csms.example:8180',
    source: null,
  } as const;
  const recorder = await createRecording(path, head);
  const { identity, endpoint } = dayOf('GROWS-1', 1, false).session;
  const session = recorder.session(identity, endpoint);
  for (const event of scriptedSession(
    '0 open\n10 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}\n20 < {"status":"Accepted","currentTime":"2026-01-01T00:00:00Z","interval":300}',
    identity,
    session.id,
  ).events) {
    if (event.kind === 'frame')
      recorder.record({
        kind: 'frame',
        frame: { ...event.frame, flags: event.frame.flags & ~FrameFlag.late },
      });
    else recorder.record({ kind: 'connection', connection: { ...event.connection, session: session.id } });
  }
  await new Promise<void>((resolve) => recorder.whenOnRecord(resolve));
  return recorder;
}
