import { type PerMessageDeflate, Sender } from 'ws';
import type { Side } from '../ocpp/message.ts';
import { type Frame, FrameFlag } from '../session/frame.ts';
import { deflateOf, negotiatesDeflate } from './deflate.ts';

/** What the writer needs of a frame: a recorded one, or one with another payload. */
export type FrameToWrite = Pick<Frame, 'opcode' | 'payload' | 'flags' | 'fragments'>;

/** Takes bytes for the wire, as a socket does. */
export interface ByteSink {
  cork(): void;
  uncork(): void;
  write(bytes: Uint8Array): boolean;
}

/**
 * Writes frames as they were recorded (RFC 6455 §5.2): masked or not, in fragments of the recorded lengths, compressed
 * when they were and this connection negotiated it; opaque bytes as they are. Frames leave in the order given.
 */
export class FrameWriter {
  readonly #sink: ByteSink;
  readonly #deflate: PerMessageDeflate | null;
  #last: Promise<void> | null = null;

  /** `extensions` is the Sec-WebSocket-Extensions of the 101; `sender` the side that writes. */
  constructor(sink: ByteSink, extensions: string | null, sender: Side) {
    this.#sink = sink;
    this.#deflate =
      extensions !== null && negotiatesDeflate(extensions) ? deflateOf(extensions, sender) : null;
  }

  /** Writes one frame; `done` is called with its bytes on the wire when it was handed to the socket. Never throws. */
  write(frame: FrameToWrite, done: (wireBytes: number) => void = () => {}): void {
    const compress = this.#deflate !== null && (frame.flags & COMPRESSED) === FrameFlag.deflated;
    if (!compress && this.#last === null) {
      done(this.#put(frame, frame.payload, false));
      return;
    }
    const turn = (this.#last ?? Promise.resolve())
      .then(() => (compress ? this.#compress(frame.payload) : null))
      .then((compressed) => done(this.#put(frame, compressed ?? frame.payload, compressed !== null)))
      .then(() => {
        if (this.#last === turn) this.#last = null;
      });
    this.#last = turn;
  }

  /** Calls back when everything written so far was handed to the socket. */
  whenHandedOn(done: () => void): void {
    if (this.#last !== null) void this.#last.then(done);
    else done();
  }

  /** Frees zlib's memory. */
  close(): void {
    this.whenHandedOn(() => this.#deflate?.cleanup());
  }

  #compress(payload: Uint8Array): Promise<Buffer | null> {
    return new Promise((resolve) => {
      this.#deflate?.compress(payload, true, (error, data) => resolve(error ? null : (data ?? null)));
    });
  }

  #put(frame: FrameToWrite, payload: Uint8Array, compressed: boolean): number {
    const buffers = frame.opcode === null ? [payload] : frameBytes(frame, payload, compressed);
    let wireBytes = 0;
    this.#sink.cork();
    for (const buffer of buffers) {
      if (buffer.length > 0) this.#sink.write(buffer);
      wireBytes += buffer.length;
    }
    this.#sink.uncork();
    return wireBytes;
  }
}

const COMPRESSED = FrameFlag.deflated | FrameFlag.notInflated;

function frameBytes(frame: FrameToWrite, payload: Uint8Array, compressed: boolean): Uint8Array[] {
  const pieces = piecesOf(payload, frame.fragments);
  const neverEnds = (frame.flags & FrameFlag.unfinished) !== 0 || frame.fragments?.length === 1;
  const rsv1 = compressed || (frame.flags & (FrameFlag.reservedBits | FrameFlag.notInflated)) !== 0;
  return pieces.flatMap((piece, index) =>
    Sender.frame(piece, {
      opcode: index === 0 ? (frame.opcode ?? 0) : 0,
      fin: index === pieces.length - 1 && !neverEnds,
      mask: (frame.flags & FrameFlag.masked) !== 0,
      readOnly: true,
      rsv1: rsv1 && index === 0,
    }),
  );
}

/** Cuts a payload at the recorded lengths; the last piece takes what an edited payload has more or less. */
function piecesOf(payload: Uint8Array, lengths: number[] | null): Uint8Array[] {
  if (lengths === null) return [payload];
  let at = 0;
  return lengths.map((length, index) => {
    const start = at;
    at = index === lengths.length - 1 ? payload.length : Math.min(at + length, payload.length);
    return payload.subarray(start, at);
  });
}
