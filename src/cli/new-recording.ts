import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where recordings go when no `--out` is given. */
const FOLDER = 'recordings';

/** A path for a new recording in ./recordings, named for what it is and the time of day (UTC): never one that exists. */
export function newRecordingPath(name: string, now = new Date()): string {
  mkdirSync(FOLDER, { recursive: true });
  const time = now.toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    const path = join(FOLDER, `${name}-${time}${attempt > 1 ? `-${attempt}` : ''}.db`);
    if (!existsSync(path)) return path;
  }
}
