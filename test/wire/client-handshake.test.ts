import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWebSocket } from '../../src/wire/client-handshake.ts';
import { acceptOf, requestHeadFor } from '../../src/wire/request-head.ts';
import { type RawServer, rawServer } from '../support/raw-peer.ts';

const RECORDED = [
  'GET /old/CP1 HTTP/1.1',
  'hOST:  csms.example:80',
  'X-Vendor: a',
  'Authorization: Basic [redacted]',
  'sec-websocket-KEY: b2xkIGtleSBvbGQga2V5IQ==',
  'Upgrade: websocket',
  'X-Vendor: b',
  '',
  '',
].join('\r\n');

describe('requestHeadFor', () => {
  it('replaces target, host and key, leaves out what was redacted, and keeps the rest as it is', () => {
    const url = { host: '::1', port: 9000, path: '' };
    expect(requestHeadFor(RECORDED, url, '/new/CP 1?x', 'KEY')).toBe(
      'GET /new/CP 1?x HTTP/1.1\r\nhOST:  [::1]:9000\r\nX-Vendor: a\r\nsec-websocket-KEY: KEY\r\n' +
        'Upgrade: websocket\r\nX-Vendor: b\r\n\r\n',
    );
  });

  it('keeps LF line ends, and drops the folded rest of a redacted header', () => {
    const recorded = 'GET / HTTP/1.1\nCookie: [redacted]\n and more\nA: b\n\n';
    expect(requestHeadFor(recorded, { host: 'h', port: 80, path: '' }, '/x')).toBe(
      'GET /x HTTP/1.1\nA: b\n\n',
    );
  });

  it('makes a plain head where none was recorded', () => {
    const head = requestHeadFor('', { host: 'h', port: 80, path: '' }, '/CP1', 'KEY');
    expect(head).toMatch(
      /^GET \/CP1 HTTP\/1\.1\r\nHost: h\r\n[\s\S]*Sec-WebSocket-Key: KEY\r\n[\s\S]*\r\n\r\n$/,
    );
  });
});

describe('openWebSocket', () => {
  let server: RawServer;
  beforeEach(async () => {
    server = await rawServer();
  });
  afterEach(() => server.close());

  const open = (options = {}) => {
    const url = { host: '127.0.0.1', port: server.port, path: '' };
    return openWebSocket({ url, target: '/CP1', requestHead: RECORDED, ...options });
  };

  it('gives the socket, what was chosen, and the bytes glued to the head', async () => {
    const opening = open();
    const csms = await server.accept();
    const request = await csms.receiveHead();
    const key = /sec-websocket-KEY: (.+)\r/.exec(request)?.[1] ?? '';
    const head = `HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n`;
    csms.send(`${head}\x89\x00`);
    const result = await opening;
    expect(result).toMatchObject({ kind: 'open', status: 101, subprotocol: 'ocpp1.6', extensions: null });
    if (result.kind !== 'open') throw new Error(result.kind);
    expect(result).toMatchObject({ requestHead: request, responseHead: head, keyAccepted: true });
    expect(result.rest).toEqual(Buffer.from([0x89, 0]));
    csms.send('more');
    result.socket.resume();
    const chunk = await new Promise((resolve) => result.socket.once('data', resolve));
    expect(chunk).toEqual(Buffer.from('more'));
    result.socket.destroy();
  });

  it.each([
    ['with a length', 'Content-Length: 4\r\n\r\nnope', 'nope'],
    ['chunked', 'Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n', '2\r\nab\r\n0\r\n\r\n'],
  ])('gives a refusal %s without waiting for its FIN', async (_, rest, body) => {
    const opening = open();
    const csms = await server.accept();
    await csms.receiveHead();
    csms.send(`HTTP/1.1 401 No\r\n${rest}`);
    const result = await opening;
    expect(result).toMatchObject({ kind: 'refusal', status: 401 });
    expect(result.kind === 'refusal' && result.body.toString()).toBe(body);
  });

  it('gives a refusal that ends with a FIN', async () => {
    const opening = open();
    const csms = await server.accept();
    await csms.receiveHead();
    csms.socket.end('HTTP/1.1 503 Busy\r\n\r\nlater');
    expect(await opening).toMatchObject({ kind: 'refusal', status: 503, body: Buffer.from('later') });
  });

  it('tells refused, silent, closed, reset, no HTTP and stopped apart', async () => {
    const reasons: string[] = [];
    const collect = async (opening: ReturnType<typeof open>) => {
      const result = await opening;
      reasons.push(result.kind === 'failure' ? result.reason : result.kind);
    };
    const silent = open({ responseTimeoutMs: 20 });
    await (await server.accept()).receiveHead();
    await collect(silent);
    for (const act of ['close', 'reset', 'garbage', 'stop']) {
      const stop = new AbortController();
      const opening = open({ signal: stop.signal });
      const csms = await server.accept();
      await csms.receiveHead();
      if (act === 'close') csms.socket.end();
      else if (act === 'reset') csms.socket.resetAndDestroy();
      else if (act === 'garbage') csms.send('garbage');
      else stop.abort();
      await collect(opening);
    }
    const gone = await rawServer();
    await gone.close();
    await collect(open({ url: { host: '127.0.0.1', port: gone.port, path: '' } }));
    expect(reasons).toEqual(['timeout', 'closed', 'reset', 'no-http', 'aborted', 'refused']);
  });
});
