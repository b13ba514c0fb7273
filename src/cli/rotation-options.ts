import { spawn } from 'node:child_process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PartLimits } from '../store/parts.ts';
import type { Retention } from '../store/retention.ts';
import { parseBytes } from './arguments.ts';

/** Flags of `record` that say when another part is begun and what is kept. */
export interface RotationOptions {
  rotate?: 'daily';
  rotateSize?: number;
  retain?: number;
  maxDisk?: number;
  onRotate?: string;
}

/** A reader that holds on to what it reads must not let the write-ahead log grow beyond this. */
const MAX_WAL_BYTES = 48 << 20;

/** Adds those flags. */
export function withRotationOptions(command: Command): Command {
  return command
    .optionsGroup('Rotation:')
    .option('--rotate-size <size>', 'begin another part when the file has this size, such as 2GB', parseBytes)
    .addOption(new Option('--rotate <when>', 'begin another part each day (UTC)').choices(['daily']))
    .option('--on-rotate <command>', 'a shell command to run with each finished part as its last argument')
    .option('--retain <days>', 'remove captures in the folder that ended longer ago, such as 30d', parseDays)
    .option(
      '--max-disk <size>',
      'remove the oldest captures in the folder while all have more than this size',
      parseBytes,
    );
}

/** When another part is begun. */
export function limitsOf({ rotate, rotateSize }: RotationOptions): PartLimits {
  return { maxBytes: rotateSize ?? null, daily: rotate === 'daily', maxWalBytes: MAX_WAL_BYTES };
}

/** What is kept; undefined for everything. */
export function retentionOf({ retain, maxDisk }: RotationOptions): Retention | undefined {
  if (retain === undefined && maxDisk === undefined) return undefined;
  return { maxAgeUs: retain ?? null, maxBytes: maxDisk ?? null };
}

/** Runs the command of `--on-rotate` with a finished part. Its failure is told, and hinders nothing. */
export function runOnRotate(command: string, file: string, failed: (sentence: string) => void): void {
  const child = spawn('/bin/sh', ['-c', `${command} "$1"`, 'sh', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  child.on('error', (error) => failed(`${command} cannot be run: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (code !== 0) failed(`${command} ended with ${signal ?? code} on ${file}.`);
  });
}

function parseDays(text: string): number {
  const [, days] = /^(\d+(?:\.\d+)?)d$/.exec(text) ?? [];
  if (!(Number(days) > 0)) throw new InvalidArgumentError('Give days, such as 30d.');
  return Number(days) * 86_400e6;
}
