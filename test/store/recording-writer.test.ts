import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { FrameFlag } from '../../src/session/frame.ts';
import type { Entry } from '../../src/session/recording.ts';
import { openRecording } from '../../src/store/reader.ts';
import { createRecording, type RecordingWriter } from '../../src/store/recording-writer.ts';
import type { TroubleCode } from '../../src/store/trouble.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { all, closedAt, committed, connectionOf, frameOf, HEAD, onRecord } from './samples.ts';

function newPath(): string {
  return join(temporaryFolder(), 'a.db');
}

function record(recorder: RecordingWriter, count: number): void {
  for (let i = 0; i < count; i++)
    recorder.record({ kind: 'frame', frame: frameOf({ id: recorder.nextId() }) });
}

function rows(path: string, sql: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare(sql).raw().all().flat();
  } finally {
    db.close();
  }
}

/** Resolves with the first trouble of this code. */
function trouble(recorder: RecordingWriter, code: TroubleCode): Promise<string> {
  return new Promise((resolve) => {
    recorder.onTrouble((it) => {
      if (it.code === code) resolve(it.sentence);
    });
  });
}

/** Another process's write lock, let go by calling the result. */
function lock(path: string): () => void {
  const db = new Database(path, { timeout: 5000 });
  db.exec('BEGIN IMMEDIATE');
  return () => {
    db.exec('ROLLBACK');
    db.close();
  };
}

describe('a recording', () => {
  it('gives back every kind of entry as it was recorded', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    const session = recorder.session('CP1', '/ocpp');
    const opened = connectionOf({ session: session.id, openedId: recorder.nextId() });
    const payload = Buffer.from([0, 255, 1]);
    const frame = frameOf({ id: recorder.nextId(), payload, fragments: [1, 2], sha256: 'ab', opcode: null });
    const answer = frameOf({
      ...{
        id: recorder.nextId(),
        sender: 'csms',
        messageType: 'callResult',
        answers: frame.id,
        latencyUs: 5,
      },
      ...{ messageId: 'ünï', action: null, flags: FrameFlag.duplicateAnswer },
    });
    const refusalBody = Buffer.from('no');
    const connection = { ...opened, ...closedAt(recorder.nextId()), refusalBody, orderInferred: true };
    const facts = { ...session, vendor: 'V', model: 'M', firmware: 'F', replays: 9 };
    const gap = { fromUs: 1, toUs: 2, connection: null, frames: 3, bytes: 4, reason: 'why' };
    const link = {
      frame: answer.id,
      recording: 'uuid',
      replays: 3,
      scheduledUs: 7,
      source: 'action',
    } as const;
    const binding = { session: 1, idClass: 'transactionId', recorded: '1', live: '"x"', frame: answer.id };
    const outcome = { session: 1, complete: false, reason: 'why', notSent: 2 };
    const entries: Entry[] = [
      { kind: 'connection', connection: opened },
      { kind: 'frame', frame },
      { kind: 'frame', frame: answer },
      { kind: 'connection', connection },
      { kind: 'session', session: facts },
      { kind: 'gap', gap },
      { kind: 'link', link },
      { kind: 'binding', binding },
      { kind: 'outcome', outcome },
    ];
    for (const entry of entries) recorder.record(entry);
    await recorder.close();

    const reader = await openRecording(path);
    expect(reader.recording).toEqual({ ...recorder.recording, endedAtUs: expect.any(Number) });
    expect(await all(reader.sessions())).toEqual([facts]);
    expect(await all(reader.events(1))).toEqual([
      { kind: 'opened', id: 1, connection },
      { kind: 'frame', id: 2, frame, link: null },
      { kind: 'frame', id: 3, frame: answer, link },
      { kind: 'closed', id: 4, connection },
    ]);
    expect(await reader.gaps()).toEqual([gap]);
    expect(await reader.bindings(1)).toEqual([binding]);
    expect(await reader.outcomes()).toEqual([outcome]);
    reader.close();
  });

  it('is one plain file after a clean end, readable by its owner only', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    record(recorder, 10);
    await recorder.close();
    expect(readdirSync(join(path, '..'))).toEqual(['a.db']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(rows(path, 'PRAGMA journal_mode')).toEqual(['delete']);
    expect(rows(path, "SELECT name FROM sqlite_schema WHERE name = 'frame_by_connection'")).toHaveLength(1);
  });

  it('never overwrites a file, nor what a killed recorder left', async () => {
    const path = newPath();
    writeFileSync(path, 'mine');
    await expect(createRecording(path, HEAD)).rejects.toMatchObject({ code: 'OUT_EXISTS' });
    expect(statSync(path).size).toBe(4);
    const other = newPath();
    writeFileSync(`${other}-wal`, 'mine');
    await expect(createRecording(other, HEAD)).rejects.toMatchObject({ code: 'OUT_EXISTS' });
    expect(existsSync(other)).toBe(false);
  });

  it('refuses a folder that does not exist', async () => {
    const path = join(newPath(), 'b.db');
    await expect(createRecording(path, HEAD)).rejects.toMatchObject({ code: 'CANNOT_WRITE' });
  });

  it('has one session for an identity and endpoint, with what was learnt of it', async () => {
    const recorder = await createRecording(newPath(), HEAD);
    const first = recorder.session('CP1', '/a');
    recorder.record({ kind: 'session', session: { ...first, vendor: 'V' } });
    expect(recorder.session('CP1', '/a')).toEqual({ ...first, vendor: 'V' });
    expect(recorder.session('CP1', '/b').id).not.toBe(first.id);
    await recorder.close();
  });

  it('copies a payload that its owner uses again', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    const buffer = Buffer.from('..abc..');
    recorder.record({ kind: 'frame', frame: frameOf({ payload: buffer.subarray(2, 5) }) });
    buffer.fill('x');
    await recorder.close();
    expect(rows(path, 'SELECT CAST(payload AS TEXT) FROM frame')).toEqual(['abc']);
  });
});

