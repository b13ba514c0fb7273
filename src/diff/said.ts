import type { Call, Message, Side } from '../ocpp/message.ts';
import type { Frame } from '../session/frame.ts';
import type { Link } from '../session/recording.ts';

/**
 * What was said in one frame, and as much of the frame as a comparison needs: a session may have a million, and their texts stay in the
 * recording.
 */
export class Said<Meaning extends Message = Message> {
  readonly id: number;
  readonly connection: number;
  /** Wall clock, µs; 0 where there is no time to compare. */
  readonly atUs: number;
  readonly monoUs: number;
  readonly opcode: number | null;
  readonly message: Meaning;

  constructor({ id, connection, atUs, monoUs, opcode }: Frame, message: Meaning, hasTimes = true) {
    this.id = id;
    this.connection = connection;
    this.atUs = hasTimes ? atUs : 0;
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

/** A call with its answers (several when the peer answered twice, none when it did not). */
export class Exchange {
  readonly caller: Side;
  readonly action: string;
  readonly call: Said<Call>;
  /** Of a run or cut: the frame that the call comes from, and the recording that it stands in. */
  readonly replays: number | null;
  readonly source: string | null;
  /** Its message id, as long as it is not answered. */
  messageId: string | null;
  #first: Said | undefined;
  #more: readonly Said[] | undefined;

  constructor(
    caller: Side,
    call: Said<Call>,
    link: Pick<Link, 'replays' | 'recording'> | null,
    messageId: string,
  ) {
    this.caller = caller;
    this.action = call.message.action;
    this.call = call;
    this.replays = link?.replays ?? null;
    this.source = link?.recording ?? null;
    this.messageId = messageId;
  }

  /** The answer that counts: the first; undefined when there is none. */
  get first(): Said | undefined {
    return this.#first;
  }

  /** All answers, in the order they came. */
  get answers(): readonly Said[] {
    return this.#first === undefined ? [] : [this.#first, ...(this.#more ?? [])];
  }

  /** Takes one more answer. */
  answer(said: Said): void {
    this.messageId = null;
    if (this.#first === undefined) this.#first = said;
    else this.#more = [...(this.#more ?? []), said];
  }
}

/** Text of a frame's payload, at most `limit` bytes of it. */
export function textOf(frame: Frame, limit = Number.POSITIVE_INFINITY): string {
  const { buffer, byteOffset, byteLength } = frame.payload;
  return Buffer.from(buffer, byteOffset, Math.min(byteLength, limit)).toString('utf8');
}
