import type { Message } from '../ocpp/message.ts';
import type { Frame } from '../session/frame.ts';

/** Of a frame: where and when it was. */
export type Place = Pick<Frame, 'id' | 'connection' | 'atUs' | 'monoUs' | 'opcode'>;

/** What was said in one frame, and as much of the frame as a comparison needs: its text stays in the recording. */
export class Said<Meaning extends Message = Message> {
  readonly id: number;
  readonly connection: number;
  /** Wall clock, µs; 0 where there is no time to compare. */
  readonly atUs: number;
  readonly monoUs: number;
  readonly opcode: number | null;
  readonly message: Meaning;

  constructor({ id, connection, atUs, monoUs, opcode }: Place, message: Meaning, hasTimes = true) {
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

/** Text of a frame's payload, at most `limit` bytes of it. */
export function textOf(frame: Frame, limit = Number.POSITIVE_INFINITY): string {
  const { buffer, byteOffset, byteLength } = frame.payload;
  return Buffer.from(buffer, byteOffset, Math.min(byteLength, limit)).toString('utf8');
}
