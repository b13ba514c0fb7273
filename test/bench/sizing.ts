// Records one day of so many chargers as fast as it can and prints rows and bytes of the finished recording per 1,000 chargers.
// node test/bench/sizing.ts [CHARGERS 100]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Opcode } from '../../src/session/frame.ts';
import { createRecording } from '../../src/store/recording-writer.ts';
import { connectionOf, frameOf, HEAD, onRecord } from '../store/samples.ts';

const [chargers = 100] = process.argv.slice(2).map(Number);
const METER_VALUES = JSON.stringify({
  connectorId: 1,
  transactionId: 123456,
  meterValue: [
    {
      timestamp: '2026-11-27T09:00:00.000Z',
      sampledValue: [
        { value: '1234567', measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
        { value: '11012', measurand: 'Power.Active.Import', unit: 'W' },
        { value: '16.1', measurand: 'Current.Import', phase: 'L1', unit: 'A' },
        { value: '229.8', measurand: 'Voltage', phase: 'L1-N', unit: 'V' },
      ],
    },
  ],
});

/** A day: a heartbeat each 5 minutes, 4 hours of charging with meter values each minute, 20 other calls, a ping each minute. */
const DAY = [
  { action: 'Heartbeat', payload: '{}', answer: '{"currentTime":"2026-11-27T09:00:00Z"}', times: 288 },
  { action: 'MeterValues', payload: METER_VALUES, answer: '{}', times: 240 },
  {
    action: 'StatusNotification',
    payload: '{"connectorId":1,"errorCode":"NoError","status":"Charging","timestamp":"2026-11-27T09:00:00Z"}',
    answer: '{}',
    times: 20,
  },
];
const PINGS = 1440;

for (const pings of [PINGS, 0]) await measure(pings);

async function measure(pings: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chargetape-sizing-'));
  const file = join(folder, 'a.db');
  const recorder = await createRecording(file, HEAD);
  for (let charger = 1; charger <= chargers; charger++) {
    const session = recorder.session(`CP${charger}`, '/ocpp').id;
    const connection = recorder.nextConnectionId();
    recorder.record({
      kind: 'connection',
      connection: connectionOf({ id: connection, openedId: recorder.nextId(), session }),
    });
    for (const { action, payload, answer, times } of DAY) {
      for (let n = 0; n < times; n++) {
        const messageId = `7f2c9c1e-8d1b-4f0a-9a51-${String(n).padStart(12, '0')}`;
        const id = recorder.nextId();
        const call = Buffer.from(`[2,"${messageId}","${action}",${payload}]`);
        recorder.record({
          kind: 'frame',
          frame: frameOf({ id, connection, messageId, action, payload: call }),
        });
        const text = Buffer.from(`[3,"${messageId}",${answer}]`);
        const answered = {
          sender: 'csms',
          messageType: 'callResult',
          answers: id,
          latencyUs: 12_345,
        } as const;
        recorder.record({
          kind: 'frame',
          frame: frameOf({
            id: recorder.nextId(),
            connection,
            messageId,
            action,
            payload: text,
            ...answered,
          }),
        });
      }
    }
    for (let n = 0; n < 2 * pings; n++) {
      const control = {
        opcode: n % 2 ? Opcode.pong : Opcode.ping,
        payload: Buffer.alloc(0),
        messageType: null,
      };
      const id = recorder.nextId();
      recorder.record({
        kind: 'frame',
        frame: frameOf({ id, connection, ...control, messageId: null, action: null }),
      });
    }
    await onRecord(recorder);
  }
  await recorder.close();
  const { size } = statSync(file);
  const rows = DAY.reduce((sum, { times }) => sum + 2 * times, 2 * pings);
  const gigabytes = ((size / chargers) * 1000) / 1e9;
  console.log(
    `${pings > 0 ? 'with pings' : 'without pings'}: ${(rows / 1000).toFixed(2)} M rows and ${gigabytes.toFixed(2)} GB a day per 1,000 chargers (${(size / chargers / rows).toFixed(0)} bytes a row)`,
  );
  rmSync(folder, { recursive: true });
}
