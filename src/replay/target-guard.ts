import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { ChargetapeError } from '../errors.ts';
import { formatAddress, parseServerUrl, type ServerUrl } from '../wire/url.ts';

/** What decides whether a replay may touch its target. */
export interface TargetCheck {
  target: ServerUrl;
  /** Upstream of the recording, as its row has it; null when it has none. */
  upstream: string | null;
  /** Entries `HOST` or `HOST:PORT` of --allow-target and CHARGETAPE_TARGETS. */
  allowed: readonly string[];
  /** The target's name as the user typed it out, to override. */
  typedName?: string;
  /** Addresses of a name; the system's resolver when not given. */
  resolve?: (host: string) => Promise<string[]>;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/**
 * Never production by mistake: a loopback target is always allowed; any other must be on the allow list and must not be where the
 * recording came from, by name or by address, unless its name is typed out. Throws TARGET_REFUSED.
 */
export async function checkTarget(check: TargetCheck): Promise<void> {
  const { target, typedName } = check;
  const resolve = check.resolve ?? resolveSystem;
  const name = formatAddress(target.host, target.port);
  const addresses = await addressesOf(target.host, resolve);
  if (addresses.length > 0 && addresses.every(isLoopback)) return;
  if (typedName !== undefined && [name, target.host].map(normal).includes(normal(typedName))) return;
  const entries = check.allowed.map(normal);
  const named = entries.includes(normal(name));
  if (!named && !entries.includes(normal(target.host)) && !entries.includes(normal(bracketed(target.host)))) {
    throw new ChargetapeError('TARGET_REFUSED', `${name} is neither this machine nor on the allow list.`);
  }
  const upstream = upstreamOf(check.upstream);
  if (!upstream || !(await isSameHost(target.host, addresses, upstream.host, resolve))) return;
  if (upstream.port !== target.port && named) return;
  throw new ChargetapeError('TARGET_REFUSED', `${name} is the CSMS that this recording was made with.`);
}

async function isSameHost(
  target: string,
  addresses: readonly string[],
  upstream: string,
  resolve: (host: string) => Promise<string[]>,
): Promise<boolean> {
  if (normal(target) === normal(upstream)) return true;
  const theirs = await addressesOf(upstream, resolve);
  return theirs.some((address) => addresses.includes(address));
}

async function addressesOf(host: string, resolve: (host: string) => Promise<string[]>): Promise<string[]> {
  if (isIP(host)) return [host];
  if (/^(.*\.)?localhost\.?$/i.test(host)) return ['127.0.0.1'];
  return resolve(host).catch(() => []);
}

async function resolveSystem(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The upstream of a recording; null for none, and for one that cannot be read (an import's). */
function upstreamOf(text: string | null): ServerUrl | null {
  try {
    return text === null ? null : parseServerUrl(text.replace(/^(ws|http)s:/i, '$1:'));
  } catch {
    return null;
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function normal(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/\.(?=:\d+$|$)/, '');
}
