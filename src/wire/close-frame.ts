import { Sender } from 'ws';
import type { Side } from '../ocpp/message.ts';
import { Opcode } from '../session/frame.ts';

/** Payload of a close frame (RFC 6455 §5.5.1). */
export function closePayload(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return payload;
}

/** A close frame on the wire, as `sender` would send it: a charger masks it. */
export function closeFrame(payload: Buffer, sender: Side): Buffer {
  const mask = sender === 'charger';
  return Buffer.concat(
    Sender.frame(payload, { opcode: Opcode.close, fin: true, mask, readOnly: true, rsv1: false }),
  );
}
