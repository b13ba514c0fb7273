// Records as fast as it can and prints each frame id as soon as it is told to be on record, until it is killed.
import { writeSync } from 'node:fs';
import { createRecording } from '../../src/store/recording-writer.ts';
import { connectionOf, frameOf, HEAD } from './samples.ts';

const recorder = await createRecording(process.argv[2]!, HEAD, { maxHoldMs: Number.POSITIVE_INFINITY });
const session = recorder.session('CP1', '/ocpp');
recorder.record({
  kind: 'connection',
  connection: connectionOf({ session: session.id, openedId: recorder.nextId() }),
});

function turn(): void {
  for (let i = 0; i < 20; i++) {
    const id = recorder.nextId();
    recorder.record({ kind: 'frame', frame: frameOf({ id }) });
    recorder.whenOnRecord(() => writeSync(1, `${id}\n`));
  }
  if (recorder.counters.queuedFrames < 5000) setImmediate(turn);
  else recorder.whenOnRecord(turn);
}
turn();
