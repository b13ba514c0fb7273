import http from 'node:http';
import type net from 'node:net';
import './quiet-http-proxy.ts';
import httpProxy from 'http-proxy';
import type { DialError } from '../wire/dial.ts';
import { formatAddress, type ServerUrl } from '../wire/url.ts';
import type { Guest } from './guest.ts';
import { dialAnswer, type OwnAnswer, ownAnswer } from './own-answer.ts';
import type { Tap } from './tap.ts';

/** Carries ordinary HTTP (health checks, a CSMS's own pages) on the chargers' port to the CSMS. */
export interface HttpPassthrough {
  /** Takes over a guest's socket and the bytes read from it so far; `onClose` is called when it is closed. */
  accept(guest: Guest, bytes: Buffer, tap: Tap, onClose: () => void): void;
  close(): void;
}

/** Sends one request over a connection that is there already. */
class OneConnection extends http.Agent {
  readonly #socket: net.Socket;

  constructor(socket: net.Socket) {
    super({ keepAlive: false });
    this.#socket = socket;
  }

  override createConnection(): net.Socket {
    return this.#socket;
  }
}

/**
 * A passthrough to one CSMS: one request per connection, since a WebSocket upgrade later on the same socket could not
 * be passed on byte for byte. Header names, order and duplicates stay; 502 and 504 are Chargetape's own.
 */
export function httpPassthrough(
  upstream: ServerUrl,
  timeoutMs: number,
  dial: (guest: Guest) => Promise<net.Socket>,
): HttpPassthrough {
  const taps = new WeakMap<net.Socket, Tap>();
  const guests = new WeakMap<net.Socket, Guest>();
  const target = `http://${formatAddress(upstream.host, upstream.port)}`;
  const proxy = httpProxy.createProxyServer({ target, proxyTimeout: timeoutMs });
  const answerFor = (
    response: http.ServerResponse | net.Socket,
    request: http.IncomingMessage,
    own: OwnAnswer,
  ) => {
    const tap = taps.get(request.socket);
    tap?.endedByUs(own.ending);
    refuse(response, own);
    tap?.answeredPlainly(own.status);
  };
  proxy.on('proxyReq', (outgoing, request, response) => {
    // A 101 to a request that asked for no upgrade cannot be passed on, and Node would let the asker wait.
    outgoing.once('upgrade', (_, socket) => {
      socket.destroy();
      answerFor(response, request, ownAnswer('no-http', upstream));
    });
    outgoing.path = request.url ?? '/';
    restoreHeaders(outgoing, withoutConnection(request.rawHeaders));
    outgoing.setHeader('Connection', 'close');
  });
  proxy.on('proxyRes', (incoming, request, response) => {
    const tap = taps.get(request.socket);
    tap?.answeredPlainly(incoming.statusCode ?? 0);
    response.on('finish', () => tap?.seesEnd('csms', 'fin'));
    incoming.headers = { connection: 'close' };
    response.sendDate = false;
    restoreHeaders(response, withoutConnection(incoming.rawHeaders));
  });
  const server = http.createServer((request, response) => {
    request.on('error', () => {});
    const fail = (error: Error) =>
      answerFor(response, request, ownAnswer(isTimeout(error) ? 'no-answer' : 'refused', upstream, error));
    const guest = guests.get(request.socket);
    if (!guest) return;
    dial(guest).then(
      (socket) => {
        if (response.destroyed) socket.on('error', () => {}).destroy();
        else proxy.web(request, response, { agent: new OneConnection(socket) }, fail);
      },
      (error: DialError) => answerFor(response, request, dialAnswer(error, upstream)),
    );
  });
  server.on('clientError', (_, socket) => socket.destroy());
  return {
    accept(guest, bytes, tap, onClose) {
      const { socket } = guest;
      taps.set(socket, tap);
      guests.set(socket, guest);
      socket.on('error', () => tap.seesEnd('charger', 'reset'));
      socket.on('end', () => tap.seesEnd('charger', 'fin'));
      socket.on('close', () => {
        tap.seesEnd('charger', 'fin');
        onClose();
      });
      socket.unshift(bytes);
      server.emit('connection', socket);
      socket.resume();
    },
    close() {
      server.closeAllConnections();
      proxy.close();
    },
  };
}

/** Sets headers as they came: names as spelled, in order, duplicates kept. */
function restoreHeaders(message: http.OutgoingMessage, raw: string[]): void {
  for (const name of message.getHeaderNames()) message.removeHeader(name);
  const values = new Map<string, { name: string; values: string[] }>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const entry = values.get(name.toLowerCase()) ?? { name, values: [] };
    entry.values.push(raw[i + 1] ?? '');
    values.set(name.toLowerCase(), entry);
  }
  for (const entry of values.values()) {
    const [first = ''] = entry.values;
    message.setHeader(entry.name, entry.values.length === 1 ? first : entry.values);
  }
}

function withoutConnection(raw: string[]): string[] {
  return raw.filter((_, i) => !/^(connection|keep-alive)$/i.test(raw[i - (i % 2)] ?? ''));
}

function isTimeout(error: Error & { code?: string }): boolean {
  return error.code === 'ECONNRESET' && error.message === 'socket hang up';
}

function refuse(response: http.ServerResponse | net.Socket, own: OwnAnswer): void {
  if (!(response instanceof http.ServerResponse) || response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(own.status, { 'Content-Type': 'text/plain', Connection: 'close' });
  response.end(own.body);
}
