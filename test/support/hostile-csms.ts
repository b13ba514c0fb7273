import { once } from 'node:events';
import { createServer } from 'node:http';
import type net from 'node:net';
import { Sender, type WebSocket, WebSocketServer } from 'ws';

/** One charger's connection as a hostile CSMS has it, once it was accepted. */
export interface HostileLine {
  /** For bytes that ws would not write. */
  socket: net.Socket;
  ws: WebSocket;
  /** Which connection of this charger, from 1. */
  nth: number;
}

/** A call of the charger. */
export interface HostileCall {
  id: string;
  action: string;
}

/** How a CSMS treats one charger. What it does not say is done as by a well-behaved one. */
export interface Hostility {
  /** Instead of the answer to the handshake. */
  head?(socket: net.Socket): void;
  /** Right after the 101. */
  opened?(line: HostileLine): void;
  called?(call: HostileCall, line: HostileLine): void;
}

/** A CSMS that treats each charger by its identity, with what it saw of each. */
export interface HostileCsms {
  url: string;
  port: number;
  /** Actions of the calls, by identity. */
  calls: Map<string, string[]>;
  /** Message ids of the answers to its commands. */
  answers: Map<string, string[]>;
  connections: Map<string, number>;
  /** Bytes that it has sent on all connections. */
  bytesSent(): number;
  /** Connections that it still has. */
  open(): number;
  close(): Promise<void>;
}

const RESULTS: Record<string, string> = {
  BootNotification: '{"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}',
  StartTransaction: '{"transactionId":900,"idTagInfo":{"status":"Accepted"}}',
};

/** The answer of a well-behaved CSMS. */
export function resultOf({ id, action }: HostileCall, as = id): string {
  return `[3,${JSON.stringify(as)},${RESULTS[action] ?? '{}'}]`;
}

/** A server's frame of any opcode, fit or not. */
export function frameOf(payload: string | Buffer, opcode = 1): Buffer {
  const options = { opcode, fin: true, mask: false, readOnly: true, rsv1: false };
  return Buffer.concat(Sender.frame(Buffer.from(payload), options));
}

/** Starts one on 127.0.0.1; an identity without hostility is treated well. */
export async function startHostileCsms(hostilities: Record<string, Hostility>): Promise<HostileCsms> {
  const calls = new Map<string, string[]>();
  const answers = new Map<string, string[]>();
  const connections = new Map<string, number>();
  const sockets = new Set<net.Socket>();
  let bytesOfClosed = 0;
  const server = createServer();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      bytesOfClosed += socket.bytesWritten;
    });
  });
  const wss = new WebSocketServer({ noServer: true, handleProtocols: () => 'ocpp1.6' });
  server.on('upgrade', (request, socket: net.Socket, head) => {
    const identity = /[^/]*$/.exec(request.url ?? '')?.[0] ?? '';
    const nth = (connections.get(identity) ?? 0) + 1;
    connections.set(identity, nth);
    const hostility = hostilities[identity] ?? {};
    if (hostility.head) {
      hostility.head(socket);
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      const line = { ws, socket, nth };
      ws.on('error', () => {});
      ws.on('message', (data) => {
        const [type, id, action] = JSON.parse(String(data));
        if (type === 2) {
          noteIn(calls, identity, action);
          if (hostility.called) hostility.called({ id, action }, line);
          else ws.send(resultOf({ id, action }));
        } else noteIn(answers, identity, id);
      });
      hostility.opened?.(line);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    ...{ port, calls, answers, connections },
    bytesSent: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, bytesOfClosed),
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends the same bytes as fast as the other side reads, until the connection is over or so many bytes were sent. */
export function flood({ socket }: HostileLine, bytes: Buffer, maxBytes = Number.POSITIVE_INFINITY): void {
  let sent = 0;
  const pour = () => {
    do sent += bytes.length;
    while (socket.writable && socket.write(bytes) && sent < maxBytes);
    if (sent < maxBytes) socket.once('drain', pour);
  };
  pour();
}

function noteIn(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  list.push(value);
}
