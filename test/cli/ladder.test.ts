import { expect, test } from 'vitest';
import { gapLine, gapsWithin, ladderLines } from '../../src/cli/ladder.ts';
import { FrameFlag } from '../../src/session/frame.ts';
import type { Gap, SessionEvent } from '../../src/session/recording.ts';
import { all, connection, frame, frameEvent, inOrder, START_US } from './recorded.ts';

/** The lines of some events, without day and clock, which depend on where the machine stands. */
async function ladder(events: SessionEvent[], gaps: Gap[] = []): Promise<string[]> {
  const lines = await all(ladderLines(inOrder(events), gaps));
  return lines
    .filter((line) => !line.startsWith('──'))
    .map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} +/, ''));
}

const answer = { sender: 'csms', action: 'BootNotification', answers: 2 } as const;

test('a session reads as opening, calls, answers with latency, and end', async () => {
  const lines = await ladder([
    { kind: 'opened', id: 1, connection: connection() },
    frameEvent(
      frame('[2,"a","BootNotification",{"chargePointModel":"Simulator","chargePointVendor":"MicroOcpp"}]', {
        monoUs: 5000,
      }),
    ),
    frameEvent(
      frame('[3,"a",{"currentTime":"2026-11-22T07:22:59Z","interval":20,"status":"Accepted"}]', {
        ...answer,
        monoUs: 18_000,
        latencyUs: 13_000,
      }),
    ),
    { kind: 'closed', id: 90, connection: connection() },
  ]);
  expect(lines).toEqual([
    '+0.000  #1  charger → csms         4 ms ○ opened  /ocpp/CP-1  101  ocpp1.6',
    '+0.005  #1  charger → csms                BootNotification               chargePointModel=Simulator chargePointVendor=MicroOcpp',
    '+0.018  #1  csms → charger        13 ms ← BootNotification               Accepted interval=20',
    '+12.346  #1  charger → csms       12.3 s ● closed by charger: close 1000 "bye"',
  ]);
});

test('each line begins with the local day and time', async () => {
  const lines = await all(ladderLines(inOrder([frameEvent(frame('[2,"a","Heartbeat",{}]'))])));
  const local = new Date(START_US / 1000);
  expect(lines[0]).toBe(
    `── ${local.getFullYear()}-${String(local.getMonth() + 1).padStart(2, '0')}-${String(local.getDate()).padStart(2, '0')} ──`,
  );
  expect(lines[1]).toBe(
    `${local.toTimeString().slice(0, 8)}.067      +0.000  #1  charger → csms                Heartbeat`,
  );
});

test('a new day has a line of its own', async () => {
  const day = 86_400_000_000;
  const events = [0, 1, day, 2 * day].map((monoUs) =>
    frameEvent(frame('[2,"a","Heartbeat",{}]', { monoUs })),
  );
  const lines = await all(ladderLines(inOrder(events)));
  expect(lines.map((line) => line.startsWith('──'))).toEqual([true, false, false, true, false, true, false]);
});

test('statuses come first and bare, nested ones too, and times are left out', async () => {
  const [status, start, heartbeat] = await ladder([
    frameEvent(
      frame(
        '[2,"a","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Charging","timestamp":"2026-11-22T07:22:59Z"}]',
      ),
    ),
    frameEvent(
      frame('[3,"s",{"transactionId":9007199254740993,"idTagInfo":{"status":"Blocked"}}]', {
        ...answer,
        action: 'StartTransaction',
      }),
    ),
    frameEvent(frame('[3,"h",{"currentTime":"2026-11-22T07:22:59Z"}]', { ...answer, action: 'Heartbeat' })),
  ]);
  expect(status).toContain('StatusNotification             NoError Charging connectorId=1');
  expect(start).toContain('← StartTransaction               Blocked transactionId=9007199254740993');
  expect(heartbeat).toContain('← Heartbeat                      currentTime=2026-11-22T07:22:59Z');
});

test('a list is shown by its length, and a long gist is cut', async () => {
  const [meter, long] = await ladder([
    frameEvent(
      frame('[2,"a","MeterValues",{"connectorId":1,"meterValue":[{"sampledValue":[{"value":"1"}]}]}]'),
    ),
    frameEvent(frame(`[2,"a","DataTransfer",{"vendorId":"x","data":"${'y'.repeat(500)}"}]`)),
  ]);
  expect(meter).toMatch(/MeterValues +connectorId=1 meterValue\[1\]$/);
  expect(long).toMatch(/vendorId=x data=y+…$/);
});

