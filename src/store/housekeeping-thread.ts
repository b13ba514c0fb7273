import { parentPort, workerData } from 'node:worker_threads';
import type { Chores, ChoresDone } from './housekeeping.ts';
import { finish, openForWriting } from './recording-file.ts';
import { sweep } from './retention.ts';

/** Worker: does what it is told once, and says what came of it. */

const chores = workerData as Chores;
const done: ChoresDone = { removed: [], trouble: null };
try {
  if (chores.finish) finishPart(chores.finish);
  if (chores.sweep) done.removed = sweep(chores.sweep.current, chores.sweep.retention);
} catch (error) {
  done.trouble = error instanceof Error ? error.message : String(error);
}
parentPort!.postMessage(done);

function finishPart({ path, endedAtUs }: { path: string; endedAtUs: number }): void {
  const db = openForWriting(path);
  try {
    finish(db, endedAtUs, true);
  } finally {
    db.close();
  }
}
