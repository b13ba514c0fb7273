import { type Call, type Message, payloadIndex } from '../ocpp/message.ts';
import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import { Bindings } from './bindings.ts';
import { Debts } from './debts.ts';
import { driveValues } from './drive-values.ts';
import { Expectations } from './expectations.ts';
import { judge, type MissingCommandPolicy, type Situation, type Verdict } from './gates.ts';
import type { Deed, Happening } from './happening.ts';
import type { Hook } from './hook.ts';
import { CLOSING_US, isOver, type Line, Lines } from './lines.ts';
import { LiveCalls } from './live-calls.ts';
import { asRecorded, type Outgoing } from './outgoing.ts';
import { dueUs, type Pacing } from './pacing.ts';
import type { CallStep, DriveStep, Issue, Plan, Step } from './plan.ts';
import { HookFailure, Speech } from './speech.ts';
import { Tally } from './tally.ts';

/** How a virtual charger plays its plan. */
export interface PlayOptions {
  pacing: Pacing;
  /** Whole seconds added to every time. */
  delta: number;
  /** How long an answer, an id or a cause is waited for, µs. */
  waitUs: number;
  /** Waits before the attempts to come back after trouble with a connection, ms. */
  backOffMs: readonly number[];
  /** What to do when a command that a step depends on does not come; `skip-dependents` when not given. */
  onMissingCommand?: MissingCommandPolicy;
  /** May rewrite each message before it is sent. */
  hook?: Hook;
}

/** Close code 1000 (RFC 6455 §7.4.1), for a connection whose recording has no end. */
const NORMAL_CLOSE = Buffer.from([0x03, 0xe8]);

/**
 * One recorded session as a charger that lives again: it takes its steps in recorded order, each when it is due and all that it
 * depends on has happened, and answers what the CSMS asks. Sans-I/O: happenings in, deeds out, time given with each.
 */
export class VirtualCharger {
  readonly #plan: Plan;
  readonly #options: PlayOptions;
  readonly #calls: LiveCalls;
  readonly #expectations: Expectations;
  readonly #bindings = new Bindings();
  readonly #lines: Lines;
  readonly #debts = new Debts();
  readonly #tally: Tally;
  readonly #speech: Speech;
  /** Place in the recording up to which steps were judged. */
  #reachedId = 0;
  readonly #sent: { id: number; us: number }[] = [];
  #next = 0;
  #headSinceUs: number;
  #done = false;
  #wakeAtUs = Number.POSITIVE_INFINITY;
  #deeds: Deed[] = [];
  #nowUs: number;

  constructor(plan: Plan, options: PlayOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#calls = new LiveCalls(options.waitUs);
    this.#expectations = new Expectations(plan.commands, options.waitUs);
    this.#lines = new Lines(options.backOffMs);
    this.#headSinceUs = options.pacing.startUs;
    this.#nowUs = options.pacing.startUs;
    this.#tally = new Tally(plan);
    const [bindings, expectations] = [this.#bindings, this.#expectations];
    this.#speech = new Speech({ ...options, plan, bindings, expectations });
  }

  /** When it wants a tick even if nothing happens, µs; infinite when it does not. */
  get wakeAtUs(): number {
    return this.#done ? Number.POSITIVE_INFINITY : this.#wakeAtUs;
  }

  /** Steps taken or left out so far. */
  get progress(): { done: number; of: number } {
    return { done: this.#next, of: this.#plan.steps.length };
  }

  /** Takes what happened; gives what is to be done. `nowUs` never goes back. */
  handle(happening: Happening, nowUs: number): Deed[] {
    if (this.#done) return [];
    this.#nowUs = nowUs;
    this.#take(happening);
    if (!this.#done) this.#advance();
    const deeds = this.#deeds;
    this.#deeds = [];
    return deeds;
  }

  #take(happening: Happening): void {
    if (happening.kind === 'tick') return;
    if (happening.kind === 'stop') {
      this.#stop();
      return;
    }
    if (happening.kind === 'driven') {
      this.#expectations.driven(this.#plan.commands[happening.command]!, happening.failure);
      return;
    }
    const line = this.#lines.bySocket(happening.socket);
    if (!line || isOver(line)) return;
    if (happening.kind === 'opened') this.#opened(line);
    else if (happening.kind === 'refused') this.#refused(line, happening.status);
    else if (happening.kind === 'failed') this.#failed(line, happening.reason);
    else if (happening.kind === 'ended') this.#ended(line);
    else this.#frame(line, happening.frame, happening.message);
  }

  #opened(line: Line): void {
    line.lastMessageUs = this.#nowUs;
    this.#lines.become(line, 'open');
    if (!line.planned.accepted) this.#hangUp(line);
  }

  #refused(line: Line, status: number): void {
    if (!line.planned.accepted) this.#lines.become(line, 'over');
    else this.#giveUp(line, `The CSMS answered the handshake with ${status}.`);
  }

  #failed(line: Line, reason: string): void {
    if (!line.planned.accepted) {
      this.#lines.become(line, 'over');
      return;
    }
    if (this.#lines.retry(line, this.#nowUs)) return;
    this.#giveUp(line, `The CSMS could not be reached: ${reason}.`);
  }

  #giveUp(line: Line, reason: string): void {
    this.#tally.incomplete(reason);
    this.#lines.become(line, 'givenUp');
  }

