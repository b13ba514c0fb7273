import { randomUUID } from 'node:crypto';
import type { Gap, SessionEvent } from '../../src/session/recording.ts';
import { writeFile } from '../../src/store/new-file.ts';
import { newRecording } from '../../src/store/recording-writer.ts';
import { SCRIPT_START_US, type Script, scriptedSession } from '../support/scripted-session.ts';

/** What a recording for the screens holds. */
export interface World {
  scripts: readonly Script[];
  gaps?: readonly Gap[];
  kind?: 'capture' | 'run';
  label?: string;
}

/** Writes scripted sessions as a finished recording, always the same but for its uuid. */
export async function writeWorld(
  path: string,
  { scripts, gaps = [], kind = 'capture', label }: World,
): Promise<void> {
  const upstream = 'ws://csms.example:8180';
  const head = newRecording({ kind, toolVersion: '1.2.3', label: label ?? null, upstream, source: null });
  const events = scripts.flatMap((script) => script.events).sort((a, b) => a.id - b.id);
  const endedAtUs = SCRIPT_START_US + 3600e6;
  const times = { uuid: randomUUID(), startedAtUs: SCRIPT_START_US, startedMonoUs: 0, endedAtUs };
  await writeFile(path, { ...head, ...times }, async (writer) => {
    for (const { session } of scripts) writer.entry({ kind: 'session', session });
    for (const event of events) writer.entry(entryOf(event));
    for (const gap of gaps) writer.entry({ kind: 'gap', gap });
    return {};
  });
}

function entryOf(event: SessionEvent) {
  if (event.kind === 'frame') return { kind: 'frame', frame: event.frame } as const;
  return { kind: 'connection', connection: event.connection } as const;
}

/** Actions whose answers are another in the candidate: as many findings. */
const VENDOR_ACTIONS = 30;

/** A charger's day: boots, fails to be read, charges, is dropped, comes back. `isCandidate` differs in every answer that it can. */
export function dayOf(identity: string, id: number, isCandidate: boolean): Script {
  const value = isCandidate ? 'b' : 'a';
  const vendor = Array.from({ length: VENDOR_ACTIONS }, (_, index) => {
    const action = `Vendor${String(index + 1).padStart(2, '0')}`;
    return `${5000 + index * 100} > ${action} {"n":${index}}\n${5010 + index * 100} < {"value":"${value}","list":[${longList(index)}]}`;
  });
  return scriptedSession(
    [
      '0 open',
      '100 > BootNotification {"chargePointVendor":"Vendor","chargePointModel":"Model"}',
      `120 < {"status":"Accepted","currentTime":"2026-01-01T00:00:00Z","interval":${isCandidate ? 300 : 20}}`,
      '200 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}',
      '210 < {}',
      '300 > Authorize {"idTag":"TAG1"}',
      `310 < {"idTagInfo":{"status":"${isCandidate ? 'Invalid' : 'Accepted'}"}}`,
      '400 > StartTransaction {"connectorId":1,"idTag":"TAG1","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}',
      '410 < {"idTagInfo":{"status":"Accepted"},"transactionId":4711}',
      '420 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Charging"}',
      '430 < {}',
      '500 ping charger x',
      '501 pong csms x',
      '600 raw charger this is no JSON',
      '700 > DataTransfer {"vendorId":"Ünïcödé 充電 🔌","data":"e\u0301"}',
      '720 <! InternalError',
      ...vendor,
      '9000 > StopTransaction {"transactionId":4711,"meterStop":9,"timestamp":"2026-01-01T00:00:09Z"}',
      '9010 < {"idTagInfo":{"status":"Accepted"}}',
      '9100 > StatusNotification {"connectorId":1,"errorCode":"GroundFailure","status":"Faulted"}',
      '9110 < {}',
      '9500 end charger reset',
      '12000 #2 open',
      '12100 #2 > Heartbeat {}',
      '12110 #2 < {"currentTime":"2026-01-01T00:00:12Z"}',
      '13000 #2 close charger 1000',
      '13010 #2 end charger close',
    ].join('\n'),
    identity,
    id,
  );
}

function longList(index: number): string {
  return index === 0 ? Array.from({ length: 60 }, (_, at) => `"item ${at}"`).join(',') : '';
}

/** Chargers that said little: enough of them to page through. */
export function quietChargers(amount: number, firstId: number): Script[] {
  return Array.from({ length: amount }, (_, index) =>
    scriptedSession(
      `${20_000 + index} open\n${20_100 + index} > Heartbeat {}\n${20_105 + index} < {"currentTime":"2026-01-01T00:00:20Z"}\n${30_000 + index} close charger 1000\n${30_001 + index} end charger close`,
      `QUIET-${String(index + 1).padStart(3, '0')}`,
      firstId + index,
    ),
  );
}
