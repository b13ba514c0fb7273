import { type Command, InvalidArgumentError, Option } from 'commander';
import { isPercentage } from '../proxy/record-only.ts';
import { isBlock } from '../wire/address-list.ts';
import { collect, parseTimes } from './arguments.ts';
import { readText } from './input.ts';

/** The flags of `record` about where it stands in the network, and whom it lets through. */
export interface StandingOptions {
  proxyProtocol?: true;
  upstreamProxyProtocol?: 'v1' | 'v2';
  trustedProxies?: string[];
  xForwarded?: true;
  rewriteHost?: true;
  keepalive: number;
  maxConnections?: number;
  allow?: string[];
  deny?: string[];
  recordOnly?: string[];
}

/** Adds those flags. */
export function withStandingOptions(command: Command): Command {
  return command
    .optionsGroup('Where it stands, and whom it lets through:')
    .option('--proxy-protocol', 'a PROXY header (v1 or v2) comes first on connections of chargers')
    .addOption(
      new Option('--upstream-proxy-protocol <version>', 'send the CSMS a PROXY header').choices(['v1', 'v2']),
    )
    .option(
      '--trusted-proxies <cidr>',
      'proxies before this one whose PROXY and X-Forwarded headers are believed; may be repeated; implies --x-forwarded',
      collectBlocks,
    )
    .option('--x-forwarded', 'tell the CSMS the charger in X-Forwarded-For and X-Forwarded-Proto')
    .option('--rewrite-host', "send the CSMS its own name in Host, instead of the charger's")
    .option(
      '--keepalive <seconds>',
      'probe silent TCP connections of chargers after this long; 0 for never',
      parseIdle,
      60,
    )
    .option(
      '--max-connections <n>',
      'connections of chargers at once (default: what open files allow)',
      parseTimes,
    )
    .option(
      '--allow <rule>',
      'admit only these: a glob of identities, or a CIDR block; may be repeated',
      collectAdmission,
    )
    .option(
      '--deny <rule>',
      'refuse these with 403: a glob of identities, or a CIDR block; may be repeated',
      collectAdmission,
    )
    .option(
      '--record-only <rule>',
      'record only these: a glob of identities, @FILE of globs, or a share such as 10%; may be repeated',
      collectShare,
    );
}

/** The rules of `--record-only`, those in files included (one a line, `#` for remarks). NO_SUCH_FILE. */
export function recordOnlyRules({ recordOnly = [] }: StandingOptions): string[] {
  return recordOnly.flatMap((rule) => (rule.startsWith('@') ? linesOf(rule.slice(1)) : [rule]));
}

function linesOf(path: string): string[] {
  const lines = readText(path).split(/\r?\n/);
  return lines.map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== '');
}

/** What looks like a block and is none would be a glob that names nobody, and with --allow lock everybody out. */
function collectAdmission(value: string, before: string[] | undefined): string[] {
  if (value === '' || (/^[\d.]+\/\d+$|^[\da-f:]*:[\da-f:.]*\/\d+$/i.test(value) && !isBlock(value)))
    throw new InvalidArgumentError('Give a glob of identities, or an address or a block such as 10.0.0.0/8.');
  return collect(value, before);
}

function collectShare(value: string, before: string[] | undefined): string[] {
  if (value === '' || (/^-?[\d.]+%$/.test(value) && !isPercentage(value)))
    throw new InvalidArgumentError('Give a glob of identities, @FILE, or a share such as 10%.');
  return collect(value, before);
}

function collectBlocks(value: string, before: string[] | undefined): string[] {
  const blocks = value.split(',').map((block) => block.trim());
  if (!blocks.every(isBlock))
    throw new InvalidArgumentError('Give an address or a block such as 10.0.0.0/8.');
  return [...(before ?? []), ...blocks];
}

function parseIdle(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0 && Number.isInteger(seconds)))
    throw new InvalidArgumentError('Give whole seconds, 0 or more.');
  return seconds;
}
