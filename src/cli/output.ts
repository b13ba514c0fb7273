import { randomUUID } from 'node:crypto';
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ChargetapeError } from '../errors.ts';

/** Prints one line; resolves when the pipe has taken it, so that a slow reader holds back the writer. */
export function printLine(line: string): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.write(`${line}\n`)) resolve();
    else process.stdout.once('drain', resolve);
  });
}

/**
 * What becomes of a command whose output goes nowhere. A reader like `head` that has closed the pipe ends it quietly, with the exit code
 * that stands by then; a full disk ends it with CANNOT_WRITE, through `report`.
 */
export function endWithReaders(report: (error: ChargetapeError) => number): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') process.exit();
    process.exit(
      report(new ChargetapeError('CANNOT_WRITE', `Cannot write the output (${cause.code}).`, { cause })),
    );
  });
}

/** Goes on when nobody reads standard output any more: a recorder must not end with its log. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners('error').on('error', () => {});
}

/** A count with its noun, such as `1 session` or `3 sessions`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
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

/**
 * Writes a text whole or not at all: beside its place first, then renamed. A link stays one, and what is no file (a terminal, a pipe,
 * a device) takes the text as it comes. CANNOT_WRITE.
 */
export function writeWhole(path: string, text: string): void {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isFile()) writeFileSync(path, text);
    else replaceFile(stat ? realpathSync(path) : path, text);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Refuses a place where `writeWhole` could not write. CANNOT_WRITE. */
export function requireWritable(path: string): void {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) throw new Error('It is a folder.');
    accessSync(!stat || stat.isFile() ? dirname(path) : path, constants.W_OK);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

function cannotWrite(path: string, cause: unknown): ChargetapeError {
  return new ChargetapeError('CANNOT_WRITE', `Cannot write "${path}".`, { cause });
}

function replaceFile(path: string, text: string): void {
  const beside = `${path}.${randomUUID()}`;
  try {
    writeFileSync(beside, text, { flag: 'wx' });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
