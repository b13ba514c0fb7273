import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  REQUEST,
  RESPONSE,
  rawServerAnswer,
  type TunnelBench,
  tunnelBench,
} from '../support/tunnel-bench.ts';

const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));

let bench: TunnelBench;
beforeEach(async () => {
  bench = await tunnelBench({ responseTimeoutMs: 50 });
});
afterEach(() => bench.close());

const ended = () => bench.recorder.until(({ connections }) => (connections[0]?.closedId ?? null) !== null);

describe('ordinary HTTP on the port of the chargers', () => {
  it('reaches the CSMS with names, order and duplicates, and its answer comes back with Connection: close', async () => {
    const charger = await bench.charger();
    const asked =
      'POST /health//x?y=%20 HTTP/1.1\r\nhOST: h\r\nX-a: 1\r\nx-A: 2\r\nContent-Length: 5\r\n\r\nhello';
    const answer = rawServerAnswer(bench.server, (head) => head.endsWith('hello'), [
      'HTTP/1.1 200 Fine\r\nX-Id: 7\r\nx-id: 8\r\nContent-Length: 2\r\n\r\nok',
    ]);
    charger.send(asked);
    const request = await answer;
    expect(await charger.ended()).toBe('fin');
    charger.socket.end();
    expect(request.split('\r\n').slice(0, 4)).toEqual([
      'POST /health//x?y=%20 HTTP/1.1',
      'hOST: h',
      'X-a: 1',
      'X-a: 2',
    ]);
    const got = charger.received.toString();
    expect(got).toMatch(/^HTTP\/1\.1 200 Fine\r\nX-Id: 7\r\nX-Id: 8\r\nContent-Length: 2\r\n/);
    expect(got).toMatch(/\r\nConnection: close\r\n/i);
    expect(got.endsWith('\r\n\r\nok')).toBe(true);
    await ended();
    expect(bench.recorder.connections).toMatchObject([
      { kind: 'http', session: null, status: 200, endedBy: 'csms' },
    ]);
    expect(bench.recorder.frames).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('is a 504 from a CSMS that stays silent, and the chargers stay connected', async () => {
    const { charger, csms } = await bench.open();
    const browser = await bench.charger();
    browser.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await browser.ended()).toBe('fin');
    expect(browser.received.toString()).toMatch(/^HTTP\/1\.1 504 /);
    charger.send('\x89\x00');
    await csms.receive(2);
  });

  it('is a 502 from a CSMS that answers with an upgrade nobody asked for', async () => {
    const browser = await bench.charger();
    const answer = rawServerAnswer(bench.server, (head) => head.endsWith('\r\n\r\n'), [RESPONSE]);
    browser.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await answer;
    expect(await browser.ended()).toBe('fin');
    expect(browser.received.toString()).toMatch(/^HTTP\/1\.1 502 /);
    browser.socket.end();
    await ended();
    expect(bench.recorder.connections[0]).toMatchObject({ status: 502, endedBy: 'chargetape' });
  });

  it('does not disturb anyone when it is cut off', async () => {
    const { charger, csms } = await bench.open(REQUEST);
    const browser = await bench.charger();
    browser.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await bench.recorder.until(({ connections }) => connections[1]?.kind === 'http');
    browser.socket.resetAndDestroy();
    await bench.recorder.until(({ connections }) => (connections[1]?.closedId ?? null) !== null);
    charger.send('\x89\x00');
    await csms.receive(2);
  });
});
