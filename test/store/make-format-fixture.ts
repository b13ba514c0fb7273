// Makes fixtures/formats/vN.db, one small recording of the current format, for the tests of later formats:
//     node test/store/make-format-fixture.ts
import { join } from 'node:path';
import { FORMAT } from '../../src/store/migrations.ts';
import { createRecording } from '../../src/store/recording-writer.ts';
import { closedAt, connectionOf, frameOf, HEAD, TLS } from './samples.ts';

const path = join(import.meta.dirname, `../../fixtures/formats/v${FORMAT}.db`);
const recorder = await createRecording(path, HEAD);
const session = recorder.session('CP1', '/ocpp');
recorder.record({ kind: 'session', session: { ...session, vendor: 'V', model: 'M', firmware: 'F' } });
recorder.record({
  kind: 'connection',
  connection: connectionOf({ session: session.id, status: 101, chargerTls: TLS, ...closedAt(4) }),
});
const answer = { messageType: 'callResult', sender: 'csms', answers: 2, latencyUs: 1000 } as const;
const payload = Buffer.from('[3,"m2",{"currentTime":"2026-11-22T07:27:51Z"}]');
recorder.record({ kind: 'frame', frame: frameOf({ id: 2 }) });
recorder.record({ kind: 'frame', frame: frameOf({ id: 3, messageId: 'm2', payload, ...answer }) });
const gap = { fromUs: 1, toUs: 2, connection: 1, frames: 3, bytes: 4, reason: 'a reason' };
recorder.record({ kind: 'gap', gap });
recorder.record({
  kind: 'link',
  link: { frame: 2, recording: 'r', replays: 9, scheduledUs: 8, source: 'recorded' },
});
recorder.record({
  kind: 'binding',
  binding: { session: 1, idClass: 'transactionId', recorded: '1', live: '2', frame: 3 },
});
recorder.record({ kind: 'outcome', outcome: { session: 1, complete: true, reason: null, notSent: 0 } });
recorder.record({
  kind: 'departure',
  departure: { session: 1, kind: 'not-stimulated', frame: 9, action: 'Reset', notSent: 2, reason: null },
});
recorder.record({
  kind: 'observation',
  observation: { session: 1, probe: 'record', frame: 2, atUs: 5, value: '{"status":200}', failure: null },
});
await recorder.close();
