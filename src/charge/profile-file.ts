import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { ChargetapeError } from '../errors.ts';
import { type Profile, profileSchema } from './profile.ts';

/** Where the profiles that come with Chargetape stand, beside the sessions that were made with them. */
const FOLDER = fileURLToPath(new URL('../../fixtures/sessions/', import.meta.url));

/** Names of the profiles that come with Chargetape. */
export function profileNames(): string[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(FOLDER, entry.name, 'profile.yaml')))
    .map(({ name }) => name)
    .sort();
}

/** Reads a profile: one that comes with Chargetape by its name, any other by the path of its file. NO_SUCH_PROFILE, BAD_PROFILE. */
export function readProfile(name: string): Profile {
  const own = profileNames().includes(name);
  const file = own ? join(FOLDER, name, 'profile.yaml') : name;
  if (!existsSync(file)) {
    throw new ChargetapeError(
      'NO_SUCH_PROFILE',
      `There is no profile "${name}": ${profileNames().join(', ')}.`,
    );
  }
  return parseProfile(textOf(file), file);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ChargetapeError('BAD_PROFILE', `${file} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

/** A profile from its YAML; `file` names it in errors. BAD_PROFILE. */
export function parseProfile(text: string, file: string): Profile {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message.split('\n')[0] : 'it is no YAML';
    throw new ChargetapeError('BAD_PROFILE', `${file}: ${what}.`, { cause });
  }
  const result = profileSchema.safeParse(value);
  if (result.success) return result.data;
  const what = z.prettifyError(result.error).split('\n').slice(0, 2).join(' ').replace(/^✖ /, '');
  throw new ChargetapeError('BAD_PROFILE', `${file}: ${what}.`, { cause: result.error });
}
