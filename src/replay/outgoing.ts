import { parseJson, withValue } from '../ocpp/json.ts';
import { replaceTokens } from '../ocpp/json-text.ts';
import { type Call, type Message, payloadIndex, withMessageId } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { type Frame, FrameFlag } from '../session/frame.ts';
import type { AnswerSource } from '../session/recording.ts';
import { type Bindings, inMessage } from './bindings.ts';
import type { IdUse, RecordedAnswer, Spoken } from './plan.ts';
import { type Edit, timeEdits } from './time-shift.ts';

/** A frame to be sent: payload in clear, and how it was on the wire (FrameFlag bits: masked, fragmented, deflated). */
export interface Outgoing {
  opcode: number | null;
  payload: Uint8Array;
  flags: number;
  fragments: number[] | null;
  /** Frame of the recording that this one replays; null when there is none. */
  replays: number | null;
  /** When the schedule wanted it sent, µs of the run's clock. */
  scheduledUs: number;
  /** Of an answer to a command: where it came from. */
  source: AnswerSource | null;
  /** What it says, where that is known without reading it. */
  says?: Message;
}

/** A recorded frame, as it was. */
export function asRecorded(frame: Frame, scheduledUs: number, payload: Uint8Array = frame.payload): Outgoing {
  const { opcode, flags, fragments, id } = frame;
  const replays = flags & FrameFlag.ours ? null : id;
  return { opcode, payload, flags, fragments, replays, scheduledUs, source: null };
}

/** A recorded call in its exact text, with live ids, what its live command says, and shifted times; and what it says then. */
export function liveCall(
  { call, frame, text }: Spoken,
  uses: readonly IdUse[],
  protocol: Protocol,
  live: { bindings: Bindings; carried: readonly Edit[]; delta: number; scheduledUs: number },
): { frame: Outgoing; call: Call } {
  const { action, payload } = call;
  const times = timeEdits(protocol, { action, part: 'call', payload, atUs: frame.atUs }, live.delta);
  const edits = [...live.bindings.edits(uses), ...live.carried, ...times];
  const edited = replaceTokens(text, inMessage(payloadIndex('call'), edits));
  if (edited === text) return { frame: { ...asRecorded(frame, live.scheduledUs), says: call }, call };
  const said = edits.reduce((said, { path, token }) => withValue(said, path, parseJson(token)), payload);
  const says = { ...call, payload: said };
  return {
    frame: { ...asRecorded(frame, live.scheduledUs, Buffer.from(edited, 'utf8')), says },
    call: says,
  };
}

/** The text of a recorded answer for a live command: its message id, live ids, shifted times, and nothing else changed. */
export function liveAnswer(
  answer: RecordedAnswer,
  messageId: string,
  bindings: Bindings,
  delta: number,
): string {
  const text = withMessageId(answer.text, messageId);
  const { message, action, protocol, frame } = answer;
  if (message.type !== 'callResult') return text;
  const times = timeEdits(
    protocol,
    { action, part: 'result', payload: message.payload, atUs: frame.atUs },
    delta,
  );
  return replaceTokens(
    text,
    inMessage(payloadIndex('callResult'), [...bindings.edits(answer.uses), ...times]),
  );
}

/** A frame that answers a control frame; masked, as a charger's must be (RFC 6455 §5.3). */
export function reaction(opcode: number, payload: Uint8Array, scheduledUs: number): Outgoing {
  const flags = FrameFlag.masked;
  return { opcode, payload, flags, fragments: null, replays: null, scheduledUs, source: null };
}