describe('on record', () => {
  it('is told in order, once the rows can be read by another connection', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD, { maxHoldMs: Number.POSITIVE_INFINITY });
    const order: number[] = [];
    const missing: number[] = [];
    const reader = new Database(path, { readonly: true });
    const stored = reader.prepare<[number], number>('SELECT count(*) FROM frame WHERE id = ?').pluck();
    for (let turn = 0; turn < 50; turn++) {
      for (let i = 0; i < 5; i++) {
        record(recorder, 1);
        const id = turn * 5 + i + 1;
        recorder.whenOnRecord(() => {
          order.push(id);
          if (stored.get(id) !== 1) missing.push(id);
        });
      }
      await nextTurn();
    }
    await onRecord(recorder);
    expect(order).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    expect(missing).toEqual([]);
    reader.close();
    await recorder.close();
  });

  it('is told at once when nothing is pending', async () => {
    const recorder = await createRecording(newPath(), HEAD);
    let told = false;
    recorder.whenOnRecord(() => {
      told = true;
    });
    expect(told).toBe(true);
    record(recorder, 1);
    recorder.whenOnRecord(() => {
      told = false;
    });
    expect(told).toBe(true);
    await onRecord(recorder);
    expect(told).toBe(false);
    await recorder.close();
  });
});

