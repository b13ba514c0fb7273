import { type Call, type Message, payloadIndex } from '../ocpp/message.ts';
import { type Frame, Opcode } from '../session/frame.ts';
import { Admission } from './admission.ts';
import { Bindings } from './bindings.ts';
import { Connections } from './connections.ts';
import { Debts } from './debts.ts';
import { driveValues } from './drive-values.ts';
import { Expectations } from './expectations.ts';
import { judge, type MissingCommandPolicy, type Situation, type Verdict } from './gates.ts';
import type { Deed, Happening } from './happening.ts';
import type { Hook } from './hook.ts';
import { CLOSING_US, isOver, type Line, type Lines } from './lines.ts';
import { type LiveCall, LiveCalls } from './live-calls.ts';
import { asRecorded, reaction } from './outgoing.ts';
import { dueUs, type Pacing } from './pacing.ts';
import type { CallStep, DriveStep, Issue, Plan, PlannedConnection, Step } from './plan.ts';
import { HookFailure, Speech } from './speech.ts';
import type { SessionTurns } from './tag-turns.ts';
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
  /** Keeps this session in turn with others that name the same tags; when not given, it is not kept. */
  turns?: SessionTurns;
}

/** Of how many steps at least it is remembered when they were sent. */
const KEPT_SENT = 256;

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
  readonly #connections: Connections;
  readonly #lines: Lines;
  readonly #admission: Admission;
  readonly #debts = new Debts();
  readonly #tally: Tally;
  readonly #speech: Speech;
  /** Place in the recording up to which steps were judged. */
  #reachedId = 0;
  readonly #sent: { id: number; us: number }[] = [];
  #next = 0;
  #headSinceUs = 0;
  /** Up to when the session was last held up by something else than its schedule and answers, µs. */
  #heldUs = 0;
  #isHeld = false;
  /** When a connection that had been away was last back, µs. */
  #backUs = 0;
  #done = false;
  #wakeAtUs = Number.POSITIVE_INFINITY;
  readonly #deeds: Deed[] = [];
  #nowUs = 0;

  constructor(plan: Plan, options: PlayOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#calls = new LiveCalls(options.waitUs, ({ id }) => options.turns?.over(id));
    this.#expectations = new Expectations(plan.commands, options.waitUs);
    this.#admission = new Admission(options.waitUs);
    this.#tally = new Tally(plan);
    this.#connections = new Connections(options.backOffMs, options.waitUs, {
      calls: this.#calls,
      debts: this.#debts,
      tally: this.#tally,
      deeds: this.#deeds,
      hasMoreToSay: (planned) => this.#hasMoreToSay(planned),
    });
    this.#lines = this.#connections.lines;
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
    return this.#deeds.splice(0);
  }

  #take(happening: Happening): void {
    if (happening.kind === 'tick') return;
    if (happening.kind === 'stop') {
      this.#giveUpAll(happening.reason);
      return;
    }
    if (happening.kind === 'driven') {
      this.#expectations.driven(this.#plan.commands[happening.command]!, happening.failure);
      return;
    }
    const line = this.#lines.bySocket(happening.socket);
    if (line && !isOver(line)) this.#takeOn(line, happening);
  }

  #takeOn(line: Line, happening: Extract<Happening, { socket: number }>): void {
    const nowUs = this.#nowUs;
    switch (happening.kind) {
      case 'opened':
        this.#connections.opened(line, nowUs);
        break;
      case 'refused':
        this.#connections.refused(line, happening.status, happening.retryAfterMs, nowUs);
        break;
      case 'failed':
        this.#connections.failed(line, happening.reason, nowUs);
        break;
      case 'ended':
        this.#connections.ended(line, nowUs);
        break;
      case 'away':
        this.#connections.away(line, nowUs);
        break;
      case 'back':
        this.#backUs = nowUs;
        this.#connections.back(line, nowUs);
        break;
      case 'frame':
        this.#frame(line, happening.frame, happening.message);
        break;
    }
  }

  #hasMoreToSay({ recorded: { id } }: PlannedConnection): boolean {
    for (let index = this.#next; index < this.#plan.steps.length; index++) {
      const step = this.#plan.steps[index]!;
      if (step.connection !== id) continue;
      if (step.kind === 'call' || (step.kind === 'frame' && step.opcode !== Opcode.ping)) return true;
    }
    return false;
  }

  #frame(line: Line, frame: Frame, message: Message | null): void {
    if (message && message.type !== 'malformed') {
      line.lastMessageUs = this.#nowUs;
      this.#calls.heard();
    }
    if (frame.opcode === Opcode.ping) this.#pong(line, frame);
    else if (frame.opcode === Opcode.close) this.#connections.closed(line, frame, this.#nowUs);
    else if (message?.type === 'call') this.#command(line, message, frame);
    else if (message && message.type !== 'malformed') this.#answered(line, message, frame);
  }

  #pong(line: Line, { payload }: Frame): void {
    const { perPing, delayUs } = this.#plan.pongs;
    for (let pong = 0; pong < perPing; pong++) {
      this.#debts.owe(line.socket, reaction(Opcode.pong, payload, this.#nowUs + delayUs));
    }
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
    if (!call) return;
    this.#heard(line, call, message, frame);
    this.#calls.settled(call);
  }

  /** A call has been answered for the first time. */
  #heard(line: Line, call: LiveCall, message: Message, frame: Frame): void {
    this.#lines.proved();
    this.#deeds.push({
      kind: 'answered',
      action: call.step.action,
      afterMs: (this.#nowUs - call.sinceUs) / 1000,
      lateMs: Math.max(0, call.sentUs - call.sinceUs) / 1000,
      isError: message.type === 'callError',
    });
    const asked = this.#admission.answered(call, line.planned, this.#nowUs);
    if (asked) this.#tally.askedAgain(call.step, `${asked} times, then accepted`);
    if (message.type !== 'callResult') return;
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
    this.#connections.watch(this.#nowUs);
    this.#askAgain();
    while (this.#next < this.#plan.steps.length) {
      if (this.#calls.isSilent) {
        this.#giveUpAll('The CSMS has stopped answering.');
        return;
      }
      const step = this.#plan.steps[this.#next]!;
      const verdict = judge(step, this.#situation());
      if (this.#isHeld) this.#heldUs = this.#nowUs;
      this.#isHeld = verdict.kind === 'wait' && !verdict.isOwn;
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
    this.#wakeAt(this.#connections.untilUs);
    if (this.#next === this.#plan.steps.length && this.#lines.active.size === 0) this.#finish();
  }

  #leaveOut(step: Step, { reason, blame }: Extract<Verdict, { kind: 'skip' }>): void {
    this.#tally.leftOut(step, reason, blame);
    this.#options.turns?.over(step.id);
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
      admission: this.#admission,
      lines: this.#lines,
      sentBeforeUs: (id) => this.#sentBeforeUs(id),
      debts: this.#debts,
      tally: this.#tally,
      turns: this.#options.turns,
      onMissingCommand: this.#options.onMissingCommand ?? 'skip-dependents',
    };
  }

  #sentBeforeUs(id: number): number {
    const sentUs = this.#sent.findLast((sent) => sent.id < id)?.us ?? this.#options.pacing.startUs;
    return Math.max(sentUs, this.#backUs);
  }

  /** Sends the answers and pongs whose time has come. */
  #payDebts(): void {
    for (const { socket, frame } of this.#debts.due(this.#nowUs)) {
      const line = this.#lines.bySocket(socket);
      if (line?.state === 'open' || line?.state === 'closing')
        this.#connections.send(line, frame, this.#nowUs);
    }
    this.#wakeAt(this.#debts.nextUs());
  }

  /** Asks once more to be accepted, when the time that the CSMS named is over and the recorded charger was. */
  #askAgain(): void {
    const { steps } = this.#plan;
    let at = this.#next;
    while (at < steps.length && steps[at]!.kind !== 'call') at++;
    const againUs = this.#admission.againUs(steps[at] as CallStep | undefined);
    this.#wakeAt(againUs > this.#nowUs ? againUs : Number.POSITIVE_INFINITY);
    const line = againUs > this.#nowUs ? undefined : this.#lines.anyOpen();
    const step = line && this.#admission.askAgain(this.#nowUs);
    if (!line || !step || this.#calls.of(step)?.state === 'open') return;
    this.#unlessHookFails(() => {
      const { frame, call } = this.#speech.again(step, line.planned.protocol, this.#nowUs);
      this.#calls.sent(step, call, line.socket, this.#nowUs);
      this.#connections.send(line, frame, this.#nowUs);
    });
  }

  #do(step: Step): void {
    if (step.kind === 'finish') {
      this.#connections.finish(this.#nowUs);
      return;
    }
    const planned = this.#plan.connections.get(step.connection)!;
    if (step.kind === 'dial') {
      this.#connections.dial(planned, this.#nowUs);
      return;
    }
    const line = this.#lines.of(step.connection);
    if (!line || isOver(line) || line.state === 'ending') {
      this.#options.turns?.over(step.id);
      return;
    }
    const scheduledUs = dueUs(this.#options.pacing, step.offsetUs);
    if (step.kind === 'end') {
      if (step.how === 'csms') this.#connections.hangUp(line, this.#nowUs);
      else this.#connections.end(line, step.how, false);
      return;
    }
    if (step.kind === 'drive') {
      this.#drive(step);
      return;
    }
    if (step.kind === 'call') {
      if (!this.#call(step, line, scheduledUs)) return;
    } else {
      this.#connections.send(line, asRecorded(this.#plan.frame(step), scheduledUs), this.#nowUs);
    }
    if (step.kind === 'close') this.#lines.become(line, 'closing', this.#nowUs + CLOSING_US);
    if (this.#sent.push({ id: step.id, us: this.#nowUs }) > 2 * KEPT_SENT) this.#sent.splice(0, KEPT_SENT);
  }

  /** Sends a call; when the hook fails, it is one of those that are left out. */
  #call(step: CallStep, line: Line, scheduledUs: number): boolean {
    this.#next--;
    const isSpoken = this.#unlessHookFails(() => {
      const { frame, call } = this.#speech.call(step, line.planned.protocol, scheduledUs);
      this.#calls.sent(step, call, line.socket, this.#nowUs, this.#sinceUs(scheduledUs));
      this.#connections.send(line, frame, this.#nowUs);
    });
    if (isSpoken) this.#next++;
    return isSpoken;
  }

  /** From when on the latency of a call counts that is sent now: at full speed there is no schedule that it could miss. */
  #sinceUs(scheduledUs: number): number {
    if (this.#options.pacing.speed === 'max') return this.#nowUs;
    return Math.min(this.#nowUs, Math.max(scheduledUs, this.#heldUs));
  }

  /** Asks for an external command, unless it has come already. */
  #drive(step: DriveStep): void {
    const { command } = step;
    if (this.#expectations.hasArrived(command)) return;
    this.#expectations.drive(command, this.#nowUs);
    const live = { bindings: this.#bindings, calls: this.#calls };
    this.#deeds.push({ kind: 'drive', command, values: driveValues(step, this.#plan.steps, live) });
  }

  /** Leaves out everything that is left; the connections are ended. */
  #giveUpAll(reason: string): void {
    this.#tally.incomplete(reason);
    const { steps } = this.#plan;
    for (; this.#next < steps.length; this.#next++) this.#tally.leftOut(steps[this.#next]!, null);
    this.#connections.stop();
    this.#finish();
  }

  #finish(): void {
    this.#done = true;
    this.#options.turns?.end();
    const { inVain } = this.#admission;
    if (inVain) this.#tally.askedAgain(inVain.step, `${inVain.times} times, never accepted`);
    this.#deeds.push(this.#tally.done(this.#expectations, this.#reachedId));
  }

  #wakeAt(us: number): void {
    this.#wakeAtUs = Math.min(this.#wakeAtUs, us);
  }
}
