import type { Recording } from '../session/recording.ts';
import { EntryWriter } from './entry-writer.ts';
import { createFile, finish, openForWriting, removeFile, writeError } from './recording-file.ts';
import { cellsOf, insertSql, recordingShape } from './rows.ts';

/**
 * Makes a whole recording in one go, where no live traffic waits: `write` puts the entries in, and
 * may correct the recording's head. When anything throws,
 * nothing is left on disk.  OUT_EXISTS, CANNOT_WRITE, NETWORK_FILE_SYSTEM.
 */
export async function writeFile(
  path: string,
  recording: Recording,
  write: (writer: EntryWriter) => Promise<Partial<Recording>>,
): Promise<void> {
  createFile(path, recording);
  try {
    const db = openForWriting(path);
    try {
      db.exec('BEGIN IMMEDIATE');
      const head = { ...recording, ...(await write(new EntryWriter(db))) };
      db.prepare(insertSql(recordingShape)).run(cellsOf(recordingShape, head));
      db.exec('COMMIT');
      finish(db, recording.endedAtUs ?? Date.now() * 1000);
    } finally {
      db.close();
    }
  } catch (error) {
    removeFile(path);
    throw writeError(path, error);
  }
}
