import { writeJson } from '../ocpp/json.ts';
import { type Call, encodeCallError, encodeCallResult } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { FrameFlag, Opcode } from '../session/frame.ts';
import type { AnswerSource } from '../session/recording.ts';
import type { Bindings } from './bindings.ts';
import type { Expectations } from './expectations.ts';
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
}

/**
 * The answers to a live command, each with its time: as recorded for the command it matches, else as recorded for that
 * action, else what a conforming charger says. None when the recorded charger kept silent.
 */
export function answersTo(call: Call, matched: RecordedCommand | null, context: AnswerContext): Outgoing[] {
  if (matched?.silent) return [];
  if (matched && matched.answers.length > 0) {
    return matched.answers.map((answer) => again(answer, call, 'recorded', context));
  }
  const [example] = context.expectations.example(call, context.protocol, context.bindings)?.answers ?? [];
  return [example ? again(example, call, 'action', context) : conforming(call, context)];
}

function again(answer: RecordedAnswer, call: Call, source: AnswerSource, context: AnswerContext): Outgoing {
  const text = liveAnswer(answer, call.messageId, context.bindings, context.delta);
  const atUs = context.nowUs + scaledUs(context.pacing, answer.delayUs);
  return { ...asRecorded(answer.frame, atUs, Buffer.from(text, 'utf8')), source };
}

function conforming(call: Call, { protocol, nowUs }: AnswerContext): Outgoing {
  const answer = protocol.defaultAnswer(call.action, call.payload);
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
    source: 'default',
  };
}
