import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { openFile } from './open-file.ts';
import { removeFile } from './recording-file.ts';
import { recordingShape, selectSql } from './rows.ts';

/** How long, and how much of, what was captured is kept; null for any. */
export interface Retention {
  maxAgeUs: number | null;
  maxBytes: number | null;
}

interface Capture {
  path: string;
  /** When it ended, or was written last. */
  endedAtUs: number;
  bytes: number;
}

/** A capture without an end that was not written for so long belongs to no living recorder. */
const ABANDONED_US = 3600e6;

/**
 * Removes captures (whole recordings and parts) in the folder of `current`, oldest first: those that ended too long ago, then
 * as many as are too much. Runs, cuts, imports and what is being written stay. Gives the paths it removed.
 */
export function sweep(
  current: string,
  { maxAgeUs, maxBytes }: Retention,
  nowUs = Date.now() * 1000,
): string[] {
  const others = capturesBeside(current, nowUs).sort((a, b) => a.endedAtUs - b.endedAtUs);
  let bytes = bytesOf(current) + others.reduce((sum, capture) => sum + capture.bytes, 0);
  const removed: string[] = [];
  for (const capture of others) {
    const isOld = maxAgeUs !== null && capture.endedAtUs < nowUs - maxAgeUs;
    if (!isOld && bytes <= (maxBytes ?? Number.POSITIVE_INFINITY)) continue;
    removeFile(capture.path);
    bytes -= capture.bytes;
    removed.push(capture.path);
  }
  return removed;
}

function capturesBeside(current: string, nowUs: number): Capture[] {
  const folder = dirname(resolve(current));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.db') && join(folder, file) !== resolve(current))
    .flatMap((file) => captureAt(join(folder, file), nowUs) ?? []);
}

/** Null for what is no capture, is being written or cannot be read. */
function captureAt(path: string, nowUs: number): Capture | null {
  try {
    const { db, close } = openFile(path);
    const { kind, endedAtUs } = db.prepare(selectSql(recordingShape)).get() as {
      kind: string;
      endedAtUs: number | null;
    };
    close();
    if (kind !== 'capture') return null;
    const writtenUs = statSync(path).mtimeMs * 1000;
    if (endedAtUs === null && writtenUs > nowUs - ABANDONED_US) return null;
    return { path, endedAtUs: endedAtUs ?? writtenUs, bytes: bytesOf(path) };
  } catch {
    return null;
  }
}

function bytesOf(path: string): number {
  const sizes = [path, `${path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}
