import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Observer } from '../../src/session/observe.ts';
import { WebSocketDecoder } from '../../src/wire/websocket-decoder.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import { REQUEST, type TunnelBench, tunnelBench } from '../support/tunnel-bench.ts';

const heartbeat = (id: string) =>
  frameBytes({ opcode: 1, payload: Buffer.from(`[2,"${id}","Heartbeat",{}]`) });

let bench: TunnelBench;
beforeEach(async () => {
  bench = await tunnelBench();
});
const undo: (() => void)[] = [];
afterEach(async () => {
  for (const restore of undo.splice(0)) restore();
  await bench.close();
});

/** Puts a method in the place of another, as a program loaded from outside could. */
function replace<T extends object, K extends keyof T>(object: T, name: K, method: T[K]): void {
  const original = object[name];
  object[name] = method;
  undo.push(() => {
    object[name] = original;
  });
}

describe('a fault of the tap', () => {
  it('in reading a message becomes a gap; the traffic and the other frames go on', async () => {
    const { charger, csms } = await bench.open();
    const row = Observer.prototype.row;
    replace(Observer.prototype, 'row', function (this: Observer, base) {
      if (Buffer.from(base.payload).includes('bad')) throw new Error('planted');
      return row.call(this, base);
    });
    const bytes = Buffer.concat(['1', 'bad', '3'].map(heartbeat));
    charger.send(bytes);
    expect(await csms.receive(bytes.length)).toEqual(bytes);
    expect(bench.recorder.frames.map((frame) => frame.messageId)).toEqual(['1', '3']);
    const [gap] = bench.recorder.gaps;
    expect(gap).toMatchObject({ connection: 1, frames: 1, bytes: heartbeat('bad').length });
    expect(gap?.reason).toContain('planted');
  });

  it('in the decoder turns that direction off, and every byte of it is counted', async () => {
    const { charger, csms } = await bench.open();
    replace(WebSocketDecoder.prototype, 'push', () => {
      throw new Error('planted');
    });
    charger.send(heartbeat('1'));
    await csms.receive(heartbeat('1').length);
    for (const restore of undo.splice(0)) restore();
    charger.send(heartbeat('2'));
    await csms.receive(2 * heartbeat('1').length);
    csms.send(heartbeat('3'));
    await charger.receive(heartbeat('3').length);
    charger.socket.resetAndDestroy();
    await bench.recorder.until(({ connections }) => (connections[0]?.closedId ?? null) !== null);
    expect(bench.recorder.frames.map((frame) => frame.messageId)).toEqual(['3']);
    const bytes = bench.recorder.gaps.reduce((sum, gap) => sum + gap.bytes, 0);
    expect(bytes).toBe(2 * heartbeat('1').length);
    expect(bench.events.filter((event) => event.kind === 'fault')).toHaveLength(1);
  });

  it('in JSON.parse leaves no trace in the traffic', async () => {
    const { charger, csms } = await bench.open();
    replace(JSON, 'parse', () => {
      throw new TypeError('planted');
    });
    charger.send(heartbeat('1'));
    expect(await csms.receive(heartbeat('1').length)).toEqual(heartbeat('1'));
    expect(bench.recorder.frames.length + bench.recorder.gaps.length).toBeGreaterThan(0);
  });

  it('of the recorder itself, in every method, leaves no trace in the traffic', async () => {
    const { recorder } = bench;
    for (const name of ['record', 'session', 'whenOnRecord'] as const) {
      replace(recorder, name, () => {
        throw new Error('planted');
      });
    }
    const { charger, csms } = await bench.open(REQUEST);
    charger.send(heartbeat('1'));
    expect(await csms.receive(heartbeat('1').length)).toEqual(heartbeat('1'));
    charger.socket.end();
    expect(await csms.ended()).toBe('fin');
  });
});
