import { ChargetapeError } from '../errors.ts';
import { redactUrl } from '../session/redaction.ts';

/** Where a server is: what `--upstream` and `--target` name. Host without brackets; path and query as written, `''` when none. */
export interface ServerUrl {
  /** Spoken to over TLS: `wss://` or `https://`. */
  secure?: true;
  host: string;
  port: number;
  path: string;
}

/** An address to listen on; host without brackets. Port 0 lets the system choose. */
export interface ListenAddress {
  host: string;
  port: number;
}

const DEFAULT_PORTS: Record<string, number> = { ws: 80, http: 80, wss: 443, https: 443 };
const URL_PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/i;
const AUTHORITY = /^(?:\[([0-9a-f:.%]+)\]|([^\s:[\]@]+))(?::(\d{1,5}))?$/i;

/** Reads a `ws://`, `wss://`, `http://` or `https://` URL, IPv6 hosts too. Throws BAD_URL. */
export function parseServerUrl(text: string): ServerUrl {
  const [, scheme = '', authority = '', path = ''] = URL_PARTS.exec(text.trim()) ?? [];
  const defaultPort = DEFAULT_PORTS[scheme.toLowerCase()];
  if (authority.includes('@')) {
    throw new ChargetapeError('BAD_URL', 'A URL with a user name or password is not accepted.');
  }
  const address = defaultPort === undefined ? null : parseAuthority(authority, defaultPort);
  if (!address || address.port === 0)
    throw new ChargetapeError('BAD_URL', `Not a ws:// or wss:// URL: ${redactUrl(text)}`);
  return { ...address, path: path === '/' ? '' : path, ...(defaultPort === 443 ? { secure: true } : {}) };
}

/** Reads `HOST:PORT`, `[IPV6]:PORT`, `:PORT` or `PORT` (then on 127.0.0.1). Throws BAD_ADDRESS. */
export function parseListenAddress(text: string): ListenAddress {
  const bare = /^:?(\d{1,5})$/.exec(text.trim());
  const address = parseAuthority(bare ? `127.0.0.1:${bare[1]}` : text.trim(), null);
  if (!address) throw new ChargetapeError('BAD_ADDRESS', `Not an address to listen on: ${text}`);
  return address;
}

/** `HOST:PORT` with an IPv6 host in brackets, as a URL or a log line has it. */
export function formatAddress(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The server as a URL without its path: `ws://HOST:PORT` or `wss://HOST:PORT`. */
export function formatServer({ host, port, secure }: ServerUrl): string {
  return `${secure ? 'wss' : 'ws'}://${formatAddress(host, port)}`;
}

function parseAuthority(text: string, defaultPort: number | null): ListenAddress | null {
  const [, ipv6, name, digits] = AUTHORITY.exec(text) ?? [];
  const host = ipv6 ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  return host === undefined || port === null || port > 65_535 ? null : { host, port };
}
