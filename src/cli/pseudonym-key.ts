import { readFileSync } from 'node:fs';
import { ChargetapeError } from '../errors.ts';
import { Pseudonyms } from '../session/pseudonyms.ts';

/** The pseudonyms that --pseudonymise and --key-file ask for; null for none. USAGE when one stands alone, BAD_KEY_FILE. */
export function pseudonymsOf(options: { pseudonymise?: true; keyFile?: string }): Pseudonyms | null {
  const { pseudonymise, keyFile } = options;
  if (pseudonymise === undefined && keyFile === undefined) return null;
  if (pseudonymise === undefined) throw new ChargetapeError('USAGE', '--key-file needs --pseudonymise.');
  if (keyFile === undefined) throw new ChargetapeError('USAGE', '--pseudonymise needs --key-file.');
  return new Pseudonyms(keyOf(keyFile));
}

function keyOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ChargetapeError('BAD_KEY_FILE', `${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
