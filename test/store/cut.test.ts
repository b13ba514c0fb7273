import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Reader } from '../../src/session/recording.ts';
import { importCaptures } from '../../src/store/capture-import.ts';
import { cutRecording } from '../../src/store/cut.ts';
import { openRecording } from '../../src/store/reader.ts';
import { createRecording } from '../../src/store/recording-writer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { all, closedAt, connectionOf, frameOf, HEAD, story } from './samples.ts';

const CAPTURE = join(import.meta.dirname, '../../fixtures/captures/sap-simulator__ocpp-rpc.jsonl');

async function open(path: string): Promise<Reader> {
  const reader = await openRecording(path);
  onTestFinished(() => reader.close());
  return reader;
}

/** Session 1 with two connections of three frames each, session 2 with one; gaps and what a run leaves. */
async function sample(): Promise<Reader> {
  const path = join(temporaryFolder(), 'a.db');
  const recorder = await createRecording(path, HEAD);
  recorder.session('CP1', '');
  recorder.session('CP2', '');
  recorder.record({ kind: 'connection', connection: connectionOf({ id: 1, openedId: 1, ...closedAt(5) }) });
  recorder.record({ kind: 'connection', connection: connectionOf({ id: 2, openedId: 6, ...closedAt(10) }) });
  recorder.record({ kind: 'connection', connection: connectionOf({ id: 3, session: 2, openedId: 11 }) });
  for (const id of [2, 3, 4]) recorder.record({ kind: 'frame', frame: frameOf({ id, connection: 1 }) });
  for (const id of [7, 8, 9]) recorder.record({ kind: 'frame', frame: frameOf({ id, connection: 2 }) });
  recorder.record({ kind: 'frame', frame: frameOf({ id: 12, connection: 3 }) });
  for (const session of [1, 2]) {
    recorder.record({ kind: 'outcome', outcome: { session, complete: true, reason: null, notSent: 0 } });
    const binding = { session, idClass: 'transactionId', recorded: '1', live: '2', frame: 3 };
    recorder.record({ kind: 'binding', binding });
  }
  for (const connection of [1, 3, null]) {
    const { atUs } = frameOf({ id: 3 });
    const gap = { fromUs: atUs, toUs: atUs, connection, frames: 1, bytes: 1, reason: `of ${connection}` };
    recorder.record({ kind: 'gap', gap });
  }
  const link = { frame: 3, recording: 'other', replays: 77, scheduledUs: 1, source: null };
  recorder.record({ kind: 'link', link });
  await recorder.close();
  return open(path);
}

describe('a cut', () => {
  it('of a whole capture holds the same events', async () => {
    const folder = temporaryFolder();
    await importCaptures([CAPTURE], join(folder, 'a.db'));
    const original = await open(join(folder, 'a.db'));
    const summary = await cutRecording(original, join(folder, 'b.db'));
    const cut = await open(join(folder, 'b.db'));
    const events = await all(original.events(1));
    const expected = events.map((event) =>
      event.kind === 'frame'
        ? {
            ...event,
            link: {
              frame: event.id,
              recording: original.recording.uuid,
              replays: event.id,
              scheduledUs: null,
              source: null,
            },
          }
        : event,
    );
    expect(await all(cut.events(1))).toEqual(expected);
    expect(summary).toEqual({
      sessions: 1,
      connections: 2,
      frames: events.filter((event) => event.kind === 'frame').length,
    });
    const { label, startedAtUs, startedMonoUs, endedAtUs, toolVersion, uuid: source } = original.recording;
    expect(cut.recording).toMatchObject({
      kind: 'cut',
      label,
      startedAtUs,
      startedMonoUs,
      endedAtUs,
      toolVersion,
      source,
    });
    expect(cut.recording.uuid).not.toBe(source);
  });

  it('of one session takes what belongs to it, and keeps its links', async () => {
    const original = await sample();
    const out = join(temporaryFolder(), 'b.db');
    await cutRecording(original, out, { sessions: (session) => session.identity === 'CP1' });
    const cut = await open(out);
    expect(await all(cut.sessions())).toMatchObject([{ id: 1, identity: 'CP1', replays: 1 }]);
    expect(await story(cut, 1)).toEqual(await story(original, 1));
    expect((await cut.gaps()).map((gap) => gap.reason)).toEqual(['of 1', 'of null']);
    expect(await cut.outcomes()).toHaveLength(1);
    expect(await cut.bindings(1)).toHaveLength(1);
    const links = (await all(cut.events(1))).flatMap((event) => (event.kind === 'frame' ? [event.link] : []));
    expect(links.slice(0, 2)).toMatchObject([
      { frame: 2, recording: original.recording.uuid, replays: 2 },
      { frame: 3, recording: 'other', replays: 77 },
    ]);
  });

  it('of a slice begins with its first event and has no end that lies beyond it', async () => {
    const original = await sample();
    const out = join(temporaryFolder(), 'b.db');
    const at = (id: number) => frameOf({ id }).atUs;
    const summary = await cutRecording(original, out, { slice: { fromUs: at(4), toUs: at(9) } });
    const cut = await open(out);
    expect(await story(cut, 1)).toEqual([
      'opened 1',
      'frame 4',
      'closed 5',
      'opened 6',
      'frame 7',
      'frame 8',
    ]);
    expect(summary).toEqual({ sessions: 1, connections: 2, frames: 3 });
    expect(cut.recording).toMatchObject({ startedAtUs: at(4), startedMonoUs: 4000 });
    expect(await cut.gaps()).toEqual([]);
  });

  it('that cannot be read to its end leaves nothing on disk', async () => {
    const original = await sample();
    const out = join(temporaryFolder(), 'b.db');
    const sessions = () => {
      throw new Error('planted');
    };
    await expect(cutRecording(original, out, { sessions })).rejects.toThrow('planted');
    expect(existsSync(out)).toBe(false);
  });
});
