import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { type ChargerLog, Judge, type JudgedConnection } from './csms-judge.ts';

/** What a CSMS did with the connections of one charger. */
export interface Reception {
  /** Status of each refused handshake. */
  refused: number[];
  /** Connections that the CSMS ended first. */
  endedByCsms: number;
}

/** Stands before any CSMS and judges what its chargers say, so that a CSMS need not know how. */
export interface JudgingRelay {
  url: string;
  judgement(): ChargerLog[];
  /** By session, such as /ocpp/CP-1. */
  receptions: Map<string, Reception>;
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1 before the CSMS at `upstream` (ws://HOST:PORT). */
export async function startJudgingRelay(upstream: string): Promise<JudgingRelay> {
  const judge = new Judge(Number.POSITIVE_INFINITY);
  const receptions = new Map<string, Reception>();
  const server = createServer();
  const wss = new WebSocketServer({ noServer: true, skipUTF8Validation: true });
  wss.options.handleProtocols = (_, request) => chosen.get(request) ?? false;
  const chosen = new WeakMap<IncomingMessage, string>();
  server.on('upgrade', (request, socket: Socket, head) => {
    socket.setNoDelay(true);
    const session = (request.url ?? '').split('?')[0] ?? '';
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/, */).filter(Boolean);
    judge.handshake(session, offered, request.headers['sec-websocket-extensions'] ?? '');
    const reception = receptions.get(session) ?? { refused: [], endedByCsms: 0 };
    receptions.set(session, reception);
    const { authorization } = request.headers;
    const headers = authorization === undefined ? {} : { authorization };
    const csms = new WebSocket(`${upstream}${request.url}`, offered, { headers, skipUTF8Validation: true });
    csms.on('error', () => socket.destroy());
    csms.on('unexpected-response', (_, response) => {
      reception.refused.push(response.statusCode ?? 0);
      socket.end(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\nContent-Length: 0\r\n\r\n`);
    });
    csms.on('open', () => {
      csms.pause();
      chosen.set(request, csms.protocol);
      wss.handleUpgrade(request, socket, head, (charger) => {
        join(charger, csms, judge.opened(session), reception);
        csms.resume();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    judgement: () => judge.judgement(),
    receptions,
    async close() {
      for (const client of wss.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(charger: WebSocket, csms: WebSocket, judged: JudgedConnection, reception: Reception): void {
  let isEnding = false;
  const pass = (from: WebSocket, to: WebSocket, seen: (text: string) => void) => {
    from.on('error', () => {});
    from.on('message', (data, isBinary) => {
      if (!isBinary) seen(String(data));
      if (to.readyState === WebSocket.OPEN) to.send(data, { binary: isBinary });
    });
    from.on('close', (code, reason) => {
      if (!isEnding && from === csms) reception.endedByCsms++;
      isEnding = true;
      if (code === 1005) to.close();
      else if (code === 1006) to.terminate();
      else to.close(code, reason);
    });
  };
  pass(charger, csms, (text) => judged.received(text));
  pass(csms, charger, (text) => judged.sent(text));
}
