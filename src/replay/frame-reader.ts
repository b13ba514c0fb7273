import { FrameFlag } from '../session/frame.ts';
import type { WireFrame } from '../session/observe.ts';
import { negotiatesDeflate } from '../wire/deflate.ts';
import { Inflater } from '../wire/inflate.ts';
import { WebSocketDecoder, type WireMessage } from '../wire/websocket-decoder.ts';

/** What the wire alone tells about a frame. */
export type ReadFrame = Pick<
  WireFrame,
  'opcode' | 'payload' | 'wireBytes' | 'flags' | 'fragments' | 'sha256'
>;

/** Reads what the CSMS sends on one connection as frames, inflated, in order. */
export class FrameReader {
  readonly #decoder: WebSocketDecoder;
  readonly #inflater: Inflater | null;
  /** With compression every frame waits for those before it to be inflated. */
  #turn: Promise<void> = Promise.resolve();
  #ended = false;

  /** `extensions` is the Sec-WebSocket-Extensions of the 101. */
  constructor(extensions: string | null) {
    const deflate = extensions !== null && negotiatesDeflate(extensions);
    this.#decoder = new WebSocketDecoder({ deflate });
    this.#inflater = deflate ? new Inflater(extensions, 'csms') : null;
  }

  /** Takes the next bytes; gives each frame that they complete. A promise when that takes until it is kept. */
  push(chunk: Buffer, onFrame: (frame: ReadFrame) => void): Promise<void> | null {
    this.#pass(this.#decoder.push(chunk), onFrame);
    return this.#inflater && this.#turn;
  }

  /** The direction is over: gives what was begun, then calls back. */
  end(onFrame: (frame: ReadFrame) => void, done: () => void): void {
    if (!this.#ended) this.#pass(this.#decoder.end(), onFrame);
    this.#ended = true;
    if (this.#inflater) this.#turn = this.#turn.then(done);
    else done();
  }

  /** Frees zlib's memory. */
  close(): void {
    this.#inflater?.close();
  }

  #pass(messages: WireMessage[], onFrame: (frame: ReadFrame) => void): void {
    for (const message of messages) {
      const inflater = this.#inflater;
      if (!inflater) onFrame(asRead(message));
      else this.#turn = this.#turn.then(() => inflated(message, inflater)).then(onFrame);
    }
  }
}

function asRead({ opcode, payload, wireBytes, flags, fragments, sha256 }: WireMessage): ReadFrame {
  return { opcode, payload, wireBytes, flags, fragments, sha256 };
}

async function inflated(wire: WireMessage, inflater: Inflater): Promise<ReadFrame> {
  const message = asRead(wire);
  if (!wire.compressed) return message;
  const flags = message.flags | FrameFlag.deflated;
  if (message.flags & (FrameFlag.unfinished | FrameFlag.oversize)) {
    return { ...message, flags: flags | FrameFlag.notInflated };
  }
  const result = await inflater.inflate(wire.payload);
  if (result === null) return { ...message, flags: flags | FrameFlag.notInflated };
  const oversize = result.sha256 === null ? 0 : FrameFlag.oversize;
  return { ...message, ...result, flags: flags | oversize };
}
