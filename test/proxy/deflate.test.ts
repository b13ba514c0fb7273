import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { startProxy } from '../../src/proxy/proxy.ts';
import { FrameFlag } from '../../src/session/frame.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import { MemoryRecorder } from '../support/memory-recorder.ts';
import { REQUEST, RESPONSE, type TunnelBench, tunnelBench } from '../support/tunnel-bench.ts';

const OFFER = REQUEST.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n');
const ACCEPT = RESPONSE.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n');

function compressed(text: string): Buffer {
  const payload = deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4);
  return frameBytes({ opcode: 1, rsv: 4, payload });
}

let bench: TunnelBench;
beforeEach(async () => {
  bench = await tunnelBench();
});
afterEach(() => bench.close());

describe('permessage-deflate', () => {
  it('is negotiated end to end between real peers and recorded inflated, with context takeover', async () => {
    const server = new WebSocketServer({ port: 0, perMessageDeflate: { threshold: 0 } });
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(data.toString())));
    await new Promise((resolve) => server.once('listening', resolve));
    const recorder = new MemoryRecorder();
    const { port } = server.address() as { port: number };
    const upstream = { server: { host: '127.0.0.1', port, path: '' } };
    const proxy = await startProxy({ listen: { host: '127.0.0.1', port: 0 }, upstream, recorder });
    const url = `ws://127.0.0.1:${proxy.address.port}/CP1`;
    const client = new WebSocket(url, ['ocpp1.6'], { perMessageDeflate: { threshold: 0 } });
    const sent = Array.from(
      { length: 20 },
      (_, i) => `[2,"${i}","Heartbeat",{"pad":"${'x'.repeat(i * 100)}"}]`,
    );
    const echoed: string[] = [];
    await new Promise<void>((resolve) => {
      client.on('open', () => {
        for (const text of sent) client.send(text);
      });
      client.on('message', (data) => {
        if (echoed.push(data.toString()) === sent.length) resolve();
      });
    });
    expect(echoed).toEqual(sent);
    for (const sender of ['charger', 'csms']) {
      const frames = recorder.frames.filter((frame) => frame.sender === sender);
      expect(frames.map((frame) => Buffer.from(frame.payload).toString())).toEqual(sent);
      expect(frames.every((frame) => (frame.flags & FrameFlag.deflated) !== 0)).toBe(true);
    }
    expect(recorder.connections[0]?.extensions).toMatch(/permessage-deflate/);
    client.terminate();
    await proxy.close();
    server.close();
  });

  it('passes and records bytes that cannot be inflated, and inflates those after them', async () => {
    const { charger, csms } = await bench.open(OFFER, ACCEPT);
    const bad = frameBytes({ opcode: 1, rsv: 4, payload: Buffer.alloc(40, 0xff) });
    const bytes = Buffer.concat([
      bad,
      compressed('[2,"1","Heartbeat",{}]'),
      frameBytes({ opcode: 9, payload: bad }),
    ]);
    charger.send(bytes);
    expect(await csms.receive(bytes.length)).toEqual(bytes);
    const { deflated, notInflated } = FrameFlag;
    expect(bench.recorder.frames.map(({ opcode, flags }) => [opcode, flags])).toEqual([
      [1, deflated | notInflated],
      [1, deflated],
      [9, 0],
    ]);
    expect(bench.recorder.frames[1]).toMatchObject({ action: 'Heartbeat', messageId: '1' });
  });

  it('keeps bytes, frames and FIN in order while a message is being inflated', async () => {
    const { charger, csms } = await bench.open(OFFER, ACCEPT);
    const big = compressed(`[2,"1","DataTransfer",{"data":"${'abc'.repeat(300_000)}"}]`);
    const plain = frameBytes({ opcode: 1, payload: Buffer.from('[2,"2","Heartbeat",{}]') });
    charger.send(big);
    charger.send(plain);
    charger.send(compressed('[2,"3","Heartbeat",{}]'));
    charger.socket.end();
    expect(await csms.ended()).toBe('fin');
    expect(csms.received).toEqual(Buffer.concat([big, plain, compressed('[2,"3","Heartbeat",{}]')]));
    expect(bench.recorder.frames.map((frame) => frame.messageId)).toEqual(['1', '2', '3']);
  });
});
