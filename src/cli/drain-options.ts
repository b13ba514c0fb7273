import { type Command, InvalidArgumentError } from 'commander';
import type { DrainRules } from '../proxy/drain.ts';
import { parseDuration } from './arguments.ts';

/** Flags of `record` that say how connections are ended on the first signal. */
export interface DrainOptions {
  drainRate?: number;
  drainTimeout: number;
  drainClose: number;
}

/** Adds those flags. */
export function withDrainOptions(command: Command): Command {
  return command
    .optionsGroup('Draining:')
    .option(
      '--drain-rate <rate>',
      'on a signal, end so many connections a second, such as 20/s (default: all at once)',
      parseRate,
    )
    .option(
      '--drain-timeout <time>',
      'end the rest at once after this time, such as 10m',
      parseDuration,
      60e6,
    )
    .option(
      '--drain-close <code>',
      'WebSocket close code that drained connections get',
      parseCloseCode,
      1001,
    );
}

/** How to drain; undefined for all at once. */
export function drainOf({ drainRate, drainTimeout, drainClose }: DrainOptions): DrainRules | undefined {
  if (drainRate === undefined) return undefined;
  return { rate: drainRate, timeoutMs: drainTimeout / 1000, closeCode: drainClose };
}

function parseRate(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)\/s$/.exec(text) ?? [];
  if (!(Number(number) > 0)) throw new InvalidArgumentError('Give connections a second, such as 20/s.');
  return Number(number);
}

/** Codes that an endpoint may send (RFC 6455 §7.4). */
function parseCloseCode(text: string): number {
  const code = Number(text);
  const isSendable =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000);
  if (!Number.isInteger(code) || !isSendable)
    throw new InvalidArgumentError('Give a close code such as 1001 or 1012.');
  return code;
}
