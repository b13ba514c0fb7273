import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frameBytes } from '../support/frame-bytes.ts';
import { rawServer } from '../support/raw-peer.ts';
import { REQUEST, RESPONSE, type TunnelBench, tunnelBench } from '../support/tunnel-bench.ts';

let bench: TunnelBench;
beforeEach(async () => {
  bench = await tunnelBench({ responseTimeoutMs: 50 });
});
afterEach(() => bench.close());

const ended = () => bench.recorder.until(({ connections }) => (connections[0]?.closedId ?? null) !== null);

describe('a handshake passes byte for byte', () => {
  it.each([
    [
      'a double slash, %20 and a query in the path',
      REQUEST.replace('/ocpp/CP1', '//ocpp//CP%201/?a=b&c'),
      '/ocpp',
      'CP 1',
    ],
    ['a raw space in the path', REQUEST.replace('/ocpp/CP1', '/ocpp/CP 1'), '/ocpp', 'CP 1'],
    ['an absolute URI', REQUEST.replace('/ocpp/CP1', 'ws://h:9000/ocpp/CP1'), '/ocpp', 'CP1'],
    ['LF line ends', REQUEST.replaceAll('\r\n', '\n'), '/ocpp', 'CP1'],
    ['a missing Connection: Upgrade', REQUEST.replace('Connection: Upgrade\r\n', ''), '/ocpp', 'CP1'],
    [
      'odd names, order and duplicates',
      `${REQUEST.slice(0, -2)}x-ODD:a\r\nX-odd:   b\r\nA: \r\n\r\n`,
      '/ocpp',
      'CP1',
    ],
    ['a list of subprotocols', REQUEST.replace('ocpp1.6', 'ocpp1.6, ocpp1.5,,"x"'), '/ocpp', 'CP1'],
    ['no subprotocol', REQUEST.replace('Sec-WebSocket-Protocol: ocpp1.6\r\n', ''), '/ocpp', 'CP1'],
    ['a blank line before the head', `\r\n${REQUEST}`, '/ocpp', 'CP1'],
    ['20 kB of head', `${REQUEST.slice(0, -2)}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`, '/ocpp', 'CP1'],
  ])('with %s', async (_, request, endpoint, identity) => {
    const { charger, csms } = await bench.open(request, RESPONSE.replace('\r\n', '\r\nX-b: 1\r\nx-B: 2\r\n'));
    expect(bench.recorder.sessions).toMatchObject([{ identity, endpoint }]);
    const [row] = bench.recorder.connections;
    expect(row).toMatchObject({
      kind: 'websocket',
      status: 101,
      subprotocol: 'ocpp1.6',
      requestHead: request,
    });
    expect(row?.responseHead).toContain('X-b: 1\r\nx-B: 2\r\n');
    expect([charger.received.length, csms.received.length]).toEqual([0, 0]);
  });

  it('head by head, one byte at a time', async () => {
    const charger = await bench.charger();
    for (const byte of REQUEST) charger.send(byte);
    const csms = await bench.server.accept();
    expect((await csms.receive(REQUEST.length)).toString('latin1')).toBe(REQUEST);
    for (const byte of RESPONSE) csms.send(byte);
    expect((await charger.receive(RESPONSE.length)).toString('latin1')).toBe(RESPONSE);
  });

  it.each([
    [
      '401 with a body',
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 4\r\n\r\n',
      'nope',
    ],
    ['404 chunked', 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n', '3\r\nabc\r\n0\r\n\r\n'],
    ['429', 'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\n\r\n', ''],
  ])('a refusal: %s', async (_, head, body) => {
    const { charger, csms } = await bench.open(REQUEST, head + body);
    csms.socket.end();
    expect(await charger.ended()).toBe('fin');
    charger.socket.end();
    await ended();
    const [row] = bench.recorder.connections;
    expect(row).toMatchObject({
      status: Number(head.slice(9, 12)),
      endedBy: 'csms',
      ending: 'fin',
      session: 1,
    });
    expect(Buffer.from(row?.refusalBody ?? []).toString()).toBe(body);
    expect(bench.recorder.frames).toEqual([]);
    expect(charger.received).toHaveLength(0);
  });

  it('a second handshake on the connection of a refused one, as a connection of its own', async () => {
    const refusal = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope';
    const { charger, csms } = await bench.open(REQUEST, refusal);
    charger.send(REQUEST);
    expect((await csms.receive(REQUEST.length)).toString('latin1')).toBe(REQUEST);
    csms.send(RESPONSE);
    expect((await charger.receive(RESPONSE.length)).toString('latin1')).toBe(RESPONSE);
    charger.send(frameBytes({ opcode: 1, payload: Buffer.from('[2,"1","Heartbeat",{}]') }));
    await bench.recorder.until((recorder) => recorder.frames.length === 1);
    expect(bench.recorder.frames[0]).toMatchObject({ connection: 2, action: 'Heartbeat' });
    const [first, second] = bench.recorder.connections;
    expect(first).toMatchObject({ status: 401, session: 1, endedBy: null });
    expect(Buffer.from(first?.refusalBody ?? []).toString()).toBe('nope');
    expect(first?.closedId).toBeLessThan(second?.openedId ?? 0);
    expect(second).toMatchObject({ status: 101, session: 1, closedId: null });
  });

  it('redacts credentials on record and passes them on', async () => {
    const request = REQUEST.replace(
      'Upgrade: websocket',
      'Authorization: Basic Q1AxOmNhbmFyeQ==\r\nUpgrade: websocket',
    );
    await bench.open(request);
    const text = JSON.stringify(bench.recorder.entries);
    expect(text).not.toContain('Q1AxOmNhbmFyeQ');
    expect(text).toContain('Authorization: Basic [redacted]');
  });
});

describe('a CSMS that does not answer', () => {
  it('is a 502 when it is down', async () => {
    const gone = await rawServer();
    await gone.close();
    const down = await tunnelBench({
      upstream: { server: { host: '127.0.0.1', port: gone.port, path: '' } },
    });
    const charger = await down.charger();
    charger.send(REQUEST);
    expect(await charger.ended()).toBe('fin');
    const answer = charger.received.toString();
    expect(answer).toMatch(
      /^HTTP\/1\.1 502 Bad Gateway\r\n(.+\r\n)+\r\nThe CSMS at .+ cannot be reached.+\n$/,
    );
    charger.socket.end();
    await down.recorder.until(({ connections }) => (connections[0]?.closedId ?? null) !== null);
    const [row] = down.recorder.connections;
    expect(row).toMatchObject({ status: 502, endedBy: 'chargetape', ending: 'refused', session: 1 });
    expect(`${row?.responseHead}${Buffer.from(row?.refusalBody ?? [])}`).toBe(answer);
    await down.close();
  });

  it('is a 504 when it stays silent', async () => {
    const charger = await bench.charger();
    charger.send(REQUEST);
    expect(await charger.ended()).toBe('fin');
    expect(charger.received.toString()).toMatch(/^HTTP\/1\.1 504 Gateway Timeout\r\n/);
    charger.socket.end();
    await ended();
    expect(bench.recorder.connections[0]).toMatchObject({
      status: 504,
      endedBy: 'chargetape',
      ending: 'timeout',
    });
  });

  it('is a FIN when it closes without an answer, and its half answer passes', async () => {
    const charger = await bench.charger();
    charger.send(REQUEST);
    const csms = await bench.server.accept();
    await csms.receive(REQUEST.length);
    csms.socket.end('HTTP/1.1 1');
    expect(await charger.ended()).toBe('fin');
    expect(charger.received.toString()).toBe('HTTP/1.1 1');
    charger.socket.end();
    await ended();
    expect(bench.recorder.connections[0]).toMatchObject({ status: null, endedBy: 'csms', ending: 'fin' });
  });

  it('is a reset when it resets', async () => {
    const charger = await bench.charger();
    charger.send(REQUEST);
    const csms = await bench.server.accept();
    await csms.receive(REQUEST.length);
    csms.socket.resetAndDestroy();
    expect(await charger.ended()).toBe('reset');
    await ended();
    expect(bench.recorder.connections[0]).toMatchObject({ status: null, endedBy: 'csms', ending: 'reset' });
  });

  it('learns at once that the charger is gone before it answered', async () => {
    const charger = await bench.charger();
    charger.send(REQUEST);
    const csms = await bench.server.accept();
    await csms.receive(REQUEST.length);
    charger.socket.resetAndDestroy();
    expect(await csms.ended()).toBe('reset');
    await ended();
    expect(bench.recorder.connections[0]).toMatchObject({
      status: null,
      endedBy: 'charger',
      ending: 'reset',
    });
  });

  it('passes bytes that are no HTTP answer as opaque ones', async () => {
    const charger = await bench.charger();
    charger.send(REQUEST);
    const csms = await bench.server.accept();
    await csms.receive(REQUEST.length);
    csms.send('SSH-2.0-OpenSSH\r\n');
    expect((await charger.receive(17)).toString()).toBe('SSH-2.0-OpenSSH\r\n');
    expect(bench.recorder.frames[0]).toMatchObject({ sender: 'csms', opcode: null });
  });
});

describe('a connection that is no handshake', () => {
  it.each([
    ['a TLS hello', Buffer.from('160301020001', 'hex')],
    ['a WebSocket frame', frameBytes({ opcode: 1, payload: Buffer.from('[2,"1","Heartbeat",{}]') })],
    ['a text that is no request line', Buffer.from('hello world\r\n')],
  ])('%s is recorded as it is and passed on', async (_, bytes) => {
    const charger = await bench.charger();
    charger.send(bytes);
    const csms = await bench.server.accept();
    expect(await csms.receive(bytes.length)).toEqual(bytes);
    csms.send('HTTP/1.1 400 Bad Request\r\n\r\n');
    csms.socket.end();
    expect(await charger.ended()).toBe('fin');
    charger.socket.end();
    await ended();
    expect(bench.recorder.connections[0]).toMatchObject({ kind: 'other', session: null, endedBy: 'csms' });
    expect(Buffer.from(bench.recorder.frames[0]?.payload ?? [])).toEqual(bytes);
    expect(bench.recorder.frames.map((frame) => frame.sender)).toEqual(['charger', 'csms']);
  });

  it('stays open and dials nobody while it is silent', async () => {
    const silent = await bench.charger();
    await bench.recorder.until((recorder) => recorder.connections.length === 1);
    const { charger } = await bench.open();
    expect([silent.ending, charger.ending]).toEqual([null, null]);
    silent.socket.end();
    expect(await silent.ended()).toBe('fin');
    await ended();
    expect(bench.recorder.connections[0]).toMatchObject({ kind: 'other', endedBy: 'charger', ending: 'fin' });
  });

  it('does not end the others when it is reset', async () => {
    const { charger, csms } = await bench.open();
    for (const bytes of ['', 'G', REQUEST.slice(0, 40)]) {
      const victim = await bench.charger();
      if (bytes) victim.send(bytes);
      await new Promise<void>((resolve) =>
        net.connect(bench.proxy.address.port).once('connect', resolve).unref(),
      );
      victim.socket.resetAndDestroy();
    }
    charger.send('\x89\x00');
    expect((await csms.receive(2)).toString('latin1')).toBe('\x89\x00');
  });
});
