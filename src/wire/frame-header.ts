/** A frame header as read from the wire (RFC 6455 §5.2). */
export interface FrameHeader {
  fin: boolean;
  /** The three reserved bits: 4 is RSV1, 2 RSV2, 1 RSV3. */
  rsv: number;
  opcode: number;
  masked: boolean;
  /** Payload length; beyond 2^53 it cannot be followed, and is `Infinity`. */
  length: number;
  /** Bytes of the header itself: 2 to 14. */
  size: number;
}

/** Reads the header at `at`; null when `bytes` ends in its middle. Any bit pattern is a header. */
export function readFrameHeader(bytes: Buffer, at: number): FrameHeader | null {
  const available = bytes.length - at;
  if (available < 2) return null;
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const masked = second >= 0x80;
  const short = second & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const size = 2 + extended + (masked ? 4 : 0);
  if (available < size) return null;
  return {
    fin: first >= 0x80,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    masked,
    length: extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(at + 2) : longLength(bytes, at + 2),
    size,
  };
}

function longLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
  return length > Number.MAX_SAFE_INTEGER ? Infinity : length;
}
