import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { listenOn } from '../../src/wire/listen.ts';
import { unbuffered } from '../../src/wire/unbuffered.ts';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Both ends of a connection, the server's taken over; `accepted` is the socket that Node made for it. */
async function connection(prepare: (server: net.Server) => void = () => {}) {
  const server = net.createServer({ allowHalfOpen: true });
  servers.push(server);
  prepare(server);
  const taken = new Promise<{ accepted: net.Socket; socket: net.Socket }>((resolve) => {
    server.once('connection', (accepted) => resolve({ accepted, socket: unbuffered(accepted) }));
  });
  const { port } = await listenOn(server, { host: '127.0.0.1', port: 0 });
  const peer = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  return { server, peer, ...(await taken) };
}

/** All bytes until the end of what a socket says. */
async function said(socket: net.Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  await once(socket, 'end');
  return text;
}

describe('an accepted connection that is read unbuffered', () => {
  test('is another socket with the same ends, and passes bytes and FIN both ways', async () => {
    const { peer, accepted, socket } = await connection();
    expect(socket).not.toBe(accepted);
    expect(socket.remotePort).toBe(peer.localPort);
    const [heard, answered] = [said(socket), said(peer)];
    peer.end('from the peer');
    expect(await heard).toBe('from the peer');
    const closed = once(socket, 'close');
    socket.end('to the peer');
    expect(await answered).toBe('to the peer');
    await closed;
  });

  test('holds the sender back while it is paused, and keeps every byte', async () => {
    const { peer, socket } = await connection();
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (socket.isPaused()) return;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    const sent = Buffer.alloc(8 << 20, 'x');
    expect(peer.write(sent)).toBe(false);
    peer.end();
    await once(socket, 'end');
    expect(bytes).toBe(sent.length);
    socket.end();
  });

  test('counts among the connections of its server until it is closed', async () => {
    const { server, peer, socket } = await connection((server) => {
      server.maxConnections = 1;
    });
    const { port } = server.address() as net.AddressInfo;
    const refused = once(server, 'drop');
    const second = net.connect(port, '127.0.0.1').on('error', () => {});
    await refused;
    second.destroy();
    peer.destroy();
    await once(socket.destroy(), 'close');
    const welcomed = once(server, 'connection');
    const third = net.connect(port, '127.0.0.1');
    const [other] = (await welcomed) as [net.Socket];
    other.destroy();
    third.destroy();
  });
});
