import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { ChargetapeError } from '../errors.ts';
import { type Passwords, passwordsOf } from '../replay/credentials.ts';
import { parsePairs } from '../replay/pairs-file.ts';
import type { PreambleMode } from '../replay/preamble.ts';
import { type StagingMap, stagingMap } from '../replay/staging-map.ts';

/** Flags of `replay` that say how the system under test differs from the recorded one. */
export interface StagingOptions {
  identity?: string;
  identities?: string;
  idtags?: string;
  credentials?: string;
  preamble: PreambleMode;
  cleanup?: string | false;
  preflight?: true;
  setup?: string;
  teardown?: string;
}

/** Adds those flags. */
export function withStagingOptions(command: Command): Command {
  return command
    .option('--identity <template>', 'what chargers are called there, such as STG-{identity}')
    .option('--identities <file>', 'what each charger is called there: CSV from,to or a JSON object')
    .option('--idtags <file>', 'what each tag is called there, one to one: CSV from,to or a JSON object')
    .option(
      '--credentials <file>',
      'passwords for HTTP Basic: CSV identity,password or a JSON object; * is any other',
    )
    .addOption(
      new Option(
        '--preamble <mode>',
        'before sessions that begin in mid-life: recorded (what was said earlier), auto (made up where it was not recorded), none',
      )
        .choices(['recorded', 'auto', 'none'])
        .default('recorded'),
    )
    .option('--preflight', 'dial each identity once first; replay only when all are accepted')
    .option('--setup <command>', 'a shell command to run before anything is dialled')
    .option('--teardown <command>', 'a shell command to run after the replay, also when it was stopped')
    .option('--cleanup <run>', 'no replay: end what this run left open at --target')
    .option('--no-cleanup', 'leave the transactions and connectors open that the chargers leave open');
}

/** Names and passwords on the system under test, read from their files and CHARGETAPE_PASSWORD. NO_SUCH_FILE, BAD_LIST, USAGE. */
export function stagingOf(options: StagingOptions): { staging: StagingMap; passwords: Passwords } {
  const pairs = (file: string | undefined, header: readonly [string, string]) =>
    file === undefined ? [] : parsePairs(textOf(file), file, header);
  const staging = stagingMap({
    ...(options.identity !== undefined && { template: options.identity }),
    identities: pairs(options.identities, ['from', 'to']),
    tags: pairs(options.idtags, ['from', 'to']),
  });
  const credentials = pairs(options.credentials, ['identity', 'password']);
  return { staging, passwords: passwordsOf(credentials, process.env.CHARGETAPE_PASSWORD ?? null) };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ChargetapeError('NO_SUCH_FILE', `Cannot read "${file}".`, { cause });
  }
}
