import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { ChargetapeError } from '../errors.ts';

/** Prints one line; resolves when the pipe has taken it, so that a slow reader holds back the writer. */
export function printLine(line: string): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.write(`${line}\n`)) resolve();
    else process.stdout.once('drain', resolve);
  });
}

/** A value as one line of JSON. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value);
}

/** Whether a person sits at the terminal, so that a screen may be shown (`--plain` and CI say no). */
export function isTerminal(plain: boolean | undefined): boolean {
  return (
    !plain && process.stdout.isTTY === true && process.stdin.isTTY === true && process.env.CI === undefined
  );
}

/** Writes a report whole or not at all: beside its place first, then renamed. CANNOT_WRITE. */
export function writeWhole(path: string, text: string): void {
  const beside = `${path}.${randomUUID()}`;
  try {
    writeFileSync(beside, text, { flag: 'wx' });
    renameSync(beside, path);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw new ChargetapeError('CANNOT_WRITE', `Cannot write "${path}".`, { cause });
  }
}

/** A reader like `head` that closes the pipe ends the output quietly; no one is left to read an error. */
export function tolerateClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
