import type { MishapRule, Mishaps } from '../load/mishap.ts';
import { type Call, decodeMessage, type Message } from '../ocpp/message.ts';
import { FrameFlag, Opcode } from '../session/frame.ts';
import { monoNowUs } from '../wire/clock.ts';
import type { Happening } from './happening.ts';
import { LiveConnection, type LiveConnectionOptions } from './live-connection.ts';
import type { Outage } from './outage.ts';
import type { Outgoing } from './outgoing.ts';

/** What goes wrong with a session, and who is told of it. */
export interface Faults {
  mishaps: Mishaps;
  onFault: (rule: MishapRule) => void;
  /** How it is cut off with its fleet; undefined when it is not. */
  outage?: Outage;
}

/** A frame, and what is to go wrong with it. */
interface Due {
  frame: Outgoing;
  rule: MishapRule | null;
}

/** A call in JSON text (OCPP-J 1.6 §4.2.1). */
const CALL = /^\s*\[\s*2\s*,/;

/**
 * A live connection on which faults happen that were asked for. A call that is lost is said again once the connection is back, as a charger
 * would; of all else the virtual charger knows only when it is away. What was said in vain is marked as ours, so that it is not compared.
 */
export class FaultyConnection {
  readonly #options: LiveConnectionOptions;
  readonly #faults: Faults;
  /** Null before it is dialled, and while it is lost. */
  #live: LiveConnection | null = null;
  /** Which of the connections after each other it is; what the ones before it still tell is of no interest. */
  #nth = 0;
  /** Lost, and not back yet. */
  #isAway = false;
  /** The virtual charger was told that it is open. */
  #isOpen = false;
  /** What is to be said once it goes on; null while nothing holds it up. */
  #held: Due[] | null = null;
  /** Calls that are said once more when they are answered, by message id. */
  readonly #twice = new Map<string, Outgoing>();
  /** Calls that are not answered yet, by message id: they are said again when the fleet is cut off. */
  readonly #unanswered = new Map<string, Outgoing>();
  /** Message id of the introduction after a start; null while none is under way. */
  #introducing: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveConnectionOptions, faults: Faults) {
    this.#options = options;
    this.#faults = faults;
  }

  /** Dials, as LiveConnection does; once the power is back. */
  open(): void {
    const awayMs = this.#faults.outage?.awayMs ?? 0;
    if (awayMs > 0) this.#dialAfter(awayMs);
    else this.#dial(this.#options.again);
  }

  /** Sends a frame, behind those that are held up. */
  send(frame: Outgoing): void {
    const rule = isCall(frame) ? this.#faults.mishaps.next() : null;
    if (rule) this.#faults.onFault(rule);
    this.#pass({ frame, rule });
  }

  /** The fleet is cut off: it is lost, and comes back as its charger does. False when it is lost already. */
  lose(): boolean {
    if (this.#isAway || this.#live === null) return false;
    const unanswered = [...this.#unanswered.values()].map((frame) => ({ frame: inVain(frame), rule: null }));
    this.#unanswered.clear();
    this.#cut([...unanswered, ...(this.#held ?? [])]);
    this.#dialAgain(0);
    return true;
  }

  /** Ends it; what is held up is said before, unless the connection is away. */
  end(how: 'fin' | 'reset', ours: boolean): void {
    if (this.#isAway || this.#live === null) {
      this.destroy();
      setImmediate(() => this.#tellEnded());
      return;
    }
    this.#goOn();
    this.#live.end(how, ours);
  }

  /** Ends it at once. */
  destroy(): void {
    clearTimeout(this.#timer);
    this.#nth++;
    this.#held = null;
    this.#live?.destroy();
    this.#live = null;
  }

  #pass(due: Due): void {
    const { frame, rule } = due;
    // Between start and acceptance a charger answers, and asks for nothing else.
    const isFree = this.#introducing !== null && !this.#isAway && !isCall(frame);
    if (this.#held && !isFree) this.#held.push(due);
    else if (rule?.kind === 'delay') this.#holdUp(due, rule.forMs);
    else if (rule?.kind === 'drop-in-call' || rule?.kind === 'offline') this.#lose(due, rule.forMs);
    else this.#say(frame, rule?.kind === 'duplicate');
  }

  #say(frame: Outgoing, isTwice: boolean): void {
    const { outage } = this.#faults;
    const call = isTwice || outage ? callOf(frame) : null;
    if (call && isTwice) this.#twice.set(call.messageId, inVain(frame));
    if (call && outage) {
      this.#unanswered.set(call.messageId, frame);
      outage.said(call, frame, this.#options.planned.protocol);
    }
    this.#live?.send(frame);
  }

  #holdUp(due: Due, forMs: number): void {
    this.#held = [due];
    this.#timer = setTimeout(() => this.#goOn(), forMs);
  }

  /** The connection is reset under a call, and comes back after so long. */
  #lose(due: Due, forMs: number): void {
    this.#live?.send(inVain(due.frame));
    this.#cut([due]);
    this.#dialAfter(forMs);
  }

  #cut(left: Due[]): void {
    clearTimeout(this.#timer);
    this.#live?.end('reset', true);
    this.#nth++;
    this.#live = null;
    this.#isAway = true;
    this.#introducing = null;
    this.#held = left;
    // Not now: the virtual charger may be in the middle of what it does.
    if (this.#isOpen) queueMicrotask(() => this.#tell({ kind: 'away', socket: this.#options.socket }));
  }

  #dialAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dial(this.#isAway || this.#options.again), ms);
  }

  /** Dials as the charger comes back; the CSMS may have asked for a longer wait, ms. False when it does not come back any more. */
  #dialAgain(retryAfterMs: number): boolean {
    const waitMs = this.#faults.outage?.nextMs() ?? null;
    if (waitMs !== null) this.#dialAfter(Math.max(waitMs, retryAfterMs));
    return waitMs !== null;
  }

  #dial(again: boolean): void {
    const nth = ++this.#nth;
    this.#live = new LiveConnection({
      ...this.#options,
      again,
      onHappening: (happening) => {
        if (nth === this.#nth) this.#heard(happening);
      },
    });
    void this.#live.open();
  }

  #heard(happening: Happening): void {
    if (!this.#isAway) this.#tell(happening);
    else if (happening.kind === 'opened') this.#back(happening);
    else if (happening.kind === 'refused' || happening.kind === 'failed') {
      if (this.#dialAgain((happening.kind === 'refused' && happening.retryAfterMs) || 0)) return;
      this.#isAway = false;
      this.#tellEnded();
    }
  }

  #back(opened: Happening): void {
    this.#isAway = false;
    this.#tell(this.#isOpen ? { kind: 'back', socket: this.#options.socket } : opened);
    this.#introduce();
  }

  /** Says what a charger says first after a start, if it comes from one, and goes on when that is accepted. */
  #introduce(): void {
    const introduction = this.#faults.outage?.returned() ?? null;
    this.#introducing = introduction?.messageId ?? null;
    if (introduction) this.#live?.send(introduction.frame);
    else this.#goOn();
  }

  #introduced(answer: Message): void {
    const seconds = this.#faults.outage?.introduced(answer, this.#options.planned.protocol) ?? null;
    if (seconds !== null) {
      this.#timer = setTimeout(() => this.#introduce(), seconds * 1000);
      return;
    }
    this.#introducing = null;
    this.#goOn();
  }

  #tell(happening: Happening): void {
    if (happening.kind === 'opened') this.#isOpen = true;
    if (happening.kind === 'ended') this.#held = null;
    this.#options.onHappening(happening);
    const message = happening.kind === 'frame' ? happening.message : null;
    if (message?.type !== 'callResult' && message?.type !== 'callError') return;
    const again = this.#twice.get(message.messageId);
    this.#twice.delete(message.messageId);
    this.#unanswered.delete(message.messageId);
    if (again) this.#live?.send(again);
    if (message.messageId === this.#introducing) this.#introduced(message);
  }

  /** Says what was held up: the first has had its fault, those behind it may have theirs. */
  #goOn(): void {
    clearTimeout(this.#timer);
    const [first, ...rest] = this.#held ?? [];
    this.#held = null;
    if (first) this.#say({ ...first.frame, scheduledUs: monoNowUs() }, false);
    for (const { frame, rule } of rest) this.#pass({ frame: { ...frame, scheduledUs: monoNowUs() }, rule });
  }

  #tellEnded(): void {
    this.#tell({ kind: 'ended', socket: this.#options.socket });
  }
}

function isCall({ opcode, payload }: Outgoing): boolean {
  return opcode === Opcode.text && CALL.test(textOf({ payload }));
}

function callOf(frame: Outgoing): Call | null {
  if (!isCall(frame)) return null;
  const message = frame.says ?? decodeMessage(textOf(frame));
  return message.type === 'call' ? message : null;
}

function textOf({ payload }: Pick<Outgoing, 'payload'>): string {
  return Buffer.from(payload).toString('utf8');
}

/** The same frame, said in vain: it replays nothing. */
function inVain(frame: Outgoing): Outgoing {
  return { ...frame, flags: frame.flags | FrameFlag.ours, replays: null };
}
