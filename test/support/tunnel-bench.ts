import assert from 'node:assert/strict';
import { createSecureContext } from 'node:tls';
import type { ProxyEvent } from '../../src/proxy/event.ts';
import { type ProxyOptions, type RunningProxy, startProxy } from '../../src/proxy/proxy.ts';
import { clientTls } from '../../src/wire/tls-socket.ts';
import type { Identity } from './certificates.ts';
import { MemoryRecorder } from './memory-recorder.ts';
import { type RawPeer, type RawServer, rawClient, rawServer } from './raw-peer.ts';

export const REQUEST = [
  'GET /ocpp/CP1 HTTP/1.1',
  'Host: csms.example',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: ocpp1.6',
  '',
  '',
].join('\r\n');

export const RESPONSE = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'Sec-WebSocket-Protocol: ocpp1.6',
  '',
  '',
].join('\r\n');

/** A proxy between raw peers, with everything that it recorded and said. */
export interface TunnelBench {
  proxy: RunningProxy;
  server: RawServer;
  recorder: MemoryRecorder;
  events: ProxyEvent[];
  /** A charger's TCP connection to the proxy. */
  charger(): Promise<RawPeer>;
  /** A WebSocket through the proxy: both ends have had both heads, which are no longer counted. */
  open(request?: string, response?: string): Promise<{ charger: RawPeer; csms: RawPeer }>;
  close(): Promise<void>;
}

/** Which legs are over TLS, with a certificate that the other side trusts. */
export interface SecuredLegs {
  certificate: Identity;
  ca: string;
  charger: boolean;
  csms: boolean;
}

export async function tunnelBench(
  options: Partial<ProxyOptions> = {},
  secured?: SecuredLegs,
): Promise<TunnelBench> {
  const { charger: securesCharger = false, csms: securesCsms = false } = secured ?? {};
  const asServer = { secureContext: createSecureContext(secured?.certificate) };
  const server = await rawServer(securesCsms ? asServer : undefined);
  const recorder = new MemoryRecorder();
  const events: ProxyEvent[] = [];
  const clients: RawPeer[] = [];
  const proxy = await startProxy({
    listen: { host: '127.0.0.1', port: 0 },
    upstream: {
      server: { host: '127.0.0.1', port: server.port, path: '', ...(securesCsms && { secure: true }) },
      tls: () => clientTls({ ca: secured?.ca ?? '' }),
    },
    ...(securesCharger && { entrance: { tls: () => asServer } }),
    recorder,
    log: (event) => events.push(event),
    ...options,
  });
  const charger = async () => {
    const peer = await rawClient(proxy.address.port, securesCharger ? { ca: secured?.ca ?? '' } : undefined);
    clients.push(peer);
    return peer;
  };
  return {
    ...{ proxy, server, recorder, events, charger },
    async open(request = REQUEST, response = RESPONSE) {
      const peer = await charger();
      peer.send(request);
      const csms = await server.accept();
      assert.equal((await csms.receive(request.length)).toString('latin1'), request);
      csms.send(response);
      assert.equal((await peer.receive(response.length)).toString('latin1'), response);
      peer.skip(response.length);
      csms.skip(request.length);
      return { charger: peer, csms };
    },
    async close() {
      for (const client of clients) client.socket.destroy();
      await server.close();
      await proxy.close();
    },
  };
}

/** Answers the first connection whose request is whole; gives the request. Connections without one are let go. */
export async function rawServerAnswer(
  server: RawServer,
  isWhole: (request: string) => boolean,
  answers: string[],
): Promise<string> {
  for (;;) {
    const peer = await server.accept();
    await peer.until(() => peer.ending !== null || isWhole(peer.received.toString('latin1')));
    if (peer.ending !== null && peer.received.length === 0) continue;
    for (const answer of answers) peer.send(answer);
    return peer.received.toString('latin1');
  }
}
