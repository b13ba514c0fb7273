import { decodeMessage, type Message } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { type Frame, FrameFlag, Opcode } from './frame.ts';
import { gistOf } from './gist.ts';
import { visible } from './visible.ts';

/** Width of the action, so that key fields stand below each other. */
const ACTION_WIDTH = 30;
/** Longest description of an error answer. */
const MAX_LENGTH = 100;

/** What is worth a word about a frame; what is as usual (masked, deflated, inferred order) is not. */
const NOTES: [number, string][] = [
  [FrameFlag.redacted, 'redacted'],
  [FrameFlag.pseudonymised, 'pseudonymised'],
  [FrameFlag.late, 'late'],
  [FrameFlag.badUtf8, 'not UTF-8'],
  [FrameFlag.oversize, 'only its beginning'],
  [FrameFlag.reservedBits, 'reserved bits set'],
  [FrameFlag.duplicateAnswer, 'answered before'],
  [FrameFlag.ours, 'sent by Chargetape'],
  [FrameFlag.unfinished, 'unfinished'],
  [FrameFlag.notInflated, 'could not be inflated'],
  [FrameFlag.preamble, 'from before the cut'],
];

/** A frame in words. */
export interface FrameParts {
  /** One character: an answer, an error, something that cannot be read, a control frame; a blank for a call. */
  mark: string;
  /** Its action, or what it is when it has none. */
  action: string;
  /** Key fields, and what was odd about it. */
  text: string;
}

/** A frame in words: mark, action, key fields, and what was odd about it, on one line. */
export function frameText(frame: Frame, protocol: Protocol): string {
  const { mark, action, text } = frameParts(frame, protocol);
  return `${mark} ${action.padEnd(ACTION_WIDTH)} ${text}`.trimEnd();
}

/** The words of `frameText`, apart. */
export function frameParts(frame: Frame, protocol: Protocol): FrameParts {
  const notes = NOTES.filter(([flag]) => frame.flags & flag).map(([, word]) => word);
  const body = bodyOf(frame, protocol);
  const parts = [body.text, notes.length > 0 ? `(${notes.join(', ')})` : ''];
  return { ...body, text: parts.filter((part) => part !== '').join('  ') };
}

function bodyOf(frame: Frame, protocol: Protocol): FrameParts {
  const bytes = Buffer.from(frame.payload.buffer, frame.payload.byteOffset, frame.payload.byteLength);
  if (frame.messageType !== null) return messageText(frame, bytes, protocol);
  if (frame.opcode === Opcode.ping) return row('·', 'ping', printable(bytes));
  if (frame.opcode === Opcode.pong) return row('·', 'pong', printable(bytes));
  if (frame.opcode === Opcode.close) return row('·', 'close', closeText(bytes));
  const kind = frame.opcode === null ? 'opaque' : `opcode ${frame.opcode}`;
  return row('!', kind, `${bytes.length.toLocaleString('en')} bytes`);
}

function messageText(frame: Frame, bytes: Buffer, protocol: Protocol): FrameParts {
  const message = decodeMessage(bytes.toString('utf8'));
  if (message.type === 'malformed' || frame.messageType === 'malformed')
    return malformedText(message, frame, bytes);
  if (message.type === 'call') return row(' ', message.action, gistOf(message, message.action, protocol));
  const action = frame.action ?? '(answers no call)';
  if (message.type === 'callResult') return row('←', action, gistOf(message, frame.action, protocol));
  const description = message.errorDescription === '' ? '' : ` ${JSON.stringify(message.errorDescription)}`;
  return row('✗', action, shortened(visible(message.errorCode + description), MAX_LENGTH));
}

function malformedText(message: Message, frame: Frame, bytes: Buffer): FrameParts {
  const kind = frame.opcode === Opcode.binary ? 'malformed binary' : 'malformed';
  const reason = message.type === 'malformed' ? `${message.reason}: ` : '';
  return row('!', kind, `${visible(reason)}${printable(bytes)}`);
}

function row(mark: string, action: string, text: string): FrameParts {
  return { mark, action: visible(action), text };
}

/** The code and reason of a close frame's payload (RFC 6455 §5.5.1). */
function closeText(bytes: Buffer): string {
  if (bytes.length < 2) return '';
  const reason = bytes.subarray(2).toString('utf8');
  return visible(`${bytes.readUInt16BE(0)} ${reason}`).trimEnd();
}

/** The beginning of some bytes as text, or as hex where they are none. */
function printable(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const shown = text.includes('\ufffd') ? bytes.toString('hex') : visible(text);
  return shortened(shown, 60);
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
