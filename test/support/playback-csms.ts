import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Line } from './rehearsal.ts';

/** A CSMS that says what one said before: after as many texts of the charger, the same texts. */
export interface PlaybackCsms {
  url: string;
  /** Texts of each charger, by identity, in order. */
  heard: Map<string, string[]>;
  close(): Promise<void>;
}

/** Plays the CSMS's side of sessions, each known by its identity. */
export async function startPlaybackCsms(
  sessions: ReadonlyMap<string, readonly Line[]>,
): Promise<PlaybackCsms> {
  const heard = new Map<string, string[]>();
  const parts = new Map([...sessions].map(([identity, lines]) => [identity, connectionsOf(lines)]));
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: ([first]) => first ?? false });
  sockets.on('connection', (socket, request) => {
    const identity = (request.url ?? '').split('/').at(-1) ?? '';
    const script = parts.get(identity)?.shift() ?? [];
    const texts = heard.get(identity) ?? [];
    heard.set(identity, texts);
    play(socket, script, texts);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function play(socket: WebSocket, script: readonly Line[], heard: string[]): void {
  let at = 0;
  const speak = () => {
    for (let line = script[at]; line?.dir === 'csms->cp'; line = script[++at]) socket.send(String(line.raw));
  };
  socket.on('message', (data) => {
    heard.push(String(data));
    at++;
    speak();
  });
  speak();
}

/** Texts of both sides, connection by connection. */
function connectionsOf(lines: readonly Line[]): Line[][] {
  const texts = lines.filter((line) => typeof line.raw === 'string');
  const numbers = [...new Set(lines.map(({ conn }) => conn))];
  return numbers.map((number) => texts.filter(({ conn }) => conn === number));
}
