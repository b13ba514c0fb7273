import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrameFlag } from '../../src/session/frame.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import { TRANSPORT_QUIRKS } from '../support/transport-quirks.ts';
import { REQUEST, RESPONSE, type TunnelBench, tunnelBench } from '../support/tunnel-bench.ts';

type Id = keyof typeof TRANSPORT_QUIRKS;

let bench: TunnelBench;
beforeEach(async () => {
  bench = await tunnelBench();
});
afterEach(() => bench.close());

const MASK = Buffer.from([1, 2, 3, 4]);
const text = (payload: string, rsv = 0) =>
  frameBytes({ opcode: 1, payload: Buffer.from(payload), mask: MASK, rsv });
const HEARTBEAT = '[2,"1","Heartbeat",{}]';

/** The charger's bytes reach the CSMS, and they are all that does. */
async function passes(bytes: Buffer, request = REQUEST, response = RESPONSE): Promise<void> {
  const { charger, csms } = await bench.open(request, response);
  charger.send(bytes);
  expect(await csms.receive(bytes.length)).toEqual(bytes);
}

const identityOf = () => bench.recorder.sessions[0]?.identity;
const frames = () => bench.recorder.frames;
const over = (index = 0) =>
  bench.recorder.until(({ connections }) => (connections[index]?.closedId ?? null) !== null);

/** Through raw sockets, for each quirk. */
const CASES: Record<Id, () => Promise<void>> = {
  async T1() {
    const request = REQUEST.replace('Sec-WebSocket-Protocol: ocpp1.6\r\n', '');
    const response = RESPONSE.replace('Sec-WebSocket-Protocol: ocpp1.6\r\n', '');
    await passes(text(HEARTBEAT), request, response);
    expect(bench.recorder.connections[0]).toMatchObject({ subprotocol: null, offeredSubprotocols: null });
  },
  async T2() {
    await passes(text(HEARTBEAT), REQUEST.replace('Connection: Upgrade\r\n', ''));
    expect(bench.recorder.connections[0]).toMatchObject({ kind: 'websocket', status: 101 });
  },
  async T3() {
    const hello = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
    for (const bytes of [text(HEARTBEAT), hello]) {
      const charger = await bench.charger();
      charger.send(bytes);
      const csms = await bench.server.accept();
      expect(await csms.receive(bytes.length)).toEqual(bytes);
    }
    expect(bench.recorder.connections).toMatchObject([
      { kind: 'other', session: null },
      { kind: 'other', session: null },
    ]);
    expect(frames().every(({ flags }) => flags & FrameFlag.opaque)).toBe(true);
  },
  async T4() {
    await passes(text(HEARTBEAT), REQUEST.replace('/ocpp/CP1', '/ocpp//EVB-P1/'));
    expect(bench.recorder.sessions).toMatchObject([{ identity: 'EVB-P1', endpoint: '/ocpp' }]);
  },
  async T5() {
    await passes(text(HEARTBEAT), REQUEST.replace('/ocpp/CP1', 'ws://csms.example:80/ocpp/CP1'));
    expect(bench.recorder.sessions).toMatchObject([{ identity: 'CP1', endpoint: '/ocpp' }]);
  },
  async T6() {
    await passes(text(HEARTBEAT, 4));
    await bench.recorder.until(() => frames().length === 1);
    expect(frames()[0]!.flags & FrameFlag.reservedBits).not.toBe(0);
  },
  async T7() {
    for (const how of ['fin', 'reset'] as const) {
      const { charger, csms } = await bench.open();
      if (how === 'fin') charger.socket.end();
      else charger.reset();
      expect(await csms.ended()).toBe(how);
      csms.socket.end();
    }
    await over(0);
    await over(1);
    expect(bench.recorder.connections).toMatchObject([
      { endedBy: 'charger', ending: 'fin' },
      { endedBy: 'charger', ending: 'reset' },
    ]);
  },
  async T8() {
    const refusal = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n';
    for (let attempt = 0; attempt < 3; attempt++) {
      const { charger, csms } = await bench.open(REQUEST, refusal);
      csms.socket.end();
      await charger.ended();
    }
    await bench.open();
    expect(identityOf()).toBe('CP1');
    expect(bench.recorder.connections.map(({ status, session }) => [status, session])).toEqual([
      [404, 1],
      [404, 1],
      [404, 1],
      [101, 1],
    ]);
  },
  async T9() {
    const { charger, csms } = await bench.open();
    const ping = frameBytes({ opcode: 9, payload: Buffer.from('csms') });
    const marker = frameBytes({ opcode: 1, payload: Buffer.from('[3,"1",{}]') });
    csms.send(ping);
    csms.send(marker);
    expect(await charger.receive(ping.length + marker.length)).toEqual(Buffer.concat([ping, marker]));
    charger.send(text(HEARTBEAT));
    expect(await csms.receive(text(HEARTBEAT).length)).toEqual(text(HEARTBEAT));
    expect(frames().filter(({ opcode }) => opcode === 10)).toEqual([]);
  },
  async T10() {
    const charger = await bench.charger();
    charger.socket.end();
    await over();
    expect(bench.recorder.connections).toMatchObject([{ kind: 'other', session: null }]);
    expect(frames()).toEqual([]);
  },
  async T11() {
    await passes(Buffer.concat([text(''), text(HEARTBEAT)]));
    await bench.recorder.until(() => frames().length === 2);
    expect(frames().map(({ messageType }) => messageType)).toEqual(['malformed', 'call']);
  },
};

describe('each quirk of transport passes, and is on record as it was', () => {
  it.each(Object.entries(TRANSPORT_QUIRKS))('%s: $what', (id) => CASES[id as Id]());
});
