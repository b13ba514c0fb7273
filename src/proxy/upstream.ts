import type net from 'node:net';
import { dial } from '../wire/dial.ts';
import { type ClientTls, clientTls } from '../wire/tls-socket.ts';
import type { ServerUrl } from '../wire/url.ts';

/** The CSMS: where it is, and how it is spoken to. */
export interface Upstream {
  server: ServerUrl;
  /** TLS for the next connection, where the URL asks for it; the usual roots and no certificate of one's own when not given. */
  tls?: () => ClientTls;
}

/** Opens a connection to the CSMS. Rejects with a DialError. */
export function dialUpstream(
  upstream: Upstream,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<net.Socket> {
  const { host, port, secure } = upstream.server;
  const tls = secure ? (upstream.tls?.() ?? clientTls()) : null;
  return dial({ host, port, timeoutMs, tls, ...(signal ? { signal } : {}) });
}
