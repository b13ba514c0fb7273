import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/** A frame as any SQLite reader finds it. */
export interface RecordedFrame {
  id: number;
  connection: number;
  sender: 'charger' | 'csms';
  opcode: number | null;
  payload: Buffer;
  flags: number;
  message_type: string | null;
  action: string | null;
  answers: number | null;
}

/** All frames of a recording in order, read without Chargetape. */
export function recordedFrames(file: string): RecordedFrame[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare<[], RecordedFrame>('SELECT * FROM frame ORDER BY id').all();
  } finally {
    database.close();
  }
}

/** One value of a query, read without Chargetape. */
export function recordedValue(file: string, sql: string): unknown {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(sql).pluck().get();
  } finally {
    database.close();
  }
}

/** Every byte of a recording and its companions (-wal, -shm). */
export function recordingBytes(file: string): Buffer {
  const folder = dirname(file);
  const parts = readdirSync(folder).filter((name) => name.startsWith(basename(file)));
  return Buffer.concat(parts.map((name) => readFileSync(join(folder, name))));
}
