import { isUtf8 } from 'node:buffer';
import { decodeMessage, type Message } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { type Frame, FrameFlag, Opcode } from './frame.ts';
import { Pairing } from './pairing.ts';
import { plainMessage } from './plain-message.ts';
import { pseudonymiseBytes, pseudonymiseText } from './pseudonymise.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { redactBytes, redactPayload } from './redaction.ts';

/** A frame as the wire gave it, before it is read as OCPP-J. */
export type WireFrame = Omit<Frame, 'messageType' | 'messageId' | 'action' | 'answers' | 'latencyUs'>;

/** What a charger's call told about its make: vendor, model and firmware. */
export type ChargerFacts = NonNullable<ReturnType<Protocol['chargerFacts']>>;

/** A frame ready for its row, with what it says. */
export interface Observation {
  frame: Frame;
  /** The decoded message, secrets redacted; null for control frames and opaque bytes. */
  message: Message | null;
  /** What this message told about the charger; null for nearly all. */
  facts: ChargerFacts | null;
}

/** A payload that is only a part or a disguise of the message cannot be decoded. */
const UNREADABLE = FrameFlag.oversize | FrameFlag.notInflated | FrameFlag.unfinished;

/**
 * Reads the frames of one connection, in order, as OCPP-J: decodes and redacts the payload and pairs answers with
 * their calls. Recorder, import and replay share it, so a run's rows are made as a capture's are.
 */
export class Observer {
  readonly #protocol: Protocol;
  readonly #pseudonyms: Pseudonyms | null;
  readonly #pairing = new Pairing();

  /** With `pseudonyms`, persons are named otherwise in what it gives. */
  constructor(protocol: Protocol, pseudonyms: Pseudonyms | null = null) {
    this.#protocol = protocol;
    this.#pseudonyms = pseudonyms;
  }

  /** As `message`, for whoever needs no more than the row: a plain message is not decoded. */
  row(base: WireFrame): Pick<Observation, 'frame' | 'facts'> {
    const isWhole =
      this.#pseudonyms === null &&
      base.opcode === Opcode.text &&
      (base.flags & (UNREADABLE | FrameFlag.opaque)) === 0;
    const plain = isWhole ? plainMessage(asBuffer(base.payload)) : null;
    if (plain === null || (plain.type === 'call' && this.#protocol.introducing.has(plain.action))) {
      return this.message(base);
    }
    const pair = this.#pairing.observe(base.sender, plain, base.id, base.monoUs);
    const frame = {
      ...base,
      flags: pair.duplicate ? base.flags | FrameFlag.duplicateAnswer : base.flags,
      messageType: plain.type,
      messageId: plain.messageId,
      action: pair.action,
      answers: pair.answers,
      latencyUs: pair.latencyUs,
    };
    return { frame, facts: null };
  }

  /** See `Pairing.isAwaiting`. */
  isAwaiting(sinceUs: number): boolean {
    return this.#pairing.isAwaiting(sinceUs);
  }

  /** The row of one frame. A payload without secrets is kept as the same bytes; what cannot be decoded is `malformed`. */
  message(base: WireFrame): Observation {
    const isMessage =
      (base.opcode === Opcode.text || base.opcode === Opcode.binary) && (base.flags & FrameFlag.opaque) === 0;
    if (!isMessage) return { frame: this.#unread(base), message: null, facts: null };
    if (base.flags & UNREADABLE) return this.#undecodable(base, 'The message is not whole.');
    if (!isUtf8(base.payload)) return this.#undecodable(flagBadUtf8(base), 'The payload is not valid UTF-8.');
    return this.#decoded(base);
  }

  #decoded(base: WireFrame): Observation {
    const raw = asBuffer(base.payload).toString('utf8');
    const rawMessage = decodeMessage(raw);
    const pair = this.#pairing.observe(base.sender, rawMessage, base.id, base.monoUs);
    const { text: open, redacted } = redactPayload(
      raw,
      pair.action === null ? null : { action: pair.action },
    );
    const text = this.#pseudonyms === null ? open : pseudonymiseText(open, this.#pseudonyms);
    const message = text === raw ? rawMessage : decodeMessage(text);
    let flags = base.flags;
    if (redacted) flags |= FrameFlag.redacted;
    if (text !== open) flags |= FrameFlag.pseudonymised;
    if (pair.duplicate) flags |= FrameFlag.duplicateAnswer;
    const frame: Frame = {
      ...base,
      payload: text === raw ? base.payload : Buffer.from(text, 'utf8'),
      flags,
      messageType: rawMessage.type,
      messageId: message.type === 'malformed' ? null : message.messageId,
      action: pair.action,
      answers: pair.answers,
      latencyUs: pair.latencyUs,
    };
    return { frame, message, facts: this.#facts(base, message) };
  }

  #facts(base: WireFrame, message: Message): ChargerFacts | null {
    if (base.sender !== 'charger' || message.type !== 'call') return null;
    return this.#protocol.chargerFacts(message.action, message.payload);
  }

  /** A control frame or opaque bytes: no message columns; they are searched for secrets and persons all the same. */
  #unread(base: WireFrame): Frame {
    return {
      ...hidden(base, this.#pseudonyms),
      messageType: null,
      messageId: null,
      action: null,
      answers: null,
      latencyUs: null,
    };
  }

  #undecodable(base: WireFrame, reason: string): Observation {
    const frame: Frame = { ...this.#unread(base), messageType: 'malformed' };
    return { frame, message: { type: 'malformed', reason }, facts: null };
  }
}

/** The bytes without secrets and persons; the code of a close frame stays (RFC 6455 §5.5.1). */
function hidden(base: WireFrame, pseudonyms: Pseudonyms | null): WireFrame {
  const code = base.payload.subarray(0, base.opcode === Opcode.close ? 2 : 0);
  const { bytes: open, redacted } = redactBytes(base.payload.subarray(code.length));
  const bytes = pseudonyms === null ? open : pseudonymiseBytes(open, pseudonyms);
  const isRenamed = bytes !== open;
  if (!redacted && !isRenamed) return base;
  const flags = (redacted ? FrameFlag.redacted : 0) | (isRenamed ? FrameFlag.pseudonymised : 0);
  return { ...base, payload: Buffer.concat([code, bytes]), flags: base.flags | flags };
}

function flagBadUtf8(base: WireFrame): WireFrame {
  return base.opcode === Opcode.text ? { ...base, flags: base.flags | FrameFlag.badUtf8 } : base;
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
