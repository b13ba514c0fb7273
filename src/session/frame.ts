import type { MessageType, Side } from '../ocpp/message.ts';

/** Bits of a frame's `flags`: what was odd about it, or about how it came on record. Stored; never renumber. */
export const FrameFlag = {
  /** A secret in the payload was replaced by `[redacted]` before it was stored. */
  redacted: 1,
  /** Forwarded before it was on record, because the hold had run out. */
  late: 2,
  /** Raw bytes of a direction whose frame bounds were lost, or of a frame that never ended. */
  opaque: 4,
  /** Was compressed on the wire (permessage-deflate); the payload is stored inflated. */
  deflated: 8,
  /** Came in several fragments; their lengths are kept. */
  fragmented: 16,
  /** Was masked on the wire. */
  masked: 32,
  /** A text frame whose payload is not valid UTF-8. */
  badUtf8: 64,
  /** Longer than the cap: the payload is a prefix; `sha256` has the digest of all of it. */
  oversize: 128,
  /** Its place among other rows was inferred from clocks by an import. */
  orderInferred: 256,
  /** Had reserved bits set that no negotiated extension explains (RFC 6455 §5.2). */
  reservedBits: 512,
  /** A further answer to a call that had been answered already. */
  duplicateAnswer: 1024,
  /** Sent by Chargetape itself, not by a recorded peer. */
  ours: 2048,
  /** The direction ended in the middle of this frame or fragmented message. */
  unfinished: 4096,
  /** Was compressed but could not be inflated; the payload is the compressed bytes. */
  notInflated: 8192,
  /** Of a cut: a prerequisite of the part that was cut out, taken from before it. */
  preamble: 16384,
  /** A tag, a SIM card's number or an address in the payload was replaced by a pseudonym before it was stored. */
  pseudonymised: 32768,
} as const;

/** RFC 6455 §5.2 opcodes that have a name. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One WebSocket message or control frame as it passed: raw, with its time and sender. One row of the recording. */
export interface Frame {
  /** Place in the recording-wide order; frames, connection openings and endings share one sequence. */
  id: number;
  /** Id of the connection it passed on. */
  connection: number;
  /** Wall clock at arrival, µs since the epoch. For people; never decides order. */
  atUs: number;
  /** Monotonic clock at arrival, µs. For durations inside one recording. */
  monoUs: number;
  sender: Side;
  /** RFC 6455 opcode; null for opaque bytes. */
  opcode: number | null;
  /** Unmasked, inflated and joined payload. */
  payload: Uint8Array;
  /** What the payload is as OCPP-J; null for control frames and opaque bytes. */
  messageType: MessageType | null;
  messageId: string | null;
  /** Action of a call; of an answer, the action of the call it answers. */
  action: string | null;
  /** Id of the frame of the call that this answers; null for calls and orphan answers. */
  answers: number | null;
  /** From the call's arrival to this answer's, µs. */
  latencyUs: number | null;
  /** Bytes on the wire, frame headers included. */
  wireBytes: number;
  /** Bit mask of FrameFlag. */
  flags: number;
  /** Payload lengths on the wire of the fragments, in order, when `fragmented`. */
  fragments: number[] | null;
  /** Hex SHA-256 of the whole payload, when `oversize`. */
  sha256: string | null;
}