test('an error answer shows its code, description and latency', async () => {
  const text = '[4,"a","NotImplemented","no such action",{}]';
  const lines = await ladder([frameEvent(frame(text, { ...answer, latencyUs: 1_234_000 }))]);
  expect(lines[0]).toContain(' 1.2 s ✗ BootNotification               NotImplemented "no such action"');
});

test('malformed text, an orphan answer and a duplicate are said to be so', async () => {
  const lines = await ladder([
    frameEvent(frame('[2,"a"\u001b[2J')),
    frameEvent(frame('[3,"a",{}]', { sender: 'csms' })),
    frameEvent(frame('[3,"a",{}]', { ...answer, flags: FrameFlag.duplicateAnswer | FrameFlag.masked })),
  ]);
  expect(lines[0]).toMatch(/! malformed +.*\[2,"a"\\u001b\[2J$/);
  expect(lines[1]).toMatch(/← \(answers no call\)$/);
  expect(lines[2]).toMatch(/← BootNotification +\(answered before\)$/);
});

test('control frames are short, and bytes that are no text are shown as hex', async () => {
  const control = { messageType: null, messageId: null, action: null };
  const lines = await ladder([
    frameEvent(frame('hello', { ...control, opcode: 9 })),
    frameEvent(frame('', { ...control, opcode: 10, payload: Buffer.from([0xff, 0x00]) })),
    frameEvent(
      frame('', {
        ...control,
        opcode: 8,
        payload: Buffer.concat([Buffer.from([0x03, 0xf3]), Buffer.from('over')]),
      }),
    ),
    frameEvent(frame('', { ...control, opcode: 8 })),
    frameEvent(frame('xyz', { ...control, opcode: null, flags: FrameFlag.opaque })),
  ]);
  expect(lines.map((line) => line.replace(/^.*csms +/, '').replace(/ +/g, ' '))).toEqual([
    '· ping hello',
    '· pong ff00',
    '· close 1011 over',
    '· close',
    '! opaque 3 bytes',
  ]);
});

test('a refused handshake, a silent CSMS and an unknown end are told', async () => {
  const unanswered = { status: null, subprotocol: null, handshakeUs: null, responseHead: null };
  const lines = await ladder([
    { kind: 'opened', id: 1, connection: connection({ status: 401, subprotocol: null }) },
    {
      kind: 'closed',
      id: 2,
      connection: connection({ endedBy: 'csms', ending: 'refused', closeCode: null, closeReason: null }),
    },
    { kind: 'opened', id: 3, connection: connection({ id: 7, ...unanswered }) },
    {
      kind: 'closed',
      id: 4,
      connection: connection({ id: 7, endedBy: null, ending: null, closedMonoUs: null }),
    },
  ]);
  expect(lines.map((line) => line.slice(line.indexOf('#')))).toEqual([
    '#1  charger → csms         4 ms ○ opened  /ocpp/CP-1  refused: 401',
    '#1  csms → charger       12.3 s ● closed by csms: refused',
    '#2  charger → csms              ○ opened  /ocpp/CP-1  no answer',
    '#2  chargetape                  ● closed by nobody known: not known how',
  ]);
});

test('a gap stands where its time says, and one of another connection is left out', async () => {
  const gap: Gap = {
    fromUs: START_US + 10,
    toUs: START_US + 2_500_010,
    connection: null,
    frames: 1200,
    bytes: 34_000,
    reason: 'the disk was full',
  };
  const events = [0, 20].map((monoUs) => frameEvent(frame('[2,"a","Heartbeat",{}]', { monoUs })));
  const lines = await ladder(events, [
    { ...gap, connection: 99 },
    { ...gap, connection: 1, fromUs: START_US + 1e6 },
    gap,
  ]);
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/! gap of 2\.5 s: 1,200 frames \(34,000 bytes\) are missing: the disk was full$/);
  expect(lines[3]).toBe(gapLine({ ...gap, connection: 1, fromUs: START_US + 1e6 }));
});

test('a slice is given the gaps that touch it', () => {
  const gaps = [0, 10, 20].map(
    (fromUs): Gap => ({ fromUs, toUs: fromUs + 5, connection: null, frames: 1, bytes: 1, reason: '' }),
  );
  expect(gapsWithin(gaps, { fromUs: 5, toUs: 20 }).map((gap) => gap.fromUs)).toEqual([0, 10]);
  expect(gapsWithin(gaps, {})).toEqual(gaps);
});
