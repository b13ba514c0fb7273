import { copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Reader } from '../../src/session/recording.ts';
import { FORMAT } from '../../src/store/migrations.ts';
import { openRecording } from '../../src/store/reader.ts';
import { createRecording, type RecordingWriter } from '../../src/store/recording-writer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { all, closedAt, committed, connectionOf, frameOf, HEAD, story } from './samples.ts';

function newPath(): string {
  return join(temporaryFolder(), 'a.db');
}

async function open(path: string): Promise<Reader> {
  const reader = await openRecording(path);
  onTestFinished(() => reader.close());
  return reader;
}

/** Two connections of session 1 that overlap (half-open), and one of session 2 in between. */
function recordOverlap(recorder: RecordingWriter): void {
  recorder.session('CP1', '');
  recorder.session('CP2', '');
  recorder.record({ kind: 'connection', connection: connectionOf({ id: 1, openedId: 1, ...closedAt(8) }) });
  recorder.record({ kind: 'connection', connection: connectionOf({ id: 2, openedId: 3, session: 2 }) });
  recorder.record({ kind: 'connection', connection: connectionOf({ id: 3, openedId: 5, ...closedAt(10) }) });
  recorder.record({
    kind: 'connection',
    connection: connectionOf({ id: 4, openedId: 11, session: null, kind: 'http' }),
  });
  for (const [id, connection] of [
    [2, 1],
    [4, 2],
    [6, 3],
    [7, 1],
    [9, 3],
  ] as const) {
    recorder.record({ kind: 'frame', frame: frameOf({ id, connection }) });
  }
}

const STORY = ['opened 1', 'frame 2', 'opened 5', 'frame 6', 'frame 7', 'closed 8', 'frame 9', 'closed 10'];

describe('reading a finished recording', () => {
  it('gives the events of overlapping connections in recording order', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    recordOverlap(recorder);
    await recorder.close();
    const reader = await open(path);
    expect(await story(reader, 1)).toEqual(STORY);
    expect(await story(reader, 2)).toEqual(['opened 3', 'frame 4']);
    expect(await story(reader, 3)).toEqual([]);
    expect((await all(reader.strays())).map((connection) => connection.id)).toEqual([4]);
    expect(await reader.span()).toEqual({ fromUs: frameOf({ id: 1 }).atUs, toUs: frameOf({ id: 11 }).atUs });
  });

  it('sums up each session', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    recordOverlap(recorder);
    recorder.record({ kind: 'frame', frame: frameOf({ id: 12, messageType: 'callResult' }) });
    recorder.session('CP3', '');
    await recorder.close();
    const at = (id: number) => frameOf({ id }).atUs;
    expect(await all((await open(path)).summaries())).toMatchObject([
      { identity: 'CP1', connections: 2, frames: 5, calls: 4, firstAtUs: at(1), lastAtUs: at(12) },
      { identity: 'CP2', connections: 1, frames: 1, calls: 1, firstAtUs: at(3), lastAtUs: at(4) },
      { identity: 'CP3', connections: 0, frames: 0, calls: 0, firstAtUs: null, lastAtUs: null },
    ]);
  });

  it('has no span when nothing was recorded', async () => {
    const path = newPath();
    await (await createRecording(path, HEAD)).close();
    const reader = await open(path);
    expect(await reader.span()).toBeNull();
    expect(await all(reader.sessions())).toEqual([]);
  });

  it.each<[string, { fromUs?: number; toUs?: number }, string[]]>([
    ['from', { fromUs: 9 }, ['opened 5', 'frame 9', 'closed 10']],
    ['to', { toUs: 6 }, ['opened 1', 'frame 2', 'opened 5']],
    ['from and to, half-open', { fromUs: 6, toUs: 7 }, ['opened 5', 'frame 6']],
    ['a time in which only an end is', { fromUs: 8, toUs: 9 }, ['opened 1', 'closed 8']],
    ['a time in which nothing is', { fromUs: 100 }, []],
  ])('slices by %s', async (_, { fromUs, toUs }, expected) => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    recordOverlap(recorder);
    await recorder.close();
    const at = (id: number) => frameOf({ id }).atUs;
    const slice = { ...(fromUs && { fromUs: at(fromUs) }), ...(toUs && { toUs: at(toUs) }) };
    expect(await story(await open(path), 1, slice)).toEqual(expected);
  });
});

