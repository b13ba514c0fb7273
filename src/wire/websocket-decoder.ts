import { FrameFlag, Opcode } from '../session/frame.ts';
import { type FrameHeader, readFrameHeader } from './frame-header.ts';
import { copyMasked } from './masking.ts';
import { Payload } from './payload.ts';

/** One message, control frame or run of opaque bytes, as the decoder found it on the wire. */
export interface WireMessage {
  /** RFC 6455 opcode of the first fragment; null for opaque bytes. */
  opcode: number | null;
  /** Unmasked and joined; still compressed when `compressed`. Of opaque bytes: as they passed. */
  payload: Buffer;
  /** Bytes on the wire, frame headers included. */
  wireBytes: number;
  masked: boolean;
  /** Payload lengths of the fragments; a single one says that its frame had no FIN bit. Null for one whole frame. */
  fragments: number[] | null;
  /** Reserved bits of all its frames together: 4 is RSV1, 2 RSV2, 1 RSV3. */
  rsv: number;
  /** RSV1 on the first frame of a message while permessage-deflate is on (RFC 7692 §6). */
  compressed: boolean;
  /** FrameFlag bits the wire alone tells: masked, fragmented, oversize, opaque, unfinished, reservedBits. */
  flags: number;
  /** Hex SHA-256 of the whole payload, when oversize. */
  sha256: string | null;
}

/** How a decoder reads its direction. */
export interface DecoderOptions {
  /** Longest payload that is kept, bytes; 64 MB when not given. Beyond it: a prefix, the digest and a flag. */
  maxPayload?: number;
  /** Whether permessage-deflate was negotiated. */
  deflate?: boolean;
  /** No frames at all: every chunk is opaque bytes. */
  opaque?: boolean;
}

/** A data message whose last fragment has not come yet. */
interface OpenMessage {
  opcode: number;
  payload: Payload;
  fragments: number[];
  wireBytes: number;
  masked: boolean;
  /** Reserved bits of the first frame, and of those after it. */
  rsv: number;
  laterRsv: number;
  /** Some of it was only counted. */
  skipped: boolean;
}

/** A frame whose header is known and whose payload is still coming. */
interface PartialFrame {
  header: FrameHeader;
  /** The header's bytes. */
  raw: Buffer;
  key: Buffer | null;
  /** Of the message that it is a fragment of, or its own. */
  payload: Payload;
  /** Length of `payload` before this frame. */
  start: number;
  got: number;
  /** Its payload is only counted. */
  skipped: boolean;
}

/** Messages that were counted and not read, and their bytes on the wire. */
export interface Missed {
  frames: number;
  bytes: number;
}

const MAX_PAYLOAD = 64 * 1024 * 1024;
const MAX_OPAQUE = 64 * 1024;
const EMPTY = Buffer.alloc(0);
const NO_PAYLOAD = new Payload(0);

/**
 * Reads one direction of a WebSocket from its passing bytes (RFC 6455 §5). It never throws and never changes or keeps
 * a chunk it may not: whatever has readable bounds is a frame, however odd; bytes after lost bounds are opaque.
 */
export class WebSocketDecoder {
  /** Whether permessage-deflate is on; may be set when the handshake is complete. */
  deflate: boolean;
  readonly #maxPayload: number;
  #lost: boolean;
  /** Bytes of a header that is not whole yet. */
  #header: Buffer = EMPTY;
  #partial: PartialFrame | null = null;
  #open: OpenMessage | null = null;
  #skims = false;
  #missed: Missed = { frames: 0, bytes: 0 };

  constructor(options: DecoderOptions = {}) {
    this.#maxPayload = options.maxPayload ?? MAX_PAYLOAD;
    this.deflate = options.deflate ?? false;
    this.#lost = options.opaque ?? false;
  }

  /** From now on every byte is opaque: this direction holds no frames. Returns what was begun. */
  giveUp(): WireMessage[] {
    const begun = this.end();
    this.#lost = true;
    return begun;
  }

