import { type Command, Option } from 'commander';
import { type Access, type Passwords, passwordsOf } from '../replay/credentials.ts';
import { parsePairs } from '../replay/pairs-file.ts';
import type { PreambleMode } from '../replay/preamble.ts';
import { chosenSessions, playedEvents, type Selection } from '../replay/session-plans.ts';
import { type StagingMap, type StagingNames, stagingMap } from '../replay/staging-map.ts';
import { TagCensus } from '../replay/tag-census.ts';
import { assignTags, parsePool } from '../replay/tag-pool.ts';
import { readText } from './input.ts';
import { type TargetTlsOptions, targetTlsOf, withTargetTlsOptions } from './target-tls.ts';

/** Flags of `replay` that say how the system under test differs from the recorded one. */
export interface StagingOptions extends TargetTlsOptions {
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
  return withTargetTlsOptions(command)
    .option('--identity <template>', 'what chargers are called there, such as STG-{identity}')
    .option('--identities <file>', 'what each charger is called there: CSV from,to or a JSON object')
    .option(
      '--idtags <file>',
      'what each tag is called there: CSV from,to or a JSON object; or tags to choose from by outcome: CSV tag,status,parent',
    )
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

/** How chargers come in at the system under test: passwords, of their file and CHARGETAPE_PASSWORD, and TLS. NO_SUCH_FILE, BAD_LIST, BAD_CERTIFICATE, USAGE. */
export function accessFrom(options: StagingOptions): Access {
  return { passwords: passwordsFrom(options), tls: targetTlsOf(options) };
}

function passwordsFrom({ credentials: file }: StagingOptions): Passwords {
  const pairs = file === undefined ? [] : parsePairs(readText(file), file, ['identity', 'password']);
  return passwordsOf(pairs, process.env.CHARGETAPE_PASSWORD ?? null);
}

/** Names on the system under test, for what is to be played; read from their files. NO_SUCH_FILE, NO_SUCH_SESSION, BAD_LIST, USAGE. */
export async function stagingOf(options: StagingOptions, selection: Selection): Promise<StagingMap> {
  const { identity: template, identities: file } = options;
  return stagingMap({
    ...(template !== undefined && { template }),
    identities: file === undefined ? [] : parsePairs(readText(file), file, ['from', 'to']),
    ...(await tagsOf(options, selection)),
  });
}

async function tagsOf(
  { idtags: file }: StagingOptions,
  selection: Selection,
): Promise<Pick<StagingNames, 'tags' | 'pooled'>> {
  if (file === undefined) return {};
  const text = readText(file);
  const pool = parsePool(text, file);
  if (pool === null) return { tags: parsePairs(text, file, ['from', 'to']) };
  const census = new TagCensus();
  for (const session of await chosenSessions(selection)) {
    await census.read(session.id, playedEvents(selection, session));
  }
  return { pooled: assignTags(census.tags, pool) };
}
