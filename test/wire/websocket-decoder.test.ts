import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameFlag } from '../../src/session/frame.ts';
import { WebSocketDecoder, type WireMessage } from '../../src/wire/websocket-decoder.ts';
import { frameBytes } from '../support/frame-bytes.ts';

function decode(bytes: Buffer, sizes: number[] = [], options = {}): WireMessage[] {
  const decoder = new WebSocketDecoder(options);
  const done: WireMessage[] = [];
  let at = 0;
  for (const size of sizes) {
    done.push(...decoder.push(Buffer.from(bytes.subarray(at, at + size))));
    at += size;
  }
  if (at < bytes.length) done.push(...decoder.push(Buffer.from(bytes.subarray(at))));
  return [...done, ...decoder.end()];
}

const text = (payload: string) => Buffer.from(payload, 'utf8');
const MASK = Buffer.from([1, 2, 3, 4]);

describe('WebSocketDecoder', () => {
  it('reads a masked text frame and leaves the chunk as it was', () => {
    const bytes = frameBytes({ opcode: 1, payload: text('hällo'), mask: MASK });
    const before = Buffer.from(bytes);
    const [message] = new WebSocketDecoder().push(bytes);
    expect(message?.payload.toString()).toBe('hällo');
    expect(message).toMatchObject({ opcode: 1, masked: true, wireBytes: bytes.length, fragments: null });
    expect(message?.flags).toBe(FrameFlag.masked);
    expect(bytes.equals(before)).toBe(true);
  });

  it('joins fragments and puts a ping that came between them before the message', () => {
    const bytes = Buffer.concat([
      frameBytes({ opcode: 1, fin: false, payload: text('ab'), mask: MASK }),
      frameBytes({ opcode: 9, payload: text('p'), mask: MASK }),
      frameBytes({ opcode: 0, fin: false, payload: text(''), mask: MASK }),
      frameBytes({ opcode: 0, payload: text('cde'), mask: Buffer.from([9, 8, 7, 6]) }),
    ]);
    const messages = decode(bytes);
    expect(messages.map((m) => [m.opcode, m.payload.toString(), m.fragments])).toEqual([
      [9, 'p', null],
      [1, 'abcde', [2, 0, 3]],
    ]);
    expect(messages[1]?.flags).toBe(FrameFlag.masked | FrameFlag.fragmented);
    expect(messages.reduce((sum, m) => sum + m.wireBytes, 0)).toBe(bytes.length);
  });

  it('keeps odd frames as frames: reserved bits, unknown opcodes, long and unfinished control frames', () => {
    const messages = decode(
      Buffer.concat([
        frameBytes({ opcode: 1, rsv: 4, payload: text('x') }),
        frameBytes({ opcode: 5, payload: text('y') }),
        frameBytes({ opcode: 9, payload: Buffer.alloc(300, 'z') }),
        frameBytes({ opcode: 0xa, fin: false, payload: text('') }),
        frameBytes({ opcode: 0, payload: text('stray') }),
      ]),
    );
    expect(messages.map((m) => [m.opcode, m.payload.length, m.flags, m.fragments])).toEqual([
      [1, 1, FrameFlag.reservedBits, null],
      [5, 1, 0, null],
      [9, 300, 0, null],
      [10, 0, FrameFlag.fragmented, [0]],
      [0, 5, 0, null],
    ]);
  });

  it('takes RSV1 as compression only once that was negotiated', () => {
    const bytes = frameBytes({ opcode: 1, rsv: 4, payload: text('x') });
    expect(decode(bytes, [], { deflate: true })[0]).toMatchObject({ compressed: true, flags: 0, rsv: 4 });
    expect(decode(bytes)[0]).toMatchObject({ compressed: false, flags: FrameFlag.reservedBits });
  });

  it('ends an open message as unfinished when another one begins', () => {
    const messages = decode(
      Buffer.concat([
        frameBytes({ opcode: 1, fin: false, payload: text('lost') }),
        frameBytes({ opcode: 1, payload: text('whole') }),
      ]),
    );
    expect(messages.map((m) => [m.payload.toString(), m.flags])).toEqual([
      ['lost', FrameFlag.fragmented | FrameFlag.unfinished],
      ['whole', 0],
    ]);
  });

  it('reads 16 and 64 bit lengths, in the short and in needlessly long forms', () => {
    for (const form of [126, 127] as const) {
      const [message] = decode(frameBytes({ opcode: 2, payload: text('abc'), form }));
      expect(message?.payload.toString()).toBe('abc');
    }
    const long = Buffer.alloc(70_000, 7);
    expect(decode(frameBytes({ opcode: 2, payload: long, mask: MASK }))[0]?.payload.equals(long)).toBe(true);
  });

  it('turns the rest of a direction opaque, in pieces of 64 kB, after a length beyond 2^53', () => {
    const bad = Buffer.from([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    const rest = Buffer.alloc(150_000, 3);
    const messages = decode(Buffer.concat([frameBytes({ opcode: 1, payload: text('ok') }), bad, rest]));
    expect(messages.map((m) => m.opcode)).toEqual([1, null, null, null]);
    expect(messages.every((m) => m.payload.length <= 65_536)).toBe(true);
    expect(Buffer.concat(messages.slice(1).map((m) => m.payload)).equals(Buffer.concat([bad, rest]))).toBe(
      true,
    );
  });

  it('keeps a prefix and the digest of a payload beyond the cap, also over fragments', () => {
    const whole = Buffer.from('0123456789abcdef');
    const digest = createHash('sha256').update(whole).digest('hex');
    const single = frameBytes({ opcode: 2, payload: whole, mask: MASK });
    const fragments = Buffer.concat([
      frameBytes({ opcode: 2, fin: false, payload: whole.subarray(0, 7), mask: MASK }),
      frameBytes({ opcode: 0, payload: whole.subarray(7), mask: MASK }),
    ]);
    for (const bytes of [single, fragments]) {
      for (const sizes of [[], [1, 5, 3], Array(bytes.length).fill(1)]) {
        const [message] = decode(bytes, sizes, { maxPayload: 10 });
        expect(message).toMatchObject({ sha256: digest, wireBytes: bytes.length });
        expect(message?.payload.toString()).toBe('0123456789');
        expect((message?.flags ?? 0) & FrameFlag.oversize).toBe(FrameFlag.oversize);
      }
    }
  });

  it('gives the raw bytes of a frame that never ended, after the fragments before it', () => {
    const first = frameBytes({ opcode: 1, fin: false, payload: text('ab'), mask: MASK });
    const second = frameBytes({ opcode: 0, payload: text('cdef'), mask: MASK }).subarray(0, 8);
    const messages = decode(Buffer.concat([first, second]), [3, 4, 5]);
    expect(messages.map((m) => [m.opcode, m.flags & (FrameFlag.opaque | FrameFlag.unfinished)])).toEqual([
      [1, FrameFlag.unfinished],
      [null, FrameFlag.opaque | FrameFlag.unfinished],
    ]);
    expect(messages[0]?.payload.toString()).toBe('ab');
    expect(messages[1]?.payload.equals(second)).toBe(true);
    expect(decode(Buffer.from([0x81]))[0]?.payload.equals(Buffer.from([0x81]))).toBe(true);
  });

  it('gives the same messages however the bytes are split', () => {
    const frame = fc.record({
      opcode: fc.integer({ min: 0, max: 15 }),
      fin: fc.boolean(),
      rsv: fc.constantFrom(0, 0, 4, 1),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      mask: fc.option(fc.constant(MASK), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (frames, sizes) => {
          const bytes = Buffer.concat(frames.map((f) => frameBytes(f)));
          expect(decode(bytes, sizes)).toEqual(decode(bytes));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('accounts for every byte of 100,000 mutated streams without an exception', () => {
    const seed = Buffer.concat([
      frameBytes({ opcode: 1, payload: text('[2,"1","Heartbeat",{}]'), mask: MASK }),
      frameBytes({ opcode: 1, fin: false, payload: text('[3,"1",') }),
      frameBytes({ opcode: 9, payload: text('') }),
      frameBytes({ opcode: 0, payload: Buffer.alloc(130, '{') }),
    ]);
    let state = 12_345;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 100_000; round++) {
      const bytes = Buffer.from(seed);
      for (let i = 0; i < 3; i++) bytes[random(bytes.length)] = random(256);
      const decoder = new WebSocketDecoder();
      const split = random(bytes.length);
      let seen = 0;
      for (const message of decoder.push(bytes.subarray(0, split))) seen += message.wireBytes;
      for (const message of decoder.push(bytes.subarray(split))) seen += message.wireBytes;
      for (const message of decoder.end()) seen += message.wireBytes;
      if (seen !== bytes.length)
        throw new Error(`${seen} of ${bytes.length} bytes: ${bytes.toString('hex')}`);
    }
  });
});
