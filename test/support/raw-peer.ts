import net from 'node:net';
import tls from 'node:tls';

/** One end of a TCP connection as a test sees it: every byte that came, and how the stream ended. */
export class RawPeer {
  readonly socket: net.Socket;
  /** The TCP socket under it, the same without TLS. */
  readonly raw: net.Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  #watchers: (() => void)[] = [];
  /** How the other side ended: a FIN, a reset, or not yet. */
  ending: 'fin' | 'reset' | null = null;
  isClosed = false;

  constructor(socket: net.Socket, raw: net.Socket = socket) {
    this.socket = socket;
    this.raw = raw;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#notify();
    });
    socket.on('end', () => this.#end('fin'));
    socket.on('error', () => this.#end('reset'));
    socket.on('close', () => {
      this.isClosed = true;
      this.#notify();
    });
  }

  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  /** Forgets the first bytes of what came. */
  skip(length: number): void {
    this.#chunks = [this.received.subarray(length)];
    this.#length -= length;
  }

  /** Ends the TCP connection with a reset, whatever stands on it. */
  reset(): void {
    this.raw.resetAndDestroy();
  }

  send(bytes: Buffer | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Resolves when `length` bytes have come; rejects when the stream ends before. */
  async receive(length: number): Promise<Buffer> {
    await this.until(() => this.#length >= length || this.ending !== null);
    if (this.#length < length) throw new Error(`${this.#length} of ${length} bytes, then ${this.ending}`);
    return this.received;
  }

  /** Resolves when the blank line of a head has come, with that head. */
  async receiveHead(): Promise<string> {
    await this.until(() => this.received.includes('\r\n\r\n') || this.received.includes('\n\n'));
    return this.received.toString('latin1');
  }

  /** Resolves when the other side has ended, with how. */
  async ended(): Promise<'fin' | 'reset' | null> {
    await this.until(() => this.ending !== null);
    return this.ending;
  }

  async closed(): Promise<void> {
    await this.until(() => this.isClosed);
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#watchers = this.#watchers.filter((watcher) => watcher !== check);
        resolve();
      };
      this.#watchers.push(check);
      check();
    });
  }

  #end(how: 'fin' | 'reset'): void {
    this.ending ??= how;
    this.#notify();
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** A raw server that hands out the connections it gets, in order. */
export interface RawServer {
  port: number;
  accept(): Promise<RawPeer>;
  close(): Promise<void>;
}

/** Listens on a free port of loopback, for TLS if options for it are given. */
export async function rawServer(secured?: tls.TLSSocketOptions): Promise<RawServer> {
  const waiting: ((peer: RawPeer) => void)[] = [];
  const arrived: RawPeer[] = [];
  const all = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    all.add(socket);
    const peer = secured
      ? new RawPeer(new tls.TLSSocket(socket, { ...secured, isServer: true }), socket)
      : new RawPeer(socket);
    const next = waiting.shift();
    if (next) next(peer);
    else arrived.push(peer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    accept() {
      const peer = arrived.shift();
      return peer ? Promise.resolve(peer) : new Promise((resolve) => waiting.push(resolve));
    },
    close() {
      for (const socket of all) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Connects to a port of loopback, with TLS if options for it are given. */
export async function rawClient(port: number, secured?: tls.ConnectionOptions): Promise<RawPeer> {
  const raw = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  await new Promise<void>((resolve, reject) => raw.once('connect', resolve).once('error', reject));
  if (!secured) return new RawPeer(raw);
  const socket = tls.connect({ socket: raw, ...secured });
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return new RawPeer(socket, raw);
}
