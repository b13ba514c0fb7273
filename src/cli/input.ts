import { readFileSync } from 'node:fs';
import { ChargetapeError } from '../errors.ts';

/** The text of a file that the user names. NO_SUCH_FILE. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ChargetapeError('NO_SUCH_FILE', `${file} cannot be read.`, { cause });
  }
}
