import { networkInterfaces } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MISHAPS, type MishapRule, parseMishap } from '../load/mishap.ts';
import { SCENARIOS, type Scenario } from '../load/scenario.ts';
import { parseThreshold, type Threshold } from '../load/threshold.ts';
import { collect, parseSeed } from './arguments.ts';

/** The flags that `replay` and `charge` share as generators of load. */
export interface LoadOptions {
  scenario: Scenario;
  fault?: MishapRule[];
  threshold?: Threshold[];
  localAddress?: string[];
  seed: number;
}

/** Adds the flags of a load. */
export function withLoadOptions(command: Command): Command {
  return command
    .option('--seed <number>', 'same seed, same chances', parseSeed, 1)
    .addOption(
      new Option('--scenario <name>', 'what befalls the fleet as a whole')
        .choices(SCENARIOS)
        .default('steady'),
    )
    .option(
      '--fault <fault>',
      `what goes wrong with calls: ${MISHAPS.join(', ')}, with :TIME and @PROBABILITY; may be repeated`,
      collectFault,
    )
    .option('--threshold <limit>', 'such as StartTransaction.p99<500ms; may be repeated', collectThreshold)
    .option('--local-address <address>', 'dial from this address; may be repeated', collectAddress);
}

function collectFault(text: string, before: MishapRule[] | undefined): MishapRule[] {
  const rule = parseMishap(text);
  if (!rule) throw new InvalidArgumentError('Give such as drop-in-call, delay:5s@0.02 or offline:10m.');
  return [...(before ?? []), rule];
}

function collectThreshold(text: string, before: Threshold[] | undefined): Threshold[] {
  const threshold = parseThreshold(text);
  if (!threshold) throw new InvalidArgumentError('Give such as StartTransaction.p99<500ms or *.errors<1%.');
  return [...(before ?? []), threshold];
}

function collectAddress(text: string, before: string[] | undefined): string[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const isOwn = own.some(({ address }) => address === text) || /^127\.\d+\.\d+\.\d+$/.test(text);
  if (!isOwn) throw new InvalidArgumentError('Give an address of this machine.');
  return collect(text, before);
}
