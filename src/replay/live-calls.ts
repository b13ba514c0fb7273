import assert from 'node:assert';
import type { Call, Message } from '../ocpp/message.ts';
import { Pairing } from '../session/pairing.ts';
import { Patience } from './patience.ts';
import type { CallStep } from './plan.ts';

/** How a sent call stands. `lost`: its connection ended first. A late answer still makes `givenUp` `answered`. */
export type CallState = 'open' | 'answered' | 'givenUp' | 'lost';

/** A call of the virtual charger on its way. */
export interface LiveCall {
  step: CallStep;
  sentUs: number;
  /** When it should have been sent: from then on the CSMS has kept it waiting, µs. */
  sinceUs: number;
  /** When waiting for its answer ends. */
  deadlineUs: number;
  state: CallState;
  answeredUs: number | null;
  /** The call as it was sent; null once it is over, unless it was given ids. */
  call: Call | null;
  /** The CSMS's answer. */
  answer: Message | null;
}

/** After this many kinds of call in a row without any answer, and no other word, the CSMS is taken for dead. */
const SILENT_ACTIONS = 3;

/** After this many calls in a row without an answer the CSMS has stopped answering, whatever else it says. */
const SILENT_CALLS = 10;

/**
 * The calls that a virtual charger has sent. Waiting for an answer is bounded, and shorter for an action that stayed unanswered
 * before.
 */
export class LiveCalls {
  readonly #patience: Patience;
  readonly #calls = new Map<CallStep, LiveCall>();
  readonly #bySocket = new Map<number, { pairing: Pairing; open: Set<LiveCall> }>();
  readonly #silent = new Set<string>();
  /** Waits in vain since the last answer, one after the other; calls that are given up together are one. */
  #unanswered = 0;
  #givenUpUs = 0;

  readonly #onOver: (step: CallStep) => void;

  /** `onOver` is told of each call that is answered, or will not be. */
  constructor(waitUs: number, onOver: (step: CallStep) => void = () => {}) {
    this.#patience = new Patience(waitUs);
    this.#onOver = onOver;
  }

  /** The call of a step; undefined when it was not sent. */
  of(step: CallStep): LiveCall | undefined {
    return this.#calls.get(step);
  }

  /** Notes a call that was just sent, as it was sent; `sinceUs` when it should have been. */
  sent(step: CallStep, call: Call, socket: number, nowUs: number, sinceUs = nowUs): void {
    const live: LiveCall = {
      step,
      sentUs: nowUs,
      sinceUs,
      deadlineUs: nowUs + this.#patience.us(step.action),
      state: 'open',
      answeredUs: null,
      call,
      answer: null,
    };
    const line = this.#line(socket);
    line.open.add(live);
    line.pairing.observe('charger', call, step.index, nowUs);
    this.#calls.set(step, live);
  }

  /** Takes an answer of the CSMS; gives the call that it is the first answer to. */
  answered(
    socket: number,
    message: Message,
    nowUs: number,
    steps: readonly { kind: string }[],
  ): LiveCall | null {
    const { answers, duplicate } = this.#line(socket).pairing.observe('csms', message, -1, nowUs);
    if (answers === null || duplicate) return null;
    const live = this.#calls.get(steps[answers] as CallStep);
    assert(live, 'an answer was paired with a call that was not sent');
    live.state = 'answered';
    live.answeredUs = nowUs;
    live.answer = message;
    this.#unanswered = 0;
    this.#line(socket).open.delete(live);
    this.#patience.came(live.step.action, nowUs - live.sentUs);
    this.#onOver(live.step);
    return live;
  }

  /** All that was to be made of an answer was made of it: what was said is forgotten, but for calls that were given ids. */
  settled(live: LiveCall): void {
    live.answer = null;
    if (live.step.issues.length === 0) live.call = null;
  }

  /** The CSMS said something: it lives. */
  heard(): void {
    this.#silent.clear();
  }

  /** Whether the CSMS has left several kinds of call unanswered and said nothing since, or many calls in a row, that the recorded one answered. */
  get isSilent(): boolean {
    return this.#silent.size >= SILENT_ACTIONS || this.#unanswered >= SILENT_CALLS;
  }

  /** The connection is over: its open calls will not be answered any more. */
  lost(socket: number): void {
    for (const live of this.#line(socket).open) {
      live.state = 'lost';
      this.#onOver(live.step);
    }
    this.#bySocket.delete(socket);
  }

  /** The connection was away for so long, µs: its open calls have not been waited for in that time. */
  prolong(socket: number, awayUs: number, nowUs: number): void {
    for (const live of this.#line(socket).open) {
      live.deadlineUs += awayUs;
      live.sinceUs = nowUs;
    }
  }

  /** Open calls of a connection; those whose time is over are given up first. */
  open(socket: number, nowUs: number): LiveCall[] {
    const { open } = this.#line(socket);
    for (const live of open) {
      if (nowUs < live.deadlineUs) continue;
      open.delete(live);
      this.#giveUp(live, nowUs);
    }
    return [...open];
  }

  #giveUp(live: LiveCall, nowUs: number): void {
    live.state = 'givenUp';
    this.#onOver(live.step);
    const { answeredBefore, action } = live.step;
    if (answeredBefore === null || live.sentUs < this.#givenUpUs) return;
    this.#givenUpUs = nowUs;
    this.#patience.missed(action);
    this.#silent.add(action);
    this.#unanswered++;
  }

  #line(socket: number): { pairing: Pairing; open: Set<LiveCall> } {
    let line = this.#bySocket.get(socket);
    if (!line) {
      line = { pairing: new Pairing(), open: new Set() };
      this.#bySocket.set(socket, line);
    }
    return line;
  }
}
