/** A frame as a test wants it on the wire; `form` forces the 16 or 64 bit length form. */
export interface FrameSpec {
  opcode: number;
  payload: Buffer;
  fin?: boolean | undefined;
  rsv?: number | undefined;
  mask?: Buffer | undefined;
  form?: 126 | 127 | undefined;
}

/** The bytes of a frame (RFC 6455 §5.2), written independently of the code under test; odd ones too. */
export function frameBytes({ opcode, payload, fin = true, rsv = 0, mask, form }: FrameSpec): Buffer {
  const length = payload.length;
  const size = form ?? (length > 65_535 ? 127 : length > 125 ? 126 : length);
  const extended = Buffer.alloc(size === 127 ? 8 : size === 126 ? 2 : 0);
  if (size === 127) extended.writeBigUInt64BE(BigInt(length));
  else if (size === 126) extended.writeUInt16BE(length);
  const body = mask ? Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))) : payload;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  return Buffer.concat([
    Buffer.from([first, (mask ? 0x80 : 0) | size]),
    extended,
    mask ?? Buffer.alloc(0),
    body,
  ]);
}
