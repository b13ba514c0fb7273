import type net from 'node:net';
import type { TlsFacts } from '../session/connection.ts';
import { plainAddress } from '../wire/address-list.ts';
import { formatAddress, type ListenAddress } from '../wire/url.ts';

/** A charger's connection as it came in, with TLS ended if there was any. */
export interface Guest {
  socket: net.Socket;
  /** Who connected, and to what: as a PROXY header told it, else as the socket has it; null when it is gone already. */
  source: ListenAddress | null;
  destination: ListenAddress | null;
  tls: TlsFacts | null;
}

/** A guest that is what its socket says. */
export function guestOf(socket: net.Socket): Guest {
  return {
    socket,
    source: addressOf(socket.remoteAddress, socket.remotePort),
    destination: addressOf(socket.localAddress, socket.localPort),
    tls: null,
  };
}

/** `HOST:PORT` of the guest, as it goes on record. */
export function sourceOf({ source }: Guest): string | null {
  return source && formatAddress(source.host, source.port);
}

function addressOf(host: string | undefined, port: number | undefined): ListenAddress | null {
  return host === undefined || port === undefined ? null : { host: plainAddress(host), port };
}
