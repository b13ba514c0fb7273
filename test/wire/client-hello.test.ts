import net from 'node:net';
import tls from 'node:tls';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readClientHello } from '../../src/wire/client-hello.ts';

/** The first bytes that Node's own client sends. */
async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', ...options }).on('error', () => {});
  const bytes = await new Promise<Buffer>((resolve) =>
    server.once('connection', (socket) => socket.on('error', () => {}).once('data', resolve)),
  );
  client.destroy();
  server.close();
  return bytes;
}

/** The same handshake bytes in records of at most this many bytes. */
function inRecordsOf(hello: Buffer, size: number): Buffer {
  const body = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    records.push(Buffer.from([0x16, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

let named: Buffer;
let nameless: Buffer;
beforeAll(async () => {
  [named, nameless] = await Promise.all([
    helloOf({ servername: 'CSMS.example' }),
    helloOf({ maxVersion: 'TLSv1.2' }),
  ]);
});

describe('readClientHello', () => {
  it('reads the server name of TLS 1.3 and 1.2, and that there is none', () => {
    expect(readClientHello(named)).toEqual({ kind: 'hello', serverName: 'csms.example' });
    expect(readClientHello(nameless)).toEqual({ kind: 'hello', serverName: null });
  });

  it('wants more until the last byte, in one record or in many', () => {
    for (const hello of [named, inRecordsOf(named, 1), inRecordsOf(named, 100)]) {
      for (let length = 0; length < hello.length; length += 7) {
        expect(readClientHello(hello.subarray(0, length))).toEqual({ kind: 'more' });
      }
      expect(readClientHello(hello)).toEqual({ kind: 'hello', serverName: 'csms.example' });
    }
  });

  it.each([
    'GET / HTTP/1.1\r\n',
    'PROXY TCP4',
    '\x15\x03\x01',
    '\x16\x02',
    '\x16\x03\x01\x00\x04\x02\x00\x00\x00',
  ])('tells %j from TLS at once', (text) => {
    expect(readClientHello(Buffer.from(text, 'latin1'))).toEqual({ kind: 'other' });
  });

  it('does not throw, nor wait for more than 16 kB, whatever comes', () => {
    const mutated = fc.tuple(fc.nat(), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(named);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array()), (bytes) => {
        expect(readClientHello(Buffer.from(bytes)).kind).toMatch(/^(hello|other|more)$/);
      }),
      { numRuns: 1000 },
    );
    const empty = Buffer.concat(Array(5_000).fill(Buffer.from([0x16, 3, 1, 0, 0])));
    expect(readClientHello(empty)).toEqual({ kind: 'other' });
  });
});
