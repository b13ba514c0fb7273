import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frameBytes } from '../support/frame-bytes.ts';
import { REQUEST, RESPONSE, type TunnelBench, tunnelBench } from '../support/tunnel-bench.ts';

const heartbeat = frameBytes({ opcode: 1, payload: Buffer.from('[2,"1","Heartbeat",{}]') });

let bench: TunnelBench;
beforeEach(async () => {
  bench = await tunnelBench();
});
afterEach(() => bench.close());

describe('nothing is on the wire before it is on record', () => {
  it('a frame waits for its acknowledgement, while the bytes of one that is not whole go on', async () => {
    const { charger, csms } = await bench.open();
    bench.recorder.hold();
    const last = heartbeat.length - 1;
    charger.send(heartbeat.subarray(0, last));
    await csms.receive(last);
    charger.send(heartbeat.subarray(last));
    await bench.recorder.until((recorder) => recorder.frames.length === 1);
    // A second connection's bytes made the whole way meanwhile: what was held had its chance to get out.
    const witness = await bench.charger();
    witness.send('\x16');
    await bench.recorder.until((recorder) => recorder.frames.length === 2);
    expect(csms.received).toHaveLength(last);
    bench.recorder.release();
    expect(await csms.receive(heartbeat.length)).toEqual(heartbeat);
  });

  it('a FIN and later bytes wait behind a frame in the same direction, not in the other', async () => {
    const { charger, csms } = await bench.open();
    bench.recorder.hold();
    charger.send(Buffer.concat([heartbeat, heartbeat.subarray(0, 3)]));
    charger.socket.end();
    await bench.recorder.until((recorder) => recorder.frames.length === 2);
    csms.send(heartbeat.subarray(0, 5));
    expect(await charger.receive(5)).toEqual(heartbeat.subarray(0, 5));
    expect([csms.received.length, csms.ending]).toEqual([0, null]);
    bench.recorder.release();
    expect(await csms.ended()).toBe('fin');
    expect(csms.received).toHaveLength(heartbeat.length + 3);
  });

  it('both heads wait', async () => {
    bench.recorder.hold();
    const charger = await bench.charger();
    charger.send(REQUEST);
    const csms = await bench.server.accept();
    await bench.recorder.until(({ connections }) => connections[0]?.kind === 'websocket');
    expect(csms.received).toHaveLength(0);
    bench.recorder.release();
    await csms.receive(REQUEST.length);
    bench.recorder.hold();
    csms.send(RESPONSE);
    await bench.recorder.until(({ connections }) => connections[0]?.status === 101);
    expect(charger.received).toHaveLength(0);
    bench.recorder.release();
    await charger.receive(RESPONSE.length);
  });

  it('a reset waits, and the frame before it arrives', async () => {
    const { charger, csms } = await bench.open();
    bench.recorder.hold();
    charger.send(heartbeat);
    await bench.recorder.until((recorder) => recorder.frames.length === 1);
    charger.socket.resetAndDestroy();
    await charger.closed();
    expect(csms.ending).toBe(null);
    bench.recorder.release();
    expect(await csms.ended()).toBe('reset');
    expect(csms.received).toEqual(heartbeat);
  });
});