  /** A connection is over. When the CSMS ended it too early, the charger comes back, as a real one would. */
  #ended(line: Line): void {
    const byCsms = line.byCsms || line.state === 'open';
    this.#calls.lost(line.socket);
    this.#debts.forget(line.socket);
    this.#lines.become(line, 'over');
    if (!byCsms || !this.#hasMoreToSay(line)) return;
    if (this.#lines.retry(line, this.#nowUs)) return;
    this.#giveUp(line, 'The CSMS ended the connection again and again.');
  }

  #hasMoreToSay(line: Line): boolean {
    const { id } = line.planned.recorded;
    for (let index = this.#next; index < this.#plan.steps.length; index++) {
      const step = this.#plan.steps[index]!;
      if (step.connection !== id) continue;
      if (step.kind === 'call' || (step.kind === 'frame' && step.frame.opcode !== Opcode.ping)) return true;
    }
    return false;
  }

  #frame(line: Line, frame: Frame, message: Message | null): void {
    if (message) {
      line.lastMessageUs = this.#nowUs;
      this.#calls.heard();
    }
    if (frame.opcode === Opcode.ping) this.#pong(line, frame);
    else if (frame.opcode === Opcode.close) this.#closed(line, frame);
    else if (message?.type === 'call') this.#command(line, message, frame);
    else if (message && message.type !== 'malformed') this.#answered(line, message, frame);
  }

  #pong(line: Line, { payload }: Frame): void {
    const { perPing, delayUs } = this.#plan.pongs;
    for (let pong = 0; pong < perPing; pong++) {
      this.#debts.owe(line.socket, reaction(Opcode.pong, payload, this.#nowUs + delayUs));
    }
  }

  /** The CSMS starts or completes the closing handshake (RFC 6455 §7.1.2). */
  #closed(line: Line, { payload }: Frame): void {
    if (line.state !== 'open') return;
    line.byCsms = true;
    this.#lines.become(line, 'leaving', this.#nowUs + CLOSING_US);
    if (line.planned.echoesClose === false) {
      this.#end(line, 'fin', false);
      return;
    }
    this.#send(line, reaction(Opcode.close, payload, this.#nowUs));
  }

  #command(line: Line, call: Call, frame: Frame): void {
    const { protocol } = line.planned;
    const text = Buffer.from(frame.payload).toString('utf8');
    const matched = this.#expectations.match(call, text, protocol, this.#bindings);
    if (matched) this.#learn(matched.issues, call.payload, frame, payloadIndex('call'));
    const at = { protocol, nowUs: this.#nowUs, wallMs: frame.atUs / 1000 };
    this.#unlessHookFails(() => {
      for (const answer of this.#speech.answers(call, matched, at)) this.#debts.owe(line.socket, answer);
    });
  }

  /** Ends the session as incomplete when the hook does not do its work. Whether it did. */
  #unlessHookFails(speak: () => void): boolean {
    try {
      speak();
      return true;
    } catch (error) {
      if (!(error instanceof HookFailure)) throw error;
      this.#giveUpAll(error.message);
      return false;
    }
  }

  #answered(line: Line, message: Message, frame: Frame): void {
    const call = this.#calls.answered(line.socket, message, this.#nowUs, this.#plan.steps);
    if (!call || message.type !== 'callResult') return;
    this.#speech.answered(call);
    this.#learn(call.step.issues, message.payload, frame, payloadIndex('callResult'));
  }

  #learn(issues: readonly Issue[], payload: Call['payload'], frame: Frame, index: number): void {
    if (issues.length === 0) return;
    const text = Buffer.from(frame.payload).toString('utf8');
    for (const bound of this.#bindings.learn(issues, payload, text, index)) {
      this.#deeds.push({ kind: 'bind', bound, frame: frame.id });
    }
  }

  /** Does all that may be done now, and works out when to look again. */
  #advance(): void {
    this.#wakeAtUs = Number.POSITIVE_INFINITY;
    this.#payDebts();
    for (const line of [...this.#lines.active]) this.#watch(line);
    while (this.#next < this.#plan.steps.length) {
      if (this.#calls.isSilent) {
        this.#giveUpAll('The CSMS has stopped answering.');
        return;
      }
      const step = this.#plan.steps[this.#next]!;
      const verdict = judge(step, this.#situation());
      if (verdict.kind === 'wait') {
        this.#wakeAt(verdict.untilUs);
        break;
      }
      this.#reachedId = step.id;
      if (verdict.kind === 'stop') {
        this.#giveUpAll(verdict.reason);
        return;
      }
      this.#next++;
      this.#headSinceUs = this.#nowUs;
      if (verdict.kind === 'go') this.#do(step);
      else this.#leaveOut(step, verdict);
      if (this.#done) return;
    }
    for (const line of [...this.#lines.active]) this.#wakeAt(line.untilUs);
    if (this.#next === this.#plan.steps.length && this.#lines.active.size === 0) this.#finish();
  }

  #leaveOut(step: Step, { reason, blame }: Extract<Verdict, { kind: 'skip' }>): void {
    this.#tally.leftOut(step, reason, blame);
    if (step.kind === 'drive') {
      this.#expectations.undriven(step.command, 'what it names, or its connection, was not there');
    }
  }

  #situation(): Situation {
    return {
      plan: this.#plan,
      pacing: this.#options.pacing,
      waitUs: this.#options.waitUs,
      nowUs: this.#nowUs,
      headSinceUs: this.#headSinceUs,
      calls: this.#calls,
      expectations: this.#expectations,
      bindings: this.#bindings,
      lines: this.#lines,
      sentBeforeUs: (id) => this.#sent.findLast((sent) => sent.id < id)?.us ?? this.#options.pacing.startUs,
      debts: this.#debts,
      tally: this.#tally,
      onMissingCommand: this.#options.onMissingCommand ?? 'skip-dependents',
    };
  }

  /** Sends the answers and pongs whose time has come. */
  #payDebts(): void {
    for (const { socket, frame } of this.#debts.due(this.#nowUs)) {
      const line = this.#lines.bySocket(socket);
      if (line?.state === 'open' || line?.state === 'closing') this.#send(line, frame);
    }
    this.#wakeAt(this.#debts.nextUs());
  }

  /** Lets pass what a line was waiting for: its next attempt, or the other side's end. */
  #watch(line: Line): void {
    if (this.#nowUs < line.untilUs) return;
    if (line.state === 'waiting') {
      this.#lines.redial(line);
      this.#deeds.push({ kind: 'dial', socket: line.socket, planned: line.planned, again: true });
    } else if (line.state === 'closing' || line.state === 'leaving') {
      this.#end(line, 'fin', line.state === 'leaving');
    }
  }

  #do(step: Step): void {
    if (step.kind === 'finish') {
      this.#finishLines();
      return;
    }
    const planned = this.#plan.connections.get(step.connection)!;
    if (step.kind === 'dial') {
      const line = this.#lines.dial(planned, this.#nowUs);
      this.#deeds.push({ kind: 'dial', socket: line.socket, planned, again: false });
      return;
    }
    const line = this.#lines.of(step.connection);
    if (!line || isOver(line) || line.state === 'ending') return;
    const scheduledUs = dueUs(this.#options.pacing, step.offsetUs);
    if (step.kind === 'end') {
      if (step.how === 'csms') this.#hangUp(line);
      else this.#end(line, step.how, false);
      return;
    }
    if (step.kind === 'drive') {
      this.#drive(step);
      return;
    }
    if (step.kind === 'call') {
      if (!this.#call(step, line, scheduledUs)) return;
    } else {
      this.#send(line, asRecorded(step.frame, scheduledUs));
    }
    if (step.kind === 'close') this.#lines.become(line, 'closing', this.#nowUs + CLOSING_US);
    this.#sent.push({ id: step.id, us: this.#nowUs });
    this.#lines.proved();
  }

  /** Sends a call; when the hook fails, it is one of those that are left out. */
  #call(step: CallStep, line: Line, scheduledUs: number): boolean {
    this.#next--;
    const isSpoken = this.#unlessHookFails(() => {
      const { frame, call } = this.#speech.call(step, line.planned.protocol, scheduledUs);
      this.#calls.sent(step, call, line.socket, this.#nowUs);
      this.#send(line, frame);
    });
    if (isSpoken) this.#next++;
    return isSpoken;
  }

  /** Asks for an external command, unless it has come already. */
  #drive(step: DriveStep): void {
    const { command } = step;
    if (this.#expectations.hasArrived(command)) return;
    this.#expectations.drive(command, this.#nowUs);
    const live = { bindings: this.#bindings, calls: this.#calls };
    this.#deeds.push({ kind: 'drive', command, values: driveValues(step, this.#plan.steps, live) });
  }

  #send(line: Line, frame: Outgoing): void {
    if (frame.opcode !== Opcode.pong && frame.opcode !== Opcode.ping) line.lastMessageUs = this.#nowUs;
    this.#deeds.push({ kind: 'send', socket: line.socket, frame });
  }

  #end(line: Line, how: 'fin' | 'reset', ours: boolean): void {
    this.#lines.become(line, 'ending');
    this.#deeds.push({ kind: 'end', socket: line.socket, how, ours });
  }

  /** Ends a connection of our own accord, marked as ours. */
  #hangUp(line: Line): void {
    const close = reaction(Opcode.close, NORMAL_CLOSE, this.#nowUs);
    this.#send(line, { ...close, flags: FrameFlag.masked | FrameFlag.ours });
    this.#lines.become(line, 'closing', this.#nowUs + CLOSING_US);
  }

  #finishLines(): void {
    for (const line of [...this.#lines.active]) {
      if (line.state === 'open') this.#hangUp(line);
      else if (line.state === 'waiting') this.#lines.become(line, 'over');
    }
  }

  /** Leaves out everything that is left; the connections are ended. */
  #giveUpAll(reason: string): void {
    this.#tally.incomplete(reason);
    const { steps } = this.#plan;
    for (; this.#next < steps.length; this.#next++) this.#tally.leftOut(steps[this.#next]!, null);
    this.#stopLines();
    this.#finish();
  }

  #stop(): void {
    this.#giveUpAll('stopped');
  }

  #stopLines(): void {
    for (const line of [...this.#lines.active]) {
      if (line.state !== 'waiting') this.#end(line, 'fin', true);
    }
  }

  #finish(): void {
    this.#done = true;
    this.#deeds.push(this.#tally.done(this.#expectations, this.#reachedId));
  }

  #wakeAt(us: number): void {
    this.#wakeAtUs = Math.min(this.#wakeAtUs, us);
  }
}

/** A frame that answers a control frame; masked, as a charger's must be (RFC 6455 §5.3). */
function reaction(opcode: number, payload: Uint8Array, scheduledUs: number): Outgoing {
  const flags = FrameFlag.masked;
  return { opcode, payload, flags, fragments: null, replays: null, scheduledUs, source: null };
}
