import type net from 'node:net';

/** What the first bytes of a connection say: something, or that they are too few. */
export type Told<T> = T | { kind: 'more' };

/**
 * Reads from a socket until its first bytes say something; gives that, with the bytes, and leaves the socket paused. Null
 * when it ends, fails or is destroyed before.
 */
export function firstBytes<T extends { kind: string }>(
  socket: net.Socket,
  read: (bytes: Buffer) => Told<T>,
): Promise<{ told: Exclude<T, { kind: 'more' }>; bytes: Buffer } | null> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const settle = (outcome: Parameters<typeof resolve>[0]) => {
      socket.off('data', onData).off('end', onEnd).off('error', onEnd).off('close', onEnd).pause();
      socket.on('error', ignore);
      resolve(outcome);
    };
    const onEnd = () => settle(null);
    const onData = (chunk: Buffer) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const told = read(bytes);
      if (told.kind !== 'more') settle({ told: told as Exclude<T, { kind: 'more' }>, bytes });
    };
    socket.on('data', onData).on('end', onEnd).on('error', onEnd).on('close', onEnd);
    socket.resume();
  });
}

function ignore(): void {}
