import { lookup } from 'node:dns/promises';
import type net from 'node:net';
import { BlockList, isIP } from 'node:net';
import { ChargetapeError } from '../errors.ts';
import type { Reader } from '../session/recording.ts';
import { DialError, dial } from '../wire/dial.ts';
import { type ClientTls, peerCertificateOf } from '../wire/tls-socket.ts';
import { formatAddress, parseServerUrl, type ServerUrl } from '../wire/url.ts';
import { recordedCertificates, type Selection } from './session-plans.ts';

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
 * recording came from, by name or by address, unless its name is typed out. Whether its certificate has to be looked at too. Throws
 * TARGET_REFUSED.
 */
export async function checkTarget(check: TargetCheck): Promise<{ byCertificate: boolean }> {
  const { target, typedName } = check;
  const resolve = check.resolve ?? resolveSystem;
  const name = formatAddress(target.host, target.port);
  const addresses = await addressesOf(target.host, resolve);
  if (addresses.length > 0 && addresses.every(isLoopback)) return { byCertificate: false };
  if (typedName !== undefined && [name, target.host].map(normal).includes(normal(typedName)))
    return { byCertificate: false };
  const entries = check.allowed.map(normal);
  const named = entries.includes(normal(name));
  if (!named && !entries.includes(normal(target.host)) && !entries.includes(normal(bracketed(target.host)))) {
    throw new ChargetapeError('TARGET_REFUSED', `${name} is neither this machine nor on the allow list.`);
  }
  const upstream = upstreamOf(check.upstream);
  const byCertificate = target.secure === true;
  if (!upstream || !(await isSameHost(target.host, addresses, upstream.host, resolve)))
    return { byCertificate };
  if (upstream.port !== target.port && named) return { byCertificate };
  throw new ChargetapeError('TARGET_REFUSED', `${name} is the CSMS that this recording was made with.`);
}

/** Looks at a connection before anything is said on it; throws a DialError to go no further. */
export type Admit = (socket: net.Socket) => void;

/**
 * Refuses by its certificate, whatever it is called and wherever it is, the CSMS that a recording was made with: the very certificate
 * that was seen then, or one that names that CSMS itself (a wildcard does not).
 */
export function certificateGuard(seen: ReadonlySet<string>, upstream: string | null): Admit {
  const host = upstreamOf(upstream)?.host;
  return (socket) => {
    const certificate = peerCertificateOf(socket);
    if (certificate === null) return;
    const names = host !== undefined && certificate.checkHost(host, { wildcards: false }) !== undefined;
    if (!names && !seen.has(certificate.fingerprint256)) return;
    throw new DialError('refused', 'its certificate is that of the CSMS that this recording was made with');
  };
}

/** Refuses a CSMS that a run has not met, by its certificate: what a run has left open it has left open where it was played. */
function strangerGuard(met: ReadonlySet<string>): Admit {
  return (socket) => {
    const certificate = peerCertificateOf(socket);
    if (certificate === null || met.has(certificate.fingerprint256)) return;
    throw new DialError('refused', 'its certificate is not one that this run has seen');
  };
}

/** Refuses a target of a clean-up that might be production: see `admitTarget`. It may be where the run was played. Throws TARGET_REFUSED. */
export async function admitCleanUp(
  check: Omit<TargetCheck, 'upstream'>,
  run: Reader,
  tls: ClientTls,
): Promise<Admit | undefined> {
  const { byCertificate } = await checkTarget({ ...check, upstream: null });
  if (!byCertificate) return undefined;
  const admit = strangerGuard(await certificatesOf(run));
  await lookAtCertificate(check.target, tls, admit);
  return admit;
}

/** Certificates (SHA-256) that the CSMS of a run showed. */
async function certificatesOf(run: Reader): Promise<Set<string>> {
  const seen = new Set<string>();
  for await (const { id } of run.sessions()) {
    for await (const event of run.events(id)) {
      const certificate = event.kind === 'frame' ? null : event.connection.csmsTls?.peerFingerprint;
      if (certificate) seen.add(certificate);
    }
  }
  return seen;
}

/**
 * Refuses a target that might be production before it is dialled, and then by its certificate; what it gives looks at each further
 * connection. Throws TARGET_REFUSED; NO_SUCH_SESSION.
 */
export async function admitTarget(
  check: TargetCheck,
  selection: Selection,
  tls: ClientTls,
): Promise<Admit | undefined> {
  const { byCertificate } = await checkTarget(check);
  if (!byCertificate) return undefined;
  const admit = certificateGuard(await recordedCertificates(selection), check.upstream);
  await lookAtCertificate(check.target, tls, admit);
  return admit;
}

/** Looks at a certificate once, before anything is made or said. Throws TARGET_REFUSED; that it cannot be reached is told later. */
async function lookAtCertificate({ host, port }: ServerUrl, tls: ClientTls, admit: Admit): Promise<void> {
  const socket = await dial({ host, port, tls, timeoutMs: 5_000 }).catch(() => null);
  if (socket === null) return;
  socket.on('error', () => {});
  try {
    admit(socket);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ChargetapeError('TARGET_REFUSED', `${formatAddress(host, port)}: ${what}.`, { cause });
  } finally {
    socket.destroy();
  }
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
    return text === null ? null : parseServerUrl(text);
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
