import net from 'node:net';
import { type ClientTls, secureAsClient } from './tls-socket.ts';
import { unbufferedReads } from './unbuffered.ts';

/** Why a server could not be reached; `tls` when it was, and the handshake failed or its certificate was not accepted. */
export type DialFailure =
  | 'refused'
  | 'timeout'
  | 'reset'
  | 'unknown-host'
  | 'unreachable'
  | 'tls'
  | 'aborted';

/** Trouble while dialling or during a handshake, with its reason as a word and the system's or OpenSSL's code. */
export class DialError extends Error {
  readonly reason: DialFailure;
  readonly code: string | null;

  constructor(
    reason: DialFailure,
    message: string,
    options?: { cause?: unknown; code?: string | undefined },
  ) {
    super(message, options);
    this.name = 'DialError';
    this.reason = reason;
    this.code = options?.code ?? null;
  }
}

/** Where to dial, and how. */
export interface Dialling {
  host: string;
  port: number;
  /** Bound on the TCP connection, ms. */
  timeoutMs: number;
  /** Bound on the TLS handshake, ms; 30,000 when not given: a server that meets its whole fleet at once is slow at it. */
  tlsTimeoutMs?: number;
  /** TLS over the connection; none when null or not given. */
  tls?: ClientTls | null;
  /** Bytes that go before everything else, TLS included. */
  preface?: Buffer | null;
  /** Reads it unbuffered (see `unbufferedReads`), from when it is resumed. Makes no difference over TLS. */
  unbuffered?: boolean;
  /** Address of this machine to dial from. */
  localAddress?: string;
  signal?: AbortSignal;
}

/**
 * Opens a connection that may be half-closed and sends without delay: a TLSSocket whose server was accepted, where TLS is asked for.
 * Rejects with a DialError.
 */
export function dial(dialling: Dialling): Promise<net.Socket> {
  const { host, port, timeoutMs, tlsTimeoutMs = 30_000, tls, preface, localAddress, signal } = dialling;
  const isUnbuffered = dialling.unbuffered === true && !tls;
  return new Promise((resolve, reject) => {
    const raw: net.Socket = net.connect({
      ...{ host, port, allowHalfOpen: true, noDelay: true },
      ...(localAddress !== undefined && { localAddress }),
      ...(isUnbuffered && unbufferedReads(() => raw)),
    });
    if (isUnbuffered) raw.pause();
    let socket = raw;
    const fail = (error: DialError) => {
      settle();
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error & { code?: string }) => {
      const reason = socket === raw ? failureOf(error) : (REASONS[error.code ?? ''] ?? 'tls');
      fail(new DialError(reason, error.message, { cause: error, code: error.code }));
    };
    const onEnd = () => fail(new DialError('tls', 'it ended the connection in the TLS handshake'));
    const onAbort = () => fail(new DialError('aborted', 'stopped'));
    const within = (ms: number) =>
      setTimeout(() => fail(new DialError('timeout', `no connection in ${ms} ms`)), ms);
    let timer = within(timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('end', onEnd);
    };
    const connected = () => {
      settle();
      resolve(socket);
    };
    raw.once('error', onError);
    raw.once('connect', () => {
      if (preface) raw.write(preface);
      if (!tls) return connected();
      raw.off('error', onError);
      clearTimeout(timer);
      timer = within(tlsTimeoutMs);
      socket = secureAsClient(raw, host, tls);
      socket.once('secureConnect', connected).once('error', onError).once('end', onEnd);
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
