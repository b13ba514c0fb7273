import { decodeMessage } from '../ocpp/message.ts';
import { FrameFlag, Opcode } from '../session/frame.ts';
import { monoNowUs } from '../wire/clock.ts';
import type { Happening } from './happening.ts';
import { LiveConnection, type LiveConnectionOptions } from './live-connection.ts';
import type { MishapRule, Mishaps } from './mishap.ts';
import type { Outgoing } from './outgoing.ts';

/** What goes wrong with the calls of a session, and who is told of it. */
export interface Faults {
  mishaps: Mishaps;
  onFault: (rule: MishapRule) => void;
}

/** A frame, and what is to go wrong with it. */
interface Due {
  frame: Outgoing;
  rule: MishapRule | null;
}

/** A call in JSON text (OCPP-J 1.6 §4.2.1). */
const CALL = /^\s*\[\s*2\s*,/;

/**
 * A live connection on which faults happen that were asked for. The virtual charger knows nothing of them: a call that is lost is said again
 * once the connection is back, as a charger would. What was said in vain is marked as ours, so that it is not compared.
 */
export class FaultyConnection {
  readonly #options: LiveConnectionOptions;
  readonly #faults: Faults;
  /** Null until a lost connection is dialled again. */
  #live: LiveConnection | null;
  /** Which of the connections after each other it is; what the ones before it still tell is of no interest. */
  #nth = 0;
  /** Lost, and not back yet. */
  #isAway = false;
  /** What is to be said once it goes on; null while nothing holds it up. */
  #held: Due[] | null = null;
  /** Calls that are said once more when they are answered, by message id. */
  readonly #twice = new Map<string, Outgoing>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveConnectionOptions, faults: Faults) {
    this.#options = options;
    this.#faults = faults;
    this.#live = this.#next(options.again);
  }

  /** Dials, as LiveConnection does. */
  async open(): Promise<void> {
    await this.#live?.open();
  }

  /** Sends a frame, behind those that are held up. */
  send(frame: Outgoing): void {
    const rule = isCall(frame) ? this.#faults.mishaps.next() : null;
    if (rule) this.#faults.onFault(rule);
    this.#pass({ frame, rule });
  }

  #pass(due: Due): void {
    const { frame, rule } = due;
    if (this.#held) this.#held.push(due);
    else if (rule?.kind === 'delay') this.#holdUp(due, rule.forMs);
    else if (rule?.kind === 'drop-in-call' || rule?.kind === 'offline') this.#lose(due, rule.forMs);
    else {
      const call = rule && decodeMessage(textOf(frame));
      if (call?.type === 'call') this.#twice.set(call.messageId, inVain(frame));
      this.#live?.send(frame);
    }
  }

  /** Ends it; what is held up is said before, unless the connection is away. */
  end(how: 'fin' | 'reset', ours: boolean): void {
    if (this.#isAway) {
      this.destroy();
      setImmediate(() => this.#tellEnded());
      return;
    }
    this.#goOn();
    this.#live?.end(how, ours);
  }

  /** Ends it at once. */
  destroy(): void {
    clearTimeout(this.#timer);
    this.#nth++;
    this.#held = null;
    this.#live?.destroy();
    this.#live = null;
  }

  #holdUp(due: Due, forMs: number): void {
    this.#held = [due];
    this.#timer = setTimeout(() => this.#goOn(), forMs);
  }

  /** The connection is reset under a call, and comes back after so long. */
  #lose(due: Due, forMs: number): void {
    this.#live?.send(inVain(due.frame));
    this.#live?.end('reset', true);
    this.#nth++;
    this.#live = null;
    this.#isAway = true;
    this.#held = [due];
    this.#timer = setTimeout(() => {
      this.#live = this.#next(true);
      void this.#live.open();
    }, forMs);
  }

  #next(again: boolean): LiveConnection {
    const nth = ++this.#nth;
    return new LiveConnection({
      ...this.#options,
      again,
      onHappening: (happening) => {
        if (nth === this.#nth) this.#heard(happening);
      },
    });
  }

  #heard(happening: Happening): void {
    if (!this.#isAway) this.#tell(happening);
    else if (happening.kind === 'opened') {
      this.#isAway = false;
      this.#goOn();
    } else if (happening.kind === 'refused' || happening.kind === 'failed') {
      this.#isAway = false;
      this.#held = null;
      this.#tellEnded();
    }
  }

  #tell(happening: Happening): void {
    this.#options.onHappening(happening);
    const message = happening.kind === 'frame' ? happening.message : null;
    if (message?.type !== 'callResult' && message?.type !== 'callError') return;
    const again = this.#twice.get(message.messageId);
    this.#twice.delete(message.messageId);
    if (again) this.#live?.send(again);
  }

  /** Says what was held up: the first has had its fault, those behind it may have theirs. */
  #goOn(): void {
    clearTimeout(this.#timer);
    const [first, ...rest] = this.#held ?? [];
    this.#held = null;
    if (first) this.#live?.send({ ...first.frame, scheduledUs: monoNowUs() });
    for (const { frame, rule } of rest) this.#pass({ frame: { ...frame, scheduledUs: monoNowUs() }, rule });
  }

  #tellEnded(): void {
    this.#options.onHappening({ kind: 'ended', socket: this.#options.socket });
  }
}

function isCall({ opcode, payload }: Outgoing): boolean {
  return opcode === Opcode.text && CALL.test(textOf({ payload }));
}

function textOf({ payload }: Pick<Outgoing, 'payload'>): string {
  return Buffer.from(payload).toString('utf8');
}

/** The same frame, said in vain: it replays nothing. */
function inVain(frame: Outgoing): Outgoing {
  return { ...frame, flags: frame.flags | FrameFlag.ours, replays: null };
}
