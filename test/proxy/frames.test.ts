import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrameFlag } from '../../src/session/frame.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import { REQUEST, RESPONSE, type TunnelBench, tunnelBench } from '../support/tunnel-bench.ts';

const MASK = Buffer.from([0x11, 0x22, 0x33, 0x44]);
const text = (payload: string) => Buffer.from(payload, 'utf8');
const call = (id: string) => text(`[2,"${id}","Heartbeat",{}]`);

let bench: TunnelBench;
beforeEach(async () => {
  bench = await tunnelBench();
});
afterEach(() => bench.close());

describe('a tunnel passes frames byte for byte and records', () => {
  const cases: [name: string, bytes: Buffer, rows: [number | null, Buffer, number][]][] = [
    [
      'a fragmented text',
      Buffer.concat([
        frameBytes({ opcode: 1, fin: false, payload: text('[2,"1",'), mask: MASK }),
        frameBytes({ opcode: 9, payload: text('between'), mask: MASK }),
        frameBytes({ opcode: 0, payload: text('"Heartbeat",{}]'), mask: MASK }),
      ]),
      [
        [9, text('between'), FrameFlag.masked],
        [1, call('1'), FrameFlag.masked | FrameFlag.fragmented],
      ],
    ],
    [
      'a ping and a pong with payload',
      Buffer.concat([
        frameBytes({ opcode: 9, payload: text('are you there'), mask: MASK }),
        frameBytes({ opcode: 10, payload: text('yes'), mask: MASK }),
      ]),
      [
        [9, text('are you there'), FrameFlag.masked],
        [10, text('yes'), FrameFlag.masked],
      ],
    ],
    [
      'a binary frame',
      frameBytes({ opcode: 2, payload: Buffer.from([0, 1, 2, 255]), mask: MASK }),
      [[2, Buffer.from([0, 1, 2, 255]), FrameFlag.masked]],
    ],
    [
      'invalid UTF-8',
      frameBytes({ opcode: 1, payload: Buffer.from([0x5b, 0xff, 0xfe]), mask: MASK }),
      [[1, Buffer.from([0x5b, 0xff, 0xfe]), FrameFlag.masked | FrameFlag.badUtf8]],
    ],
    [
      'a frame with RSV1 that nobody negotiated',
      frameBytes({ opcode: 1, rsv: 4, payload: call('2'), mask: MASK }),
      [[1, call('2'), FrameFlag.masked | FrameFlag.reservedBits]],
    ],
    ['an unmasked frame', frameBytes({ opcode: 1, payload: call('3') }), [[1, call('3'), 0]]],
    ['an empty text', frameBytes({ opcode: 1, payload: text('') }), [[1, text(''), 0]]],
  ];

  it.each(cases)('%s', async (_, bytes, rows) => {
    const { charger, csms } = await bench.open();
    charger.send(bytes);
    expect((await csms.receive(bytes.length)).equals(bytes)).toBe(true);
    csms.send(bytes);
    expect((await charger.receive(bytes.length)).equals(bytes)).toBe(true);
    for (const sender of ['charger', 'csms']) {
      const frames = bench.recorder.frames.filter((frame) => frame.sender === sender);
      expect(frames.map((f) => [f.opcode, Buffer.from(f.payload), f.flags])).toEqual(rows);
      expect(frames.reduce((sum, frame) => sum + frame.wireBytes, 0)).toBe(bytes.length);
    }
  });

  it('one byte at a time', async () => {
    const { charger, csms } = await bench.open();
    const bytes = Buffer.concat(
      ['a', 'b'].map((id) => frameBytes({ opcode: 1, payload: call(id), mask: MASK })),
    );
    for (let i = 0; i < bytes.length; i++) {
      charger.send(bytes.subarray(i, i + 1));
      await csms.receive(i + 1);
    }
    expect(csms.received.equals(bytes)).toBe(true);
    expect(bench.recorder.frames.map((frame) => frame.messageId)).toEqual(['a', 'b']);
  });

  it('frames of 1 MB both ways at once', async () => {
    const { charger, csms } = await bench.open();
    const up = frameBytes({ opcode: 2, payload: randomBytes(1024 * 1024), mask: MASK });
    const down = frameBytes({ opcode: 2, payload: randomBytes(1024 * 1024) });
    charger.send(up);
    csms.send(down);
    expect((await csms.receive(up.length)).equals(up)).toBe(true);
    expect((await charger.receive(down.length)).equals(down)).toBe(true);
    expect(bench.recorder.frames.map((frame) => frame.wireBytes).sort()).toEqual([down.length, up.length]);
  });

  it('bytes glued to the request head and to the response head', async () => {
    const charger = await bench.charger();
    const early = frameBytes({ opcode: 1, payload: call('early'), mask: MASK });
    const glued = frameBytes({ opcode: 1, payload: text('[2,"c","TriggerMessage",{}]') });
    charger.send(Buffer.concat([Buffer.from(REQUEST), early]));
    const csms = await bench.server.accept();
    expect(await csms.receive(REQUEST.length + early.length)).toEqual(
      Buffer.concat([Buffer.from(REQUEST), early]),
    );
    csms.send(Buffer.concat([Buffer.from(RESPONSE), glued]));
    const all = Buffer.concat([Buffer.from(RESPONSE), glued]);
    expect(await charger.receive(all.length)).toEqual(all);
    expect(bench.recorder.frames.map((frame) => [frame.sender, frame.messageId])).toEqual([
      ['charger', 'early'],
      ['csms', 'c'],
    ]);
  });

  it('pairs an answer with its call and learns what the charger is', async () => {
    const { charger, csms } = await bench.open();
    const payload = '{"chargePointVendor":"ABB","chargePointModel":"Terra"}';
    charger.send(
      frameBytes({ opcode: 1, payload: text(`[2,"b","BootNotification",${payload}]`), mask: MASK }),
    );
    await bench.recorder.until((recorder) => recorder.frames.length === 1);
    csms.send(frameBytes({ opcode: 1, payload: text('[3,"b",{"status":"Accepted"}]') }));
    await bench.recorder.until((recorder) => recorder.frames.length === 2);
    const [boot, answer] = bench.recorder.frames;
    expect(answer).toMatchObject({
      action: 'BootNotification',
      answers: boot?.id,
      messageType: 'callResult',
    });
    expect(bench.recorder.sessions[0]).toMatchObject({ identity: 'CP1', endpoint: '/ocpp', vendor: 'ABB' });
  });

  it('bytes after a lost bound as opaque chunks of at most 64 kB', async () => {
    const { charger, csms } = await bench.open();
    const bytes = Buffer.concat([Buffer.from([0x82, 0xff]), Buffer.alloc(8, 0xff), randomBytes(100_000)]);
    charger.send(bytes);
    expect((await csms.receive(bytes.length)).equals(bytes)).toBe(true);
    const { frames } = bench.recorder;
    expect(Buffer.concat(frames.map((frame) => frame.payload)).equals(bytes)).toBe(true);
    expect(frames.every((frame) => frame.flags === FrameFlag.opaque && frame.payload.length <= 65_536)).toBe(
      true,
    );
  });
});