describe('a locked file', () => {
  it('lets frames go after the hold, marks them late, and takes them in when it is free again', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD, { maxHoldMs: 200 });
    record(recorder, 1);
    await committed(recorder);
    const before = recorder.counters.expiries;
    const [expired, locked, recovered] = [
      trouble(recorder, 'HOLD_EXPIRED'),
      trouble(recorder, 'LOCKED'),
      trouble(recorder, 'RECOVERED'),
    ];
    const unlock = lock(path);
    const order: number[] = [];
    record(recorder, 2);
    recorder.whenOnRecord(() => order.push(2));
    recorder.whenOnRecord(() => order.push(3));
    await expired;
    expect(order).toEqual([2, 3]);
    record(recorder, 1);
    recorder.whenOnRecord(() => order.push(4));
    expect(order).toEqual([2, 3, 4]);
    await locked;
    unlock();
    await recovered;
    await committed(recorder);
    record(recorder, 1);
    recorder.whenOnRecord(() => order.push(5));
    expect(order).toEqual([2, 3, 4]);
    await recorder.close();
    expect(order).toEqual([2, 3, 4, 5]);
    expect(rows(path, 'SELECT id FROM frame WHERE flags & 2')).toEqual([2, 3, 4]);
    expect(rows(path, 'SELECT count(*) FROM frame')).toEqual([5]);
    expect(recorder.counters).toMatchObject({ expiries: before + 1, lateFrames: 3, missingFrames: 0 });
  });

  it('turns what does not fit into a gap, and keeps the latest of all else', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD, { maxHoldMs: 1, maxQueuedEntries: 10 });
    record(recorder, 1);
    await committed(recorder);
    const [locked, full, missing] = [
      trouble(recorder, 'LOCKED'),
      trouble(recorder, 'QUEUE_FULL'),
      trouble(recorder, 'NOT_RECORDED'),
    ];
    const unlock = lock(path);
    record(recorder, 30);
    await full;
    recorder.record({ kind: 'connection', connection: connectionOf() });
    recorder.record({ kind: 'connection', connection: connectionOf(closedAt(99)) });
    recorder.record({ kind: 'session', session: recorder.session('CP1', '') });
    await locked;
    unlock();
    expect(await missing).toContain('20 frames are missing');
    await recorder.close();
    expect(rows(path, 'SELECT count(*), max(id) FROM frame')).toEqual([11, 11]);
    expect(rows(path, 'SELECT frames, bytes, from_us, to_us FROM gap')).toEqual([
      20,
      20 * frameOf({ id: 12 }).payload.length,
      frameOf({ id: 12 }).atUs,
      frameOf({ id: 31 }).atUs,
    ]);
    expect(rows(path, 'SELECT id, closed_id FROM connection')).toEqual([1, 99]);
    expect(rows(path, 'SELECT identity FROM session')).toEqual(['CP1']);
    expect(recorder.counters).toMatchObject({ missingFrames: 20, gaps: 1, queuedFrames: 0 });
  });

  it('bounds the bytes that wait, but never refuses a single large frame', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD, { maxQueuedBytes: 1000 });
    recorder.record({ kind: 'frame', frame: frameOf({ id: 1, payload: Buffer.alloc(5000) }) });
    recorder.record({ kind: 'frame', frame: frameOf({ id: 2, payload: Buffer.alloc(5000) }) });
    await recorder.close();
    expect(rows(path, 'SELECT id FROM frame')).toEqual([1]);
    expect(rows(path, 'SELECT frames, bytes FROM gap')).toEqual([1, 5000]);
  });

  it('is left with its WAL when it stays locked at the end', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD, { maxHoldMs: 1, closeTimeoutMs: 50 });
    record(recorder, 1);
    await committed(recorder);
    const unlock = lock(path);
    const unfinished = trouble(recorder, 'NOT_FINISHED');
    record(recorder, 1);
    await recorder.close();
    await unfinished;
    expect(existsSync(`${path}-wal`)).toBe(true);
    unlock();
    expect(rows(path, 'SELECT id FROM frame')).toEqual([1]);
    expect(rows(path, 'SELECT ended_at_us FROM recording')).toEqual([null]);
  });
});

describe('a write-ahead log that grows', () => {
  const limits = { maxBytes: null, daily: false, maxWalBytes: 300_000 };
  const large = (id: number) => frameOf({ id, payload: Buffer.alloc(100_000, 'x') });

  it('is begun anew when it can be', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD, { limits });
    let id = 0;
    while (recorder.counters.walBytes < limits.maxWalBytes) {
      recorder.record({ kind: 'frame', frame: large(++id) });
      await committed(recorder);
    }
    expect(recorder.recording.part).toBe(1);
    await recorder.close();
    expect(rows(path, 'SELECT count(*) FROM frame')).toEqual([id]);
  });

  it('is left to the reader that holds on to it: another part is begun', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD, { limits });
    record(recorder, 1);
    await committed(recorder);
    const reader = new Database(path, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM frame').get();
    const next = trouble(recorder, 'NEXT_PART');
    let isOver = false;
    void next.then(() => {
      isOver = true;
    });
    for (let id = 2; !isOver; id++) {
      recorder.record({ kind: 'frame', frame: large(id) });
      await committed(recorder);
    }
    expect(await next).toContain('a.2.db');
    reader.close();
    await recorder.close();
  });
});

