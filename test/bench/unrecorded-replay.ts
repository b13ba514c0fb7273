// What the same replay does when nothing of it is put on record: node unrecorded-replay.ts RECORDING URL CLONES
import { replay } from '../../src/replay/replay.ts';
import type { Entry, Recorder, Session } from '../../src/session/recording.ts';
import { openRecording } from '../../src/store/reader.ts';
import { newRecording } from '../../src/store/recording-writer.ts';
import { parseServerUrl } from '../../src/wire/url.ts';

const [recording = '', url = '', clones = '1'] = process.argv.slice(2);

/** Forgets what it is given, but for how many answers there were, and when. */
class Forgetful implements Recorder {
  readonly recording = newRecording({
    kind: 'run',
    toolVersion: 'bench',
    label: null,
    upstream: url,
    source: null,
  });
  #lastId = 0;
  #sessions = 0;
  answers = 0;
  firstUs = 0;
  lastUs = 0;

  nextId(): number {
    return ++this.#lastId;
  }

  nextConnectionId(): number {
    return ++this.#lastId;
  }

  session(identity: string, endpoint: string): Session {
    const facts = { vendor: null, model: null, firmware: null, replays: null };
    return { id: ++this.#sessions, identity, endpoint, ...facts };
  }

  record(entry: Entry): void {
    if (entry.kind !== 'frame' || entry.frame.messageType !== 'callResult') return;
    this.answers++;
    this.firstUs ||= entry.frame.monoUs;
    this.lastUs = entry.frame.monoUs;
  }

  whenOnRecord(done: () => void): void {
    done();
  }

  async close(): Promise<void> {}
}

const recorder = new Forgetful();
await replay({
  reader: await openRecording(recording),
  recorder,
  target: parseServerUrl(url),
  speed: 'max',
  time: 'end-now',
  cleanUp: false,
  clones: Number(clones),
});
const { answers, firstUs, lastUs } = recorder;
console.log(JSON.stringify({ answers, callsPerSecond: (answers * 1e6) / (lastUs - firstUs) }));