  /** Whether frames are only counted, by their headers; close frames are read all the same. */
  get skims(): boolean {
    return this.#skims;
  }
  set skims(skims: boolean) {
    this.#skims = skims;
    if (!skims) return;
    if (this.#open) this.#open.skipped = true;
    if (this.#partial) {
      this.#partial.skipped = true;
      this.#partial.payload = NO_PAYLOAD;
    }
  }

  /** What was counted and not read since the last time; null for nothing. */
  takeMissed(): Missed | null {
    if (this.#missed.bytes === 0) return null;
    const missed = this.#missed;
    this.#missed = { frames: 0, bytes: 0 };
    return missed;
  }

  /** Counts a message as missed. */
  miss(frames: number, bytes: number): void {
    this.#missed.frames += frames;
    this.#missed.bytes += bytes;
  }

  /** Bytes of a frame or header that has begun and is not complete. */
  get pendingBytes(): number {
    return this.#partial ? this.#partial.raw.length + this.#partial.got : this.#header.length;
  }

  /** Takes the next bytes; gives what they completed, in order. Payloads may be views into the chunk. */
  push(chunk: Buffer): WireMessage[] {
    const done: WireMessage[] = [];
    let bytes = chunk;
    let at = 0;
    if (this.#header.length > 0) {
      bytes = Buffer.concat([this.#header, chunk]);
      this.#header = EMPTY;
    }
    while (at < bytes.length) {
      if (this.#lost) {
        pushOpaque(done, bytes.subarray(at));
        break;
      }
      at = this.#partial ? this.#continue(this.#partial, bytes, at, done) : this.#begin(bytes, at, done);
    }
    return done;
  }

  /** The direction is over: what was begun comes out flagged unfinished, the bytes of a partial frame as opaque. */
  end(): WireMessage[] {
    const done: WireMessage[] = [];
    const kept =
      this.#partial && this.#partial.payload === this.#open?.payload ? this.#partial.start : undefined;
    if (this.#open && this.#open.fragments.length > 0) {
      if (this.#open.skipped) this.miss(1, this.#open.wireBytes);
      else done.push(this.#message(this.#open, FrameFlag.unfinished, kept));
    }
    if (this.#partial?.skipped) this.miss(0, this.#partial.raw.length + this.#partial.got);
    else if (this.#partial) done.push(remainder(this.#partial));
    if (this.#header.length > 0) done.push(opaque(this.#header, FrameFlag.unfinished));
    this.#open = null;
    this.#partial = null;
    this.#header = EMPTY;
    return done;
  }

  /** Reads a frame that begins at `at`; returns where the next one begins. */
  #begin(bytes: Buffer, at: number, done: WireMessage[]): number {
    const header = readFrameHeader(bytes, at);
    if (!header) {
      this.#header = Buffer.from(bytes.subarray(at));
      return bytes.length;
    }
    if (header.length === Infinity) {
      done.push(...this.giveUp());
      return at;
    }
    if (this.#open && !isControl(header) && header.opcode !== Opcode.continuation) {
      if (this.#open.skipped) this.miss(1, this.#open.wireBytes);
      else done.push(this.#message(this.#open, FrameFlag.unfinished));
      this.#open = null;
    }
    const start = at + header.size;
    const end = start + header.length;
    const skipped = this.#skims && header.opcode !== Opcode.close;
    if (skipped && end <= bytes.length && this.#isSingle(header)) {
      this.miss(1, header.size + header.length);
      return end;
    }
    if (end <= bytes.length && header.length <= this.#maxPayload && this.#isSingle(header)) {
      const payload = header.masked ? unmasked(bytes, start, end) : bytes.subarray(start, end);
      done.push(this.#single(header, payload, null));
      return end;
    }
    this.#partial = this.#beginPartial(header, Buffer.from(bytes.subarray(at, start)), skipped);
    return this.#continue(this.#partial, bytes, start, done);
  }

  #beginPartial(header: FrameHeader, raw: Buffer, skipped: boolean): PartialFrame {
    const key = header.masked ? raw.subarray(header.size - 4) : null;
    if (!this.#isSingle(header)) this.#open ??= openMessage(header, this.#maxPayload);
    const payload = this.#isSingle(header) ? null : this.#open?.payload;
    return {
      header,
      raw,
      key,
      payload: skipped ? NO_PAYLOAD : (payload ?? new Payload(this.#maxPayload)),
      start: payload?.length ?? 0,
      got: 0,
      skipped,
    };
  }

  #continue(partial: PartialFrame, bytes: Buffer, at: number, done: WireMessage[]): number {
    const { header, payload, key } = partial;
    const piece = bytes.subarray(at, at + header.length - partial.got);
    if (!partial.skipped) payload.add(piece, key, partial.got, header.length - partial.got - piece.length);
    partial.got += piece.length;
    if (partial.got === header.length) {
      this.#partial = null;
      if (this.#open && partial.skipped && !isControl(header)) this.#open.skipped = true;
      if (this.#isSingle(header) && partial.skipped) this.miss(1, header.size + header.length);
      else if (this.#isSingle(header)) done.push(this.#single(header, payload.bytes(), payload.sha256()));
      else this.#addFragment(header, done);
    }
    return at + piece.length;
  }

  #addFragment(header: FrameHeader, done: WireMessage[]): void {
    const open = this.#open;
    if (!open) return;
    if (open.fragments.length > 0) open.laterRsv |= header.rsv;
    open.fragments.push(header.length);
    open.wireBytes += header.size + header.length;
    open.masked ||= header.masked;
    if (!header.fin) return;
    this.#open = null;
    if (open.skipped) this.miss(1, open.wireBytes);
    else done.push(this.#message(open, 0));
  }

  /** Whether a frame stands for itself: control frames, and whole messages. */
  #isSingle(header: FrameHeader): boolean {
    return isControl(header) || (header.fin && this.#open === null);
  }

  #single(header: FrameHeader, payload: Buffer, sha256: string | null): WireMessage {
    const { opcode, masked, rsv, fin, length, size } = header;
    const compressed = this.#isCompressed(opcode, rsv);
    let flags = masked ? FrameFlag.masked : 0;
    if (!fin) flags |= FrameFlag.fragmented;
    if (sha256 !== null) flags |= FrameFlag.oversize;
    if ((compressed ? rsv & 3 : rsv) !== 0) flags |= FrameFlag.reservedBits;
    const fragments = fin ? null : [length];
    return { opcode, payload, wireBytes: size + length, masked, fragments, rsv, compressed, flags, sha256 };
  }

  /** The row of a fragmented message; `kept` cuts off the bytes of a fragment that is not whole. */
  #message(open: OpenMessage, flag: number, kept?: number): WireMessage {
    const { opcode, payload, wireBytes, masked, fragments, rsv, laterRsv } = open;
    const compressed = this.#isCompressed(opcode, rsv);
    const sha256 = payload.sha256();
    let flags = flag | FrameFlag.fragmented;
    if (masked) flags |= FrameFlag.masked;
    if (sha256 !== null) flags |= FrameFlag.oversize;
    if (((compressed ? rsv & 3 : rsv) | laterRsv) !== 0) flags |= FrameFlag.reservedBits;
    return {
      opcode,
      payload: payload.bytes().subarray(0, kept),
      wireBytes,
      masked,
      fragments,
      rsv: rsv | laterRsv,
      compressed,
      flags,
      sha256,
    };
  }

  #isCompressed(opcode: number, rsv: number): boolean {
    return this.deflate && (rsv & 4) !== 0 && (opcode === Opcode.text || opcode === Opcode.binary);
  }
}

function isControl(header: FrameHeader): boolean {
  return header.opcode >= 8;
}

function openMessage(header: FrameHeader, maxPayload: number): OpenMessage {
  return {
    opcode: header.opcode,
    payload: new Payload(maxPayload),
    fragments: [],
    wireBytes: 0,
    masked: false,
    rsv: header.rsv,
    laterRsv: 0,
    skipped: false,
  };
}

/** The payload from `start` to `end`, unmasked with the key that stands before it. */
function unmasked(bytes: Buffer, start: number, end: number): Buffer {
  const payload = Buffer.allocUnsafe(end - start);
  for (let at = start; at < end; at++) {
    payload[at - start] = bytes[at]! ^ bytes[start - 4 + ((at - start) & 3)]!;
  }
  return payload;
}

/** The bytes of a frame that never ended, as they passed (its kept payload is masked again). */
function remainder(partial: PartialFrame): WireMessage {
  const kept = partial.payload.bytes().subarray(partial.start);
  const bytes = Buffer.allocUnsafe(partial.raw.length + kept.length);
  partial.raw.copy(bytes);
  if (partial.key) copyMasked(kept, bytes, partial.raw.length, partial.key, 0);
  else kept.copy(bytes, partial.raw.length);
  const cut = kept.length < partial.got ? FrameFlag.oversize : 0;
  return { ...opaque(bytes, FrameFlag.unfinished | cut), wireBytes: partial.raw.length + partial.got };
}

function pushOpaque(done: WireMessage[], bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += MAX_OPAQUE) {
    done.push(opaque(bytes.subarray(at, at + MAX_OPAQUE), 0));
  }
}

function opaque(bytes: Buffer, flags: number): WireMessage {
  return {
    opcode: null,
    payload: bytes,
    wireBytes: bytes.length,
    masked: false,
    fragments: null,
    rsv: 0,
    compressed: false,
    flags: flags | FrameFlag.opaque,
    sha256: null,
  };
}
