import { describe, expect, it } from 'vitest';
import { isUpgrade, parseRequestHead, parseResponseHead } from '../../src/wire/head.ts';
import { HeadReader } from '../../src/wire/head-reader.ts';

const read = (kind: 'request' | 'response', text: string, step = text.length) => {
  const reader = new HeadReader(kind);
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += step) {
    const result = reader.push(bytes.subarray(at, at + step));
    if (result.kind !== 'more') return result;
  }
  return { kind: 'more' } as const;
};

describe('HeadReader', () => {
  it.each(['\r\n', '\n'])('ends a head at a blank line that ends in %j, and gives what follows', (end) => {
    const head = `GET /ü x HTTP/1.1${end}Host: h${end}${end}`;
    expect(read('request', `${head}\x81\x00`)).toMatchObject({
      kind: 'head',
      head,
      rest: Buffer.from([0x81, 0]),
    });
    expect(read('request', head, 1)).toMatchObject({
      kind: 'head',
      head,
      bytes: Buffer.from(head, 'latin1'),
    });
  });

  it.each(['\x16\x03\x01', '\x81\x85', '\x00', '{', 'hello\n', 'GET\x00', 'hello world\r\n', 'G'.repeat(65)])(
    'knows early that %j is no request',
    (text) => {
      expect(read('request', text, 1)).toMatchObject({ kind: 'not-http' });
      expect(read('request', text)).toEqual({ kind: 'not-http', bytes: Buffer.from(text, 'latin1') });
    },
  );

  it.each(['SSH-2.0', 'HTTQ', 'HTTP/x', '\x81'])('knows early that %j is no response', (text) => {
    expect(read('response', text, 1)).toMatchObject({ kind: 'not-http' });
  });

  it('gives up on a head of 64 kB', () => {
    const text = `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}`;
    expect(read('request', text, 1000)).toMatchObject({ kind: 'too-long' });
    expect(read('request', text.slice(0, 65_000), 1000)).toEqual({ kind: 'more' });
  });

  it('gives all bytes so far of a head that never ends', () => {
    const reader = new HeadReader('response');
    reader.push(Buffer.from('HTTP/1.1 2'));
    reader.push(Buffer.from('00 OK\r\nA'));
    expect(reader.pending().toString()).toBe('HTTP/1.1 200 OK\r\nA');
  });
});

describe('parseRequestHead', () => {
  it('keeps names, order and duplicates, and joins values by name in any case', () => {
    const head = parseRequestHead('GET /a HTTP/1.1\r\nX-b: 1\r\nHOST:h\r\nx-B:  2 \r\nY: a\r\n\tb\r\n\r\n');
    expect(head?.headers).toEqual([
      ['X-b', '1'],
      ['HOST', 'h'],
      ['x-B', '2'],
      ['Y', 'a b'],
    ]);
    expect([head?.get('x-b'), head?.get('host'), head?.get('none')]).toEqual(['1, 2', 'h', null]);
  });

  it.each([
    ['GET /ocpp/CP 1 HTTP/1.1', '/ocpp/CP 1'],
    ['GET  //a?b=c%20  HTTP/1.0', '//a?b=c%20'],
    ['GET ws://h/a HTTP/1.1', 'ws://h/a'],
  ])('reads the target of %j', (line, target) => {
    expect(parseRequestHead(`${line}\n\n`)?.target).toBe(target);
  });

  it('is null without a request line', () => {
    expect(parseRequestHead('hello\r\n\r\n')).toBe(null);
    expect(parseResponseHead('GET / HTTP/1.1\r\n\r\n')).toBe(null);
  });

  it('takes an Upgrade header or a key for an upgrade', () => {
    const isIt = (header: string) => {
      const head = parseRequestHead(`GET / HTTP/1.1\r\n${header}\r\n\r\n`);
      return head && isUpgrade(head);
    };
    expect(['upgrade: WebSocket', 'Sec-WebSocket-Key: x', 'Upgrade: h2c', 'Host: h'].map(isIt)).toEqual([
      ...[true, true, false, false],
    ]);
  });
});

describe('parseResponseHead', () => {
  it.each([
    ['HTTP/1.1 101 Switching Protocols', 101, 'Switching Protocols'],
    ['HTTP/1.0 404', 404, ''],
  ])('reads %j', (line, status, reason) => {
    expect(parseResponseHead(`${line}\r\n\r\n`)).toMatchObject({ status, reason });
  });
});
