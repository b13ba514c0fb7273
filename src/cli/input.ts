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

/** The text of a PEM file that the user names. NO_SUCH_FILE, BAD_CERTIFICATE. */
export function readPem(file: string): string {
  const text = readText(file);
  if (text.includes('-----BEGIN ')) return text;
  throw new ChargetapeError('BAD_CERTIFICATE', `${file} holds no PEM.`);
}
