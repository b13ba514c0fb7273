import net from 'node:net';

/** Why a server could not be reached. */
export type DialFailure = 'refused' | 'timeout' | 'reset' | 'unknown-host' | 'unreachable' | 'aborted';

/** Trouble while dialling or during a handshake, with its reason as a word. */
export class DialError extends Error {
  readonly reason: DialFailure;

  constructor(reason: DialFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DialError';
    this.reason = reason;
  }
}

/** Opens a TCP connection that may be half-closed and sends without delay. Rejects with a DialError; `timeoutMs` bounds it. */
export function dial(options: {
  host: string;
  port: number;
  timeoutMs: number;
  signal?: AbortSignal;
}): Promise<net.Socket> {
  const { host, port, timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true });
    const fail = (error: DialError) => {
      settle();
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error) => fail(new DialError(failureOf(error), error.message, { cause: error }));
    const onAbort = () => fail(new DialError('aborted', 'Stopped.'));
    const timer = setTimeout(
      () => fail(new DialError('timeout', `No answer in ${timeoutMs} ms.`)),
      timeoutMs,
    );
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
  });
}

const REASONS: Record<string, DialFailure> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
};

/** The reason behind a socket's error, by its system code. */
export function failureOf(error: Error & { code?: string }): DialFailure {
  return REASONS[error.code ?? ''] ?? 'unreachable';
}
