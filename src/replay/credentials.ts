import type net from 'node:net';
import type { OwnHeader } from '../wire/request-head.ts';
import type { ClientTls } from '../wire/tls-socket.ts';

/** The password of a live identity; null for a charger that sends none. */
export type Passwords = (identity: string) => string | null;

/** How chargers come in at the system under test: how each proves who it is, and how the system has to. */
export interface Access {
  passwords: Passwords;
  /** TLS of a live identity towards a `wss://` target; the usual roots and no certificate of its own when not given. */
  tls?: (identity: string) => ClientTls;
  /** Looks at each connection before a byte of HTTP is written; throws a DialError to go no further. */
  admit?: (socket: net.Socket) => void;
}

/** No charger has anything to prove. */
export const NO_ACCESS: Access = { passwords: () => null };

/** What one live identity comes in with, in a run of this uuid. */
export function entryOf(
  run: string,
  identity: string,
  { passwords, tls, admit }: Access,
): { headers: OwnHeader[]; tls?: ClientTls; admit?: (socket: net.Socket) => void } {
  const own = tls?.(identity);
  return { headers: ownHeaders(run, identity, passwords), ...(own && { tls: own }), ...(admit && { admit }) };
}

/** Passwords by live identity; `*` names that of all others, `fallback` the one of those that no line names. */
export function passwordsOf(
  pairs: readonly (readonly [string, string])[],
  fallback: string | null,
): Passwords {
  const known = new Map(pairs);
  return (identity) => known.get(identity) ?? known.get('*') ?? fallback;
}

/** Header by which a run is known to the system under test, so that it can mute billing, roaming and mail. */
export const RUN_HEADER = 'X-Chargetape-Run';

/**
 * The headers of each handshake that are ours: the run, and HTTP Basic with the live identity and its password (OCPP-J 1.6 §6.2.2,
 * RFC 7617), which is on no record: heads are redacted before they are put there.
 */
export function ownHeaders(run: string, identity: string, passwords: Passwords): OwnHeader[] {
  const password = passwords(identity);
  const headers: OwnHeader[] = [[RUN_HEADER, run]];
  if (password === null) return headers;
  const basic = Buffer.concat([Buffer.from(`${identity}:`, 'utf8'), bytesOf(password)]).toString('base64');
  return [['Authorization', `Basic ${basic}`], ...headers];
}

/** A password's bytes: an AuthorizationKey may be any (Security Whitepaper §2.1), and is written as `hex:` with its digits. */
function bytesOf(password: string): Buffer {
  const [, digits] = /^hex:((?:[\da-f]{2})+)$/i.exec(password) ?? [];
  return digits === undefined ? Buffer.from(password, 'utf8') : Buffer.from(digits, 'hex');
}