describe('reading a recording without its indexes', () => {
  /** What a killed recorder leaves: the file and its WAL, copied while the recorder has them open. */
  async function killed(frames: number, connections: number): Promise<string> {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    recorder.session('CP1', '');
    for (let id = 1; id <= connections; id++) {
      recorder.record({ kind: 'connection', connection: connectionOf({ id, openedId: recorder.nextId() }) });
    }
    for (let i = 0; i < frames; i++) {
      const connection = 1 + (i % connections);
      recorder.record({ kind: 'frame', frame: frameOf({ id: recorder.nextId(), connection }) });
    }
    await committed(recorder);
    const copy = newPath();
    for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
    await recorder.close();
    return copy;
  }

  it('gives every event of a long recording in order, page by page, and changes nothing', async () => {
    const path = await killed(12_000, 3);
    const before = [readFileSync(path), readFileSync(`${path}-wal`)];
    const reader = await open(path);
    expect(reader.recording.endedAtUs).toBeNull();
    const events = await story(reader, 1);
    expect(events).toHaveLength(12_003);
    expect(events.map((event) => Number(event.split(' ')[1]))).toEqual(
      Array.from({ length: 12_003 }, (_, i) => i + 1),
    );
    expect(await story(reader, 1)).toEqual(events);
    expect([readFileSync(path), readFileSync(`${path}-wal`)]).toEqual(before);
  });

  it('lets the event loop turn in between', async () => {
    const reader = await open(await killed(3_000, 1));
    let [turns, isDone] = [0, false];
    const count = () => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    count();
    await all(reader.events(1));
    isDone = true;
    expect(turns).toBeGreaterThan(3);
  });

  it('sees what was recorded since', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    recordOverlap(recorder);
    await committed(recorder);
    const reader = await open(path);
    expect(await story(reader, 1)).toEqual(STORY);
    for (let id = 12; id < 10_000; id++)
      recorder.record({ kind: 'frame', frame: frameOf({ id, connection: 3 }) });
    recorder.record({
      kind: 'connection',
      connection: connectionOf({ id: 5, session: 2, openedId: 10_000 }),
    });
    await committed(recorder);
    expect(await story(reader, 1)).toHaveLength(STORY.length + 9_988);
    recorder.record({ kind: 'frame', frame: frameOf({ id: 10_002, connection: 3 }) });
    await committed(recorder);
    recorder.record({ kind: 'frame', frame: frameOf({ id: 10_001, connection: 3 }) });
    await committed(recorder);
    expect((await story(reader, 1)).slice(-3)).toEqual(['frame 9999', 'frame 10001', 'frame 10002']);
    expect(await story(reader, 2)).toEqual(['opened 3', 'frame 4', 'opened 10000']);
    await recorder.close();
    expect(existsSync(`${path}-wal`)).toBe(true);
    expect((await story(reader, 1)).at(-1)).toBe('frame 10002');
  });
});

describe('a file that is no recording', () => {
  it('is refused with the reason', async () => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    writeFileSync(path('empty.db'), '');
    writeFileSync(path('text.db'), 'x'.repeat(5000));
    mkdirSync(path('folder.db'));
    const other = new Database(path('other.db'));
    other.exec('CREATE TABLE t (a); PRAGMA user_version = 1');
    other.close();
    const refusal = (name: string) => openRecording(path(name)).catch((error) => error.code);
    expect(await refusal('none.db')).toBe('NO_SUCH_FILE');
    expect(await refusal('empty.db')).toBe('NOT_A_RECORDING');
    expect(await refusal('text.db')).toBe('NOT_A_RECORDING');
    expect(await refusal('folder.db')).toBe('NOT_A_RECORDING');
    expect(await refusal('other.db')).toBe('NOT_A_RECORDING');
  });

  it('is refused when a newer Chargetape wrote it', async () => {
    const path = newPath();
    await (await createRecording(path, HEAD)).close();
    const db = new Database(path);
    db.pragma(`user_version = ${FORMAT + 1}`);
    db.close();
    await expect(openRecording(path)).rejects.toMatchObject({ code: 'NEWER_FORMAT' });
  });

  it('is told to be unreadable when its pages are gone', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    recorder.session('CP1', '');
    recorder.record({ kind: 'connection', connection: connectionOf() });
    for (let id = 2; id < 500; id++) recorder.record({ kind: 'frame', frame: frameOf({ id }) });
    await recorder.close();
    truncateSync(path, 40_960);
    const read = async () => all((await open(path)).events(1));
    await expect(read()).rejects.toMatchObject({ code: 'UNREADABLE' });
  });
});
