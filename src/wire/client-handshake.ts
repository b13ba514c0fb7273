import type net from 'node:net';
import { type DialError, type DialFailure, dial, failureOf } from './dial.ts';
import { parseRequestHead, parseResponseHead, type ResponseHead } from './head.ts';
import { HeadReader } from './head-reader.ts';
import { acceptOf, type OwnHeader, requestHeadFor } from './request-head.ts';
import { type ClientTls, clientTls } from './tls-socket.ts';
import type { ServerUrl } from './url.ts';

/** What to open, and how long to wait for it. */
export interface Handshake {
  url: ServerUrl;
  /** Request target to ask for, as it goes on the wire. */
  target: string;
  /** Recorded request head (latin1) to follow; `''` for a plain one. */
  requestHead: string;
  /** Headers to send beside the recorded ones. */
  headers?: readonly OwnHeader[];
  /** TLS for a `wss://` URL; the usual roots and no certificate of one's own when not given. */
  tls?: ClientTls;
  /** Looks at the connection (the server's certificate, its address) before a byte of HTTP is written; throws a DialError to refuse it. */
  admit?: (socket: net.Socket) => void;
  /** Address of this machine to dial from; the system chooses when not given. */
  localAddress?: string;
  /** Bound on the TCP connection, ms; 5,000 when not given. */
  connectTimeoutMs?: number;
  /** Bound on the response head, ms; 10,000 when not given. */
  responseTimeoutMs?: number;
  signal?: AbortSignal;
}

/** An accepted handshake. The socket is paused: read `rest` first, then the socket. */
export interface OpenedWebSocket {
  kind: 'open';
  socket: net.Socket;
  /** The head as it was sent and as it came (latin1). */
  requestHead: string;
  responseHead: string;
  status: 101;
  subprotocol: string | null;
  extensions: string | null;
  /** Whether Sec-WebSocket-Accept is the right one for the key; a charger would close when it is not. */
  readonly keyAccepted: boolean;
  /** Bytes that came glued to the response head: frames. */
  rest: Buffer;
}

/** An answer that is not 101: the CSMS does not want this charger. The socket is closed. */
export interface RefusedWebSocket {
  kind: 'refusal';
  status: number;
  requestHead: string;
  responseHead: string;
  /** Body as sent, chunk framing included; at most 64 kB. */
  body: Buffer;
}

/** No answer to the handshake: no connection, silence, a close, or bytes that are no HTTP. */
export interface FailedWebSocket {
  kind: 'failure';
  reason: DialFailure | 'closed' | 'no-http';
  /** More about it, as the end of a sentence. */
  message: string;
  requestHead: string;
}

const MAX_BODY = 64 * 1024;
const BODY_TIMEOUT_MS = 1_000;

/** Dials and asks for a WebSocket as a charger does, with the recorded head. Every outcome is a value; it never rejects. */
export async function openWebSocket(
  handshake: Handshake,
): Promise<OpenedWebSocket | RefusedWebSocket | FailedWebSocket> {
  const { url, target, localAddress, signal } = handshake;
  const requestHead = requestHeadFor(handshake.requestHead, url, target, undefined, handshake.headers);
  const failed = (error: DialError): FailedWebSocket => {
    return { kind: 'failure', reason: error.reason, message: error.message, requestHead };
  };
  try {
    const timeoutMs = handshake.connectTimeoutMs ?? 5_000;
    const tls = url.secure ? (handshake.tls ?? clientTls()) : null;
    const socket = await dial({
      host: url.host,
      port: url.port,
      timeoutMs,
      tls,
      unbuffered: true,
      ...(localAddress !== undefined && { localAddress }),
      ...(signal ? { signal } : {}),
    });
    admitOrDestroy(socket, handshake);
    return await ask(socket, requestHead, handshake);
  } catch (error) {
    return failed(error as DialError);
  }
}

function admitOrDestroy(socket: net.Socket, { admit }: Handshake): void {
  try {
    admit?.(socket);
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}

type Answer = OpenedWebSocket | RefusedWebSocket | FailedWebSocket;

function ask(socket: net.Socket, requestHead: string, handshake: Handshake): Promise<Answer> {
  const { responseTimeoutMs = 10_000, signal } = handshake;
  return new Promise((resolve) => {
    const reader = new HeadReader('response');
    const settle = (answer: Answer) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('data', onData).off('end', onEnd).off('error', onError);
      if (answer.kind === 'failure') socket.on('error', () => {}).destroy();
      resolve(answer);
    };
    const fail = (reason: FailedWebSocket['reason'], message: string) =>
      settle({ kind: 'failure', reason, message, requestHead });
    const onEnd = () => fail('closed', 'it closed the connection without an answer');
    const onError = (error: Error) => fail(failureOf(error), error.message);
    const onAbort = () => fail('aborted', 'stopped');
    const onData = (chunk: Buffer) => {
      const result = reader.push(chunk);
      if (result.kind === 'more') return;
      const head = result.kind === 'head' ? parseResponseHead(result.head) : null;
      if (result.kind !== 'head' || !head) return fail('no-http', 'the answer is no HTTP');
      socket.pause();
      clearTimeout(timer);
      if (head.status === 101) return settle(opened(socket, requestHead, result.head, head, result.rest));
      void readBody(socket, head, result.rest).then((body) =>
        settle({ kind: 'refusal', status: head.status, requestHead, responseHead: result.head, body }),
      );
    };
    const timer = setTimeout(
      () => fail('timeout', `no answer to the handshake in ${responseTimeoutMs} ms`),
      responseTimeoutMs,
    );
    signal?.addEventListener('abort', onAbort);
    socket.on('data', onData).on('end', onEnd).on('error', onError).resume();
    socket.write(requestHead, 'latin1');
  });
}

function opened(
  socket: net.Socket,
  requestHead: string,
  responseHead: string,
  head: ResponseHead,
  rest: Buffer,
): OpenedWebSocket {
  return {
    kind: 'open',
    socket,
    requestHead,
    responseHead,
    status: 101,
    subprotocol: head.get('sec-websocket-protocol'),
    extensions: head.get('sec-websocket-extensions'),
    get keyAccepted() {
      const key = parseRequestHead(requestHead)?.get('sec-websocket-key') ?? '';
      return head.get('sec-websocket-accept') === acceptOf(key);
    },
    rest,
  };
}

/** Reads a refusal's body until its length, its last chunk, the end of the connection, or a second of silence. */
function readBody(socket: net.Socket, head: ResponseHead, rest: Buffer): Promise<Buffer> {
  const length = Number(head.get('content-length') ?? Number.NaN);
  const chunked = /\bchunked\b/i.test(head.get('transfer-encoding') ?? '');
  let body = rest;
  const isWhole = () =>
    body.length >= Math.min(length, MAX_BODY) ||
    (chunked && body.toString('latin1', body.length - 5) === '0\r\n\r\n');
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => {});
      socket.destroy();
      resolve(body.subarray(0, MAX_BODY));
    };
    const timer = setTimeout(finish, BODY_TIMEOUT_MS);
    if (isWhole() || body.length >= MAX_BODY) return finish();
    socket.removeAllListeners().on('end', finish).on('error', finish).on('close', finish);
    socket.on('data', (chunk: Buffer) => {
      body = Buffer.concat([body, chunk]);
      if (isWhole() || body.length >= MAX_BODY) finish();
    });
    socket.resume();
  });
}
