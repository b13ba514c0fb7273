import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ChargetapeError } from '../errors.ts';

/** Where recordings go when no `--out` is given. */
const FOLDER = 'recordings';

/** A path for a new recording in ./recordings, named for what it is and the time of day (UTC): never one that exists. CANNOT_WRITE. */
export function newRecordingPath(name: string, now = new Date()): string {
  try {
    mkdirSync(FOLDER, { recursive: true });
  } catch (cause) {
    throw new ChargetapeError('CANNOT_WRITE', `The folder ${FOLDER} cannot be made here.`, { cause });
  }
  const time = now.toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    const path = join(FOLDER, `${name}-${time}${attempt > 1 ? `-${attempt}` : ''}.db`);
    if (!existsSync(path)) return path;
  }
}