describe('odd entries', () => {
  it('become gaps and throw nothing', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    recorder.record({ kind: 'frame', frame: { ...frameOf(), payload: null as unknown as Uint8Array } });
    recorder.record({
      kind: 'connection',
      connection: { ...connectionOf(), target: (() => 0) as unknown as string },
    });
    recorder.record(null as unknown as Entry);
    record(recorder, 1);
    await recorder.close();
    expect(rows(path, 'SELECT id FROM frame')).toEqual([1]);
    expect(rows(path, 'SELECT frames FROM gap ORDER BY frames')).toEqual([0, 0, 1]);
  });

  it('that the database refuses become a gap, and the others are kept', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    const frames = [
      frameOf({ id: 1 }),
      frameOf({ id: 1 }),
      frameOf({ id: 2, wireBytes: 1.5 }),
      frameOf({ id: 3 }),
    ];
    for (const frame of frames) recorder.record({ kind: 'frame', frame });
    await recorder.close();
    expect(rows(path, 'SELECT id FROM frame')).toEqual([1, 3]);
    expect(rows(path, 'SELECT sum(frames) FROM gap')).toEqual([2]);
    expect(recorder.counters.missingFrames).toBe(2);
  });

  it('cost the others nothing where many are written at once', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD);
    const ids = Array.from({ length: 50 }, (_, index) => (index === 20 ? 5 : index + 1));
    for (const id of ids) recorder.record({ kind: 'frame', frame: frameOf({ id }) });
    recorder.record({ kind: 'frame', frame: frameOf({ id: 51, fragments: [3, 4], sha256: 'ab' }) });
    await recorder.close();
    expect(rows(path, 'SELECT id FROM frame')).toEqual([...new Set([...ids, 51])]);
    expect(rows(path, 'SELECT fragments, sha256 FROM frame WHERE id = 51')).toEqual(['[3,4]', 'ab']);
    expect(rows(path, 'SELECT sum(frames) FROM gap')).toEqual([1]);
  });

  it('include a callback that throws: the next is called all the same', async () => {
    const recorder = await createRecording(newPath(), HEAD);
    const told = trouble(recorder, 'NOT_RECORDED');
    record(recorder, 1);
    recorder.whenOnRecord(() => {
      throw new Error('planted');
    });
    await onRecord(recorder);
    expect(await told).toContain('planted');
    await recorder.close();
  });
});

describe('a writer thread that dies', () => {
  const writerThread = new URL('./dying-writer.ts', import.meta.url);

  it('is started again on the same file, and a gap tells what it had not acknowledged', async () => {
    const path = newPath();
    const recorder = await createRecording(path, HEAD, { writerThread });
    const died = trouble(recorder, 'WRITER_DIED');
    record(recorder, 2);
    const session = recorder.session('CP1', '');
    recorder.record({ kind: 'frame', frame: frameOf({ id: recorder.nextId(), action: 'die' }) });
    await onRecord(recorder);
    expect(await died).toContain('ended');
    record(recorder, 4);
    await onRecord(recorder);
    await recorder.close();
    expect(rows(path, 'SELECT id FROM frame')).toEqual([4, 5, 6, 7]);
    expect(rows(path, 'SELECT frames FROM gap')).toEqual([3]);
    expect(rows(path, 'SELECT identity FROM session')).toEqual([session.identity]);
  });
});

describe('a recorder that collects', () => {
  it('commits the entries of many turns together, and all of them at its end', async () => {
    const path = newPath();
    let commits = 0;
    const meter = { committed: () => void commits++, waited: () => {} };
    const recorder = await createRecording(path, HEAD, { collectMs: 600_000, meter });
    for (let turn = 0; turn < 5; turn++) {
      record(recorder, 1);
      await nextTurn();
    }
    expect(commits).toBe(0);
    await recorder.close();
    expect([commits, rows(path, 'SELECT count(*) FROM frame')]).toEqual([1, [5]]);
  });
});
