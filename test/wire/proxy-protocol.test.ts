import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proxyHeader, readProxyHeader } from '../../src/wire/proxy-protocol.ts';

const peers = (source: string, destination: string) => ({
  source: { host: source, port: 56324 },
  destination: { host: destination, port: 443 },
});

/** Bytes of version 2 as proxy-protocol.txt lays them out, written by hand. */
const V2_TCP4 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0a80001c0a8000bdc0401bb', 'hex');

describe('PROXY protocol', () => {
  it('writes and reads version 1 as its specification shows it', () => {
    const text = 'PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n';
    const both = peers('192.168.0.1', '192.168.0.11');
    expect(proxyHeader(1, both).toString()).toBe(text);
    expect(readProxyHeader(Buffer.from(`${text}GET /`))).toEqual({
      kind: 'header',
      length: text.length,
      peers: both,
    });
  });

  it('writes and reads version 2 as its specification shows it', () => {
    const both = peers('192.168.0.1', '192.168.0.11');
    expect(proxyHeader(2, both)).toEqual(V2_TCP4);
    expect(readProxyHeader(V2_TCP4)).toEqual({ kind: 'header', length: 28, peers: both });
  });

  it('skips the extensions of version 2', () => {
    const long = Buffer.concat([V2_TCP4, Buffer.from([4, 0, 2, 1, 1])]);
    long.writeUInt16BE(17, 14);
    expect(readProxyHeader(long)).toMatchObject({ kind: 'header', length: 33 });
  });

  it.each([1, 2] as const)('reads what it writes in version %i, whatever the addresses', (version) => {
    const pair = (address: fc.Arbitrary<string>) =>
      fc.tuple(address, address, fc.nat(65_535), fc.nat(65_535));
    fc.assert(
      fc.property(fc.oneof(pair(fc.ipV4()), pair(fc.ipV6())), ([from, to, fromPort, toPort]) => {
        const normal = (host: string) =>
          host.includes(':') ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host;
        const source = { host: from, port: fromPort };
        const destination = { host: to, port: toPort };
        const header = readProxyHeader(proxyHeader(version, { source, destination }));
        if (header.kind !== 'header' || header.peers === null) throw new Error(header.kind);
        expect(normal(header.peers.source.host)).toBe(normal(from));
        expect(normal(header.peers.destination.host)).toBe(normal(to));
        expect([header.peers.source.port, header.peers.destination.port]).toEqual([fromPort, toPort]);
      }),
    );
  });

  it('tells unknown peers, its own checks and mixed families as unknown', () => {
    for (const version of [1, 2] as const) {
      for (const unknown of [null, peers('10.0.0.1', '::1'), peers('name', 'name')]) {
        expect(readProxyHeader(proxyHeader(version, unknown))).toMatchObject({ kind: 'header', peers: null });
      }
    }
    expect(readProxyHeader(Buffer.from('PROXY UNKNOWN ff ff 1 1\r\n'))).toMatchObject({ peers: null });
  });

  it('wants more of what may become a header, and tells the rest from one', () => {
    for (const whole of [proxyHeader(1, peers('::1', '::2')), V2_TCP4]) {
      for (let length = 0; length < whole.length; length++) {
        expect(readProxyHeader(whole.subarray(0, length)).kind).toBe('more');
      }
    }
    for (const text of [
      'GET / HTTP/1.1',
      '\x16\x03\x01',
      'PROXY TCP4 a b 1 2\r\n',
      `PROXY ${'x'.repeat(120)}`,
    ]) {
      expect(readProxyHeader(Buffer.from(text, 'latin1'))).toEqual({ kind: 'none' });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readProxyHeader(Buffer.from(bytes))),
    );
  });
});
