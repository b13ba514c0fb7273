import type net from 'node:net';
import { type Dialling, dial } from '../wire/dial.ts';
import { proxyHeader } from '../wire/proxy-protocol.ts';
import { type ClientTls, clientTls } from '../wire/tls-socket.ts';
import type { ListenAddress, ServerUrl } from '../wire/url.ts';
import type { Guest } from './guest.ts';

/** The CSMS: where it is, and how it is spoken to. */
export interface Upstream {
  server: ServerUrl;
  /** TLS for the next connection, where the URL asks for it; the usual roots and no certificate of one's own when not given. */
  tls?: () => ClientTls;
  /** Version of the PROXY header that tells it who connects; none when not given. */
  proxyProtocol?: 1 | 2 | undefined;
}

/** Opens a connection to the CSMS for a guest. Rejects with a DialError. */
export function dialUpstream(
  upstream: Upstream,
  guest: Guest,
  dialling: Pick<Dialling, 'timeoutMs' | 'signal' | 'unbuffered'>,
): Promise<net.Socket> {
  const { host, port, secure } = upstream.server;
  const tls = secure ? (upstream.tls?.() ?? clientTls()) : null;
  return dial({ host, port, tls, preface: prefaceOf(upstream, guest), ...dialling });
}

/** Opens a connection for a guest whose bytes nobody reads: to the CSMS, or elsewhere; its TLS is its own. */
export function dialUnread(
  upstream: Upstream,
  guest: Guest,
  to: ListenAddress | null,
  timeoutMs: number,
): Promise<net.Socket> {
  const { host, port } = to ?? upstream.server;
  return dial({ host, port, timeoutMs, preface: prefaceOf(upstream, guest) });
}

function prefaceOf({ proxyProtocol }: Upstream, { source, destination }: Guest): Buffer | null {
  if (proxyProtocol === undefined) return null;
  return proxyHeader(proxyProtocol, source && destination && { source, destination });
}
