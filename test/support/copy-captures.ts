// Copies captures (NAME.jsonl, NAME.wire.log) into fixtures/captures, with a canary in the place of every credential.
//   node test/support/copy-captures.ts SOURCE_FOLDER
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const BASIC = /(authorization: basic )([A-Za-z0-9+/=_-]+)/gi;

/** The password that stands in for one of that identity: recognisable in any output, not UTF-8 where the original was not. */
function canaryPassword(identity: string, password: Buffer): Buffer {
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 12);
  const canary = Buffer.from(`canary-${digest}`);
  const binary = !Buffer.from(password.toString('utf8')).equals(password);
  return binary ? Buffer.concat([canary, Buffer.from([0xab, 0xcd, 0xef])]) : canary;
}

/** Replaces each Basic credential of a wire log, and each further occurrence of it, by a canary of the same identity. */
export function withCanaries(text: string): string {
  const replaced = new Map<string, string>();
  for (const [, , token = ''] of text.matchAll(BASIC)) {
    const credential = Buffer.from(token, 'base64');
    const identity = credential.subarray(0, credential.indexOf(':')).toString();
    const canary = canaryPassword(identity, credential.subarray(credential.indexOf(':') + 1));
    replaced.set(token, Buffer.concat([Buffer.from(`${identity}:`), canary]).toString('base64'));
  }
  let result = text;
  for (const [token, canary] of replaced) result = result.replaceAll(token, canary);
  return result;
}

/** Copies every capture of a folder to another one; returns the names of the files written. */
export async function copyCaptures(source: string, target: string): Promise<string[]> {
  await mkdir(target, { recursive: true });
  const names = (await readdir(source)).filter((name) => /\.(jsonl|wire\.log)$/.test(name)).sort();
  for (const name of names) {
    const text = await readFile(join(source, name), 'utf8');
    await writeFile(join(target, name), withCanaries(text));
  }
  return names;
}

if (import.meta.main) {
  const [source] = process.argv.slice(2);
  if (source === undefined) throw new Error('usage: copy-captures.ts SOURCE_FOLDER');
  const target = new URL('../../fixtures/captures', import.meta.url).pathname;
  console.log(`${(await copyCaptures(source, target)).length} files copied to ${target}`);
}
