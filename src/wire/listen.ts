import type { AddressInfo, Server } from 'node:net';
import { ChargetapeError } from '../errors.ts';
import { formatAddress, type ListenAddress } from './url.ts';

/** A socket that listens already and was handed over, by its file descriptor (`sd_listen_fds(3)`). */
export interface ListeningSocket {
  fd: number;
}

/**
 * Listens there, and gives the address that was bound. A connection that cannot be accepted later, for want of open files, ends nothing.
 * PORT_IN_USE, CANNOT_LISTEN.
 */
export function listenOn(
  server: Server,
  where: ListenAddress | ListeningSocket,
  backlog = 511,
): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const place = 'fd' in where ? `socket ${where.fd}` : formatAddress(where.host, where.port);
      reject(
        cause.code === 'EADDRINUSE'
          ? new ChargetapeError('PORT_IN_USE', `${place} is in use.`, { cause })
          : new ChargetapeError('CANNOT_LISTEN', `Cannot listen on ${place} (${cause.code}).`, { cause }),
      );
    });
    server.listen({ ...where, backlog }, () => {
      server.removeAllListeners('error').on('error', () => {});
      const { address, port } = server.address() as AddressInfo;
      resolve({ host: address, port });
    });
  });
}
