import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

/** A CSMS that answers each call at once, and counts what it received and sent. */
export interface AnsweringCsms {
  url: string;
  port: number;
  counts: { received: number; sent: number };
  sockets: Set<WebSocket>;
  /** Close codes that it received, in order. */
  closeCodes: number[];
  /** Resolves when a call of the slow action has come; it is answered by `answerSlow`. */
  slowArrived: Promise<void>;
  answerSlow(): void;
}

/** What it does otherwise than answer each call with an empty object at once. */
export interface AnsweringCsmsOptions {
  /** Status that refuses the handshake on this path. */
  refuses?: (path: string) => number | null;
  deflates?: boolean;
  /** Payload of the answer to an action. */
  answers?: Record<string, string>;
  /** An action that is answered when told. */
  slow?: string;
}

/** Starts one; it ends with the test. */
export async function answeringCsms(options: AnsweringCsmsOptions = {}): Promise<AnsweringCsms> {
  const counts = { received: 0, sent: 0 };
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: options.deflates ? { threshold: 0 } : false,
    verifyClient: ({ req }, done) => {
      const status = options.refuses?.(req.url ?? '') ?? null;
      done(status === null, status ?? undefined);
    },
  });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const closeCodes: number[] = [];
  const slowAnswers: (() => void)[] = [];
  let arrived: () => void = () => {};
  const slowArrived = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('close', (code) => closeCodes.push(code));
    socket.on('message', (data) => {
      counts.received++;
      const [, id, action] = JSON.parse(String(data));
      const answer = () => {
        counts.sent++;
        socket.send(`[3,"${id}",${options.answers?.[action] ?? '{}'}]`);
      };
      if (action !== options.slow) return answer();
      slowAnswers.push(answer);
      arrived();
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    counts,
    sockets: server.clients,
    closeCodes,
    slowArrived,
    answerSlow: () => {
      for (const answer of slowAnswers.splice(0)) answer();
    },
  };
}

/** A charger that counts what it received and sent. */
export interface CallingCharger {
  socket: WebSocket;
  counts: { received: number; sent: number };
  /** Sends a call and resolves with its answer. */
  call(messageId: string, action?: string, payload?: string): Promise<string>;
  close(): Promise<void>;
}

/** Connects a charger with this identity. */
export async function callingCharger(
  url: string,
  identity = 'CP1',
  options: { deflates?: boolean } = {},
): Promise<CallingCharger> {
  const perMessageDeflate = options.deflates ? { threshold: 0 } : false;
  const socket = new WebSocket(`${url}/ocpp/${identity}`, 'ocpp1.6', { perMessageDeflate });
  const counts = { received: 0, sent: 0 };
  const waiting = new Map<string, (answer: string) => void>();
  socket.on('message', (data) => {
    counts.received++;
    const text = String(data);
    const id = JSON.parse(text)[1];
    waiting.get(id)?.(text);
    waiting.delete(id);
  });
  await once(socket, 'open');
  return {
    socket,
    counts,
    call(messageId, action = 'Heartbeat', payload = '{}') {
      counts.sent++;
      const answer = new Promise<string>((resolve) => waiting.set(messageId, resolve));
      socket.send(`[2,"${messageId}","${action}",${payload}]`);
      return answer;
    },
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
