import type { Call, Message, Side } from '../ocpp/message.ts';
import type { Frame } from '../session/frame.ts';

/**
 * What was said in one frame, and as much of the frame as a comparison needs: a session may have a million, and their texts stay in the
 * recording.
 */
export class Said<Meaning extends Message = Message> {
  readonly id: number;
  readonly connection: number;
  readonly atUs: number;
  readonly monoUs: number;
  readonly opcode: number | null;
  readonly message: Meaning;

  constructor({ id, connection, atUs, monoUs, opcode }: Frame, message: Meaning) {
    this.id = id;
    this.connection = connection;
    this.atUs = atUs;
    this.monoUs = monoUs;
    this.opcode = opcode;
    this.message = message;
  }

  /** Its frame: place, time and sort. */
  get frame(): this {
    return this;
  }
}

/** A frame of the CSMS that answers nothing or is no OCPP-J, with its text. */
export class Stray extends Said {
  readonly text: string;

  constructor(frame: Frame, message: Message) {
    super(frame, message);
    this.text = textOf(frame);
  }
}

/** Where a frame of a run or cut comes from: recording and frame id. */
export interface Origin {
  recording: string;
  replays: number;
}

/** A call with its answers (several when the peer answered twice, none when it did not). */
export class Exchange {
  readonly caller: Side;
  readonly action: string;
  readonly call: Said<Call>;
  /** Of a run or cut: the frame that the call comes from. */
  readonly origin: Origin | null;
  answers: readonly Said[] = NONE;
  /** Its message id, as long as it is not answered. */
  messageId: string | null;

  constructor(caller: Side, call: Said<Call>, origin: Origin | null, messageId: string) {
    this.caller = caller;
    this.action = call.message.action;
    this.call = call;
    this.origin = origin;
    this.messageId = messageId;
  }

  /** Takes one more answer. */
  answer(said: Said): void {
    this.messageId = null;
    this.answers = this.answers.length === 0 ? [said] : [...this.answers, said];
  }
}

const NONE: readonly Said[] = [];

/** Text of a frame's payload, at most `limit` bytes of it. */
export function textOf(frame: Frame, limit = Number.POSITIVE_INFINITY): string {
  const { buffer, byteOffset, byteLength } = frame.payload;
  return Buffer.from(buffer, byteOffset, Math.min(byteLength, limit)).toString('utf8');
}
