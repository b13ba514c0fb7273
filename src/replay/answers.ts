import { writeJson } from '../ocpp/json.ts';
import { type Call, encodeCallError, encodeCallResult } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { FrameFlag, Opcode } from '../session/frame.ts';
import type { AnswerSource } from '../session/recording.ts';
import type { Bindings } from './bindings.ts';
import type { LiveState } from './charger-state.ts';
import { asksTheSame, type Expectations } from './expectations.ts';
import { asRecorded, liveAnswer, type Outgoing } from './outgoing.ts';
import { type Pacing, scaledUs } from './pacing.ts';
import type { RecordedAnswer, RecordedCommand } from './plan.ts';

/** What an answer is made with. */
export interface AnswerContext {
  protocol: Protocol;
  bindings: Bindings;
  expectations: Expectations;
  pacing: Pacing;
  /** Seconds added to every time. */
  delta: number;
  nowUs: number;
  /** Wall clock, ms since the epoch. */
  wallMs: number;
  /** What the charger knows by now. */
  live: LiveState;
}

/**
 * The answers to a live command, each with its time: as recorded for the command it matches, else as recorded for that
 * action, else by what the charger knows, else what a conforming one says. A question about how the charger stands is only answered as
 * recorded when it is the recorded one. None when the recorded charger kept silent, to this command or to all.
 */
export function answersTo(call: Call, matched: RecordedCommand | null, context: AnswerContext): Outgoing[] {
  if (matched?.silent ?? context.expectations.isMute) return [];
  if (matched && matched.answers.length > 0 && isAnsweredAsRecorded(call, matched, context)) {
    return matched.answers.map((answer) => again(answer, call, 'recorded', context));
  }
  const { protocol, bindings, expectations } = context;
  if (protocol.isQuery(call.action)) return [conforming(call, context)];
  const [example] = expectations.example(call, protocol, bindings)?.answers ?? [];
  return [example ? again(example, call, 'action', context) : conforming(call, context)];
}

/** A question is answered as recorded when it is the recorded one, and what it asks about was changed as in the recording. */
function isAnsweredAsRecorded(call: Call, matched: RecordedCommand, context: AnswerContext): boolean {
  if (!context.protocol.isQuery(call.action)) return true;
  return !context.live.hasDiverged && asksTheSame(call, matched, context.bindings);
}

function again(answer: RecordedAnswer, call: Call, source: AnswerSource, context: AnswerContext): Outgoing {
  const text = liveAnswer(answer, call.messageId, context.bindings, context.delta);
  const atUs = context.nowUs + scaledUs(context.pacing, answer.delayUs);
  return { ...asRecorded(answer.frame, atUs, Buffer.from(text, 'utf8')), source };
}

function conforming(call: Call, { protocol, nowUs, wallMs, live }: AnswerContext): Outgoing {
  const known = live.state.answer(call.action, call.payload, wallMs);
  const answer = known ?? protocol.defaultAnswer(call.action, call.payload);
  const text =
    'result' in answer
      ? encodeCallResult(call.messageId, writeJson(answer.result))
      : encodeCallError(call.messageId, answer.errorCode, '', '{}');
  return {
    opcode: Opcode.text,
    payload: Buffer.from(text, 'utf8'),
    flags: FrameFlag.masked,
    fragments: null,
    replays: null,
    scheduledUs: nowUs,
    source: known ? 'state' : 'default',
  };
}
