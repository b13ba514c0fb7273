import { randomUUID } from 'node:crypto';
import { type Call, decodeMessage, withMessageId } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { FrameFlag, Opcode } from '../session/frame.ts';
import { answersTo } from './answers.ts';
import type { Bindings } from './bindings.ts';
import { carriedEdits } from './carries.ts';
import { LiveState } from './charger-state.ts';
import { asksTheSame, type Expectations } from './expectations.ts';
import { type Hook, type HookContext, hooked } from './hook.ts';
import type { LiveCall } from './live-calls.ts';
import { liveCall, type Outgoing } from './outgoing.ts';
import type { Pacing } from './pacing.ts';
import type { CallStep, Plan, RecordedCommand } from './plan.ts';

/** What a virtual charger speaks with. */
export interface SpeechGround {
  plan: Plan;
  bindings: Bindings;
  expectations: Expectations;
  pacing: Pacing;
  /** Seconds added to every time. */
  delta: number;
  /** May rewrite each message. */
  hook?: Hook;
}

/** The hook did not do its work: the session cannot go on. */
export class HookFailure extends Error {}

/** What a virtual charger says: its calls and its answers, in the recorded texts wherever there are any. */
export class Speech {
  readonly #ground: SpeechGround;
  readonly #state: LiveState;

  constructor(ground: SpeechGround) {
    this.#ground = ground;
    this.#state = new LiveState(ground.plan);
  }

  /** A recorded call as it is to be sent now, and what it says. Throws HookFailure. */
  call(step: CallStep, protocol: Protocol, scheduledUs: number): { frame: Outgoing; call: Call } {
    const { plan, bindings, expectations, delta } = this.#ground;
    const spoken = step.made ?? plan.spoken(step);
    const carried = carriedEdits(step, spoken, plan, expectations);
    const made = liveCall(spoken, step.uses, protocol, { bindings, carried, delta, scheduledUs });
    const frame = this.#hooked(made.frame, { kind: 'call', action: step.action }, () => spoken.text);
    if (frame === made.frame) return made;
    const message = decodeMessage(textOf(frame));
    return { frame, call: message.type === 'call' ? message : spoken.call };
  }

  /** The same call once more, with a message id of its own and marked as ours. Throws HookFailure. */
  again(step: CallStep, protocol: Protocol, scheduledUs: number): { frame: Outgoing; call: Call } {
    const spoken = this.#ground.plan.spoken(step);
    const text = withMessageId(spoken.text, randomUUID());
    const flags = (spoken.frame.flags & ~FrameFlag.fragmented) | FrameFlag.ours;
    const frame = { ...spoken.frame, flags, fragments: null, payload: Buffer.from(text, 'utf8') };
    const call = decodeMessage(text) as Call;
    return this.call({ ...step, made: { text, call, frame } }, protocol, scheduledUs);
  }

  /** The answers to a live command; `matched` is the recorded one that it is taken for. Throws HookFailure. */
  answers(
    call: Call,
    matched: RecordedCommand | null,
    at: { protocol: Protocol; nowUs: number; wallMs: number },
  ): Outgoing[] {
    const answers = answersTo(call, matched, { ...this.#ground, ...at, live: this.#state });
    const isAsRecorded = matched !== null && asksTheSame(call, matched, this.#ground.bindings);
    this.#state.answered(call, isAsRecorded, answers);
    const about = { kind: 'answer', action: call.action } as const;
    return answers.map((answer) => this.#hooked(answer, about, () => this.#recordedAnswer(answer)));
  }

  /** The CSMS has answered a call. */
  answered(call: LiveCall): void {
    this.#state.called(call);
  }

  #hooked(
    frame: Outgoing,
    about: Pick<HookContext, 'kind' | 'action'>,
    recorded: () => string | null,
  ): Outgoing {
    const { hook, plan, bindings } = this.#ground;
    if (!hook || frame.opcode !== Opcode.text) return frame;
    const { identity, endpoint } = plan.session;
    const liveId = (idClass: string, id: string | number | bigint) =>
      bindings.liveOf(idClass, String(id)) ?? null;
    const text = textOf(frame);
    try {
      const wanted = hooked(hook, text, { identity, endpoint, ...about, recorded: recorded(), liveId });
      if (wanted === text) return frame;
      const { says: _, ...rest } = frame;
      return { ...rest, payload: Buffer.from(wanted, 'utf8') };
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new HookFailure(`The hook failed at ${about.action}: ${what}.`, { cause });
    }
  }

  /** Text of the recorded answer that an answer replays; null when it has none. */
  #recordedAnswer({ replays }: Outgoing): string | null {
    const answers = this.#ground.plan.commands.flatMap((command) => command.answers);
    return answers.find(({ frame }) => frame.id === replays)?.text ?? null;
  }
}

function textOf({ payload }: Outgoing): string {
  return Buffer.from(payload).toString('utf8');
}
