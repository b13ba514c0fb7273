import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FrameFlag } from '../../src/session/frame.ts';
import { type FrameToWrite, FrameWriter } from '../../src/wire/frame-writer.ts';
import { Inflater } from '../../src/wire/inflate.ts';
import { WebSocketDecoder } from '../../src/wire/websocket-decoder.ts';

/** Collects what is written, as a socket would send it. */
class Sink {
  chunks: Buffer[] = [];
  cork(): void {}
  uncork(): void {}
  write(bytes: Uint8Array): boolean {
    this.chunks.push(Buffer.from(bytes));
    return true;
  }
  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

const frame = (text: string, more: Partial<FrameToWrite> = {}): FrameToWrite => ({
  opcode: 1,
  payload: Buffer.from(text),
  flags: FrameFlag.masked,
  fragments: null,
  ...more,
});

function writeAll(frames: FrameToWrite[], extensions: string | null = null): Promise<Sink> {
  const sink = new Sink();
  const writer = new FrameWriter(sink, extensions, 'charger');
  for (const each of frames) writer.write(each);
  return new Promise((resolve) => writer.whenHandedOn(() => resolve(sink)));
}

describe('FrameWriter', () => {
  it('writes masked and unmasked, text, binary and control frames, and leaves their payloads as they are', async () => {
    const payload = Buffer.from('kept');
    const sink = await writeAll([
      frame('', { payload }),
      frame('b', { opcode: 2, flags: 0 }),
      frame('ping', { opcode: 9 }),
      frame('\u0003\u00e8', { opcode: 8, payload: Buffer.from([3, 232, 98]) }),
    ]);
    const messages = new WebSocketDecoder().push(sink.bytes);
    expect(messages.map((m) => [m.opcode, m.payload.toString('latin1'), m.masked])).toEqual([
      [1, 'kept', true],
      [2, 'b', false],
      [9, 'ping', true],
      [8, '\u0003\u00e8b', true],
    ]);
    expect(payload.toString()).toBe('kept');
  });

  it('cuts at the recorded lengths; the last fragment takes the rest of an edited payload', async () => {
    for (const [text, fragments] of [
      ['abcdef', [2, 1, 3]],
      ['abcdefgh', [2, 1, 5]],
      ['a', [1, 0, 0]],
    ] as const) {
      const sink = await writeAll([frame(text, { fragments: [2, 1, 3] })]);
      const [message] = new WebSocketDecoder().push(sink.bytes);
      expect([message?.payload.toString(), message?.fragments]).toEqual([text, fragments]);
    }
  });

  it('writes opaque bytes, RSV1 and frames without FIN as they were recorded', async () => {
    const opaque = Buffer.from([0x16, 3, 1]);
    const opened = await writeAll([frame('x', { flags: FrameFlag.fragmented, fragments: [1], opcode: 9 })]);
    expect(opened.bytes).toEqual(Buffer.from([0x09, 1, 120]));
    const reserved = await writeAll([frame('x', { flags: FrameFlag.reservedBits })]);
    expect(reserved.bytes).toEqual(Buffer.from([0xc1, 1, 120]));
    const raw = await writeAll([frame('', { opcode: null, payload: opaque, flags: FrameFlag.opaque })]);
    expect(raw.bytes).toEqual(opaque);
  });

  it('compresses what was compressed when that was negotiated, in order with the rest', async () => {
    const extensions = 'permessage-deflate; client_no_context_takeover';
    const flags = FrameFlag.masked | FrameFlag.deflated;
    const sink = await writeAll(
      [frame('x'.repeat(500), { flags }), frame('plain'), frame('y', { flags })],
      extensions,
    );
    const messages = new WebSocketDecoder({ deflate: true }).push(sink.bytes);
    expect(messages.map((message) => message.compressed)).toEqual([true, false, true]);
    const inflater = new Inflater(extensions, 'charger');
    const first = await inflater.inflate(messages[0]?.payload ?? Buffer.alloc(0));
    expect(first?.payload.toString()).toBe('x'.repeat(500));
    expect(messages[0]?.wireBytes).toBeLessThan(100);
    inflater.close();
    const refused = await writeAll([frame('z', { flags })], null);
    expect(new WebSocketDecoder({ deflate: true }).push(refused.bytes)[0]?.compressed).toBe(false);
  });
});

describe('Inflater', () => {
  it('gives null for what cannot be inflated, a prefix and the digest of what grows beyond the cap, and goes on', async () => {
    const extensions = 'permessage-deflate; client_no_context_takeover';
    const sink = await writeAll([frame('x'.repeat(5000), { flags: FrameFlag.deflated })], extensions);
    const payload = new WebSocketDecoder({ deflate: true }).push(sink.bytes)[0]?.payload ?? Buffer.alloc(0);
    const inflater = new Inflater(extensions, 'charger', 6000);
    const small = new Inflater(extensions, 'charger', 100);
    const results = await Promise.all([inflater.inflate(Buffer.alloc(9, 255)), inflater.inflate(payload)]);
    expect(results.map((result) => result?.payload.length ?? null)).toEqual([null, 5000]);
    const sha256 = createHash('sha256').update('x'.repeat(5000)).digest('hex');
    for (let i = 0; i < 2; i++) {
      expect(await small.inflate(payload)).toEqual({ payload: Buffer.from('x'.repeat(100)), sha256 });
    }
    inflater.close();
    small.close();
  });
});
