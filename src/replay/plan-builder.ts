import assert from 'node:assert';
import { type Call, decodeMessage, type Message } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import type { Session, SessionEvent } from '../session/recording.ts';
import { assignCauses } from './causes.ts';
import { IdLedger } from './id-ledger.ts';
import { Orphans } from './orphans.ts';
import {
  type CallStep,
  NO_RULES,
  type Plan,
  type PlannedConnection,
  type PlanRules,
  type RecordedCommand,
  type Spoken,
  type Step,
} from './plan.ts';
import { PongCounter } from './pong-counter.ts';
import { Recalled } from './recalled.ts';
import { tagKey, tagsIn } from './tag-census.ts';
import { Timeline } from './timeline.ts';

/** A command that comes this soon after an answer of the CSMS is taken for its consequence, µs. */
const STIMULATED_WITHIN_US = 5_000_000;

/** A charger that left a command unanswered for this long, on a connection that lived on, did not want to answer it. */
const SILENT_AFTER_US = 30_000_000;

/** What is known of a recorded connection while its events are read. */
interface Scan {
  planned: PlannedConnection;
  /** Commands by frame id. */
  commands: Map<number, RecordedCommand>;
  calls: Map<number, CallStep>;
  /** The recorded call that a run repeated of its own accord, by the frame id of the repetition. */
  repeated: Map<number, CallStep>;
  /** The last answers of the CSMS, for the stimulus of a command. */
  answered: { step: CallStep; offsetUs: number }[];
  csmsClosed: boolean;
  lastOffsetUs: number;
}

/**
 * Makes the plan of one session from its events, in recorded order. `originAtUs` is the wall clock that all sessions of the
 * run count from. Pure: the same events give the same plan.
 */
export function buildPlan(
  session: Session,
  events: Iterable<SessionEvent>,
  originAtUs: number,
  rules: PlanRules = NO_RULES,
): Plan {
  const builder = new PlanBuilder(originAtUs, rules);
  const frames = new Map<number, Frame>();
  for (const event of events) {
    if (event.kind === 'frame') frames.set(event.id, event.frame);
    builder.add(event);
  }
  return builder.finish(session, ({ id }) => frames.get(id)!);
}

/** Reads a session's events one by one, so that they need not be in memory together. */
export class PlanBuilder {
  readonly #steps: Step[] = [];
  readonly #commands: RecordedCommand[] = [];
  readonly #scans = new Map<number, Scan>();
  readonly #ids = new IdLedger();
  readonly #pongs = new PongCounter();
  readonly #timeline: Timeline;
  readonly #rules: PlanRules;
  readonly #orphans: Orphans;
  /** What the calls say, until the plan is made. */
  readonly #spoken = new Map<CallStep, Spoken>();
  readonly #recalled = new Recalled();
  readonly #unresolved = new Map<string, number>();
  /** The last call whose result let the charger go on. */
  #admission: CallStep | null = null;
  #last = { id: 0, offsetUs: 0 };
  #cutFrames = 0;

  constructor(originAtUs: number, rules: PlanRules = NO_RULES) {
    this.#timeline = new Timeline(originAtUs);
    this.#rules = rules;
    this.#orphans = new Orphans(rules.orphans, this.#ids);
  }

  /** Takes the next event. */
  add(event: SessionEvent): void {
    if (event.kind === 'opened') this.#opened(event.id, event.connection);
    else if (event.kind === 'frame') this.#frame(event.frame);
    else this.#closed(event.id, event.connection);
  }

  /** The plan of everything taken so far. `frameOf` reads a step's frame again when it is due, as it was given here. */
  finish(session: Session, frameOf: (step: Pick<Step, 'id' | 'connection'>) => Frame): Plan {
    const { id, offsetUs } = this.#last;
    this.#steps.push({ kind: 'finish', index: this.#steps.length, id, connection: 0, offsetUs });
    for (const scan of this.#scans.values()) {
      for (const command of scan.commands.values()) {
        command.silent =
          command.answers.length === 0 && scan.lastOffsetUs - command.offsetUs >= SILENT_AFTER_US;
      }
    }
    this.#orphans.finish();
    assignCauses(this.#steps, this.#commands, (step) => this.#said(step).call.payload);
    for (const step of this.#steps) this.#tag(step);
    this.#spoken.clear();
    const connections = new Map([...this.#scans].map(([key, { planned }]) => [key, planned]));
    const pongs = this.#pongs.habit();
    return {
      session,
      steps: this.#steps,
      commands: this.#commands,
      connections,
      pongs,
      cutFrames: this.#cutFrames,
      orphans: this.#orphans.all,
      unresolvedIds: Object.fromEntries(this.#unresolved),
      recalled: this.#recalled.exchanges(this.#commands),
      ...reading(frameOf),
    };
  }

  #said(step: CallStep): Spoken {
    return step.made ?? this.#spoken.get(step)!;
  }

  /** Notes the tags that a step names; what ends a transaction names the tag that began it too. */
  #tag(step: Step): void {
    if (step.kind !== 'call' && step.kind !== 'drive') return;
    const protocol = this.#scans.get(step.connection)?.planned.protocol;
    const call = step.kind === 'call' ? this.#said(step).call : step.command.call;
    if (!protocol?.tagSites.some(({ action, part }) => action === call.action && part === 'call')) return;
    const tags = tagsIn(protocol, call.action, call.payload);
    for (const { issue } of protocol.lasting.has(call.action) ? step.uses : []) {
      const begun = 'call' in issue.by ? (this.#steps[issue.by.call] as CallStep) : null;
      if (begun) tags.push(...begun.tags);
    }
    step.tags = tags.length === 0 ? NONE : [...new Set(tags.map(tagKey))];
  }

  #opened(id: number, recorded: Connection): void {
    const offsetUs = this.#at(id, recorded.openedAtUs, recorded.openedMonoUs);
    const accepted = recorded.status === 101;
    const protocol = protocolFor(recorded.subprotocol);
    const planned: PlannedConnection = { recorded, protocol, accepted, echoesClose: null, closedId: null };
    this.#scans.set(recorded.id, {
      planned,
      commands: new Map(),
      calls: new Map(),
      repeated: new Map(),
      answered: [],
      csmsClosed: false,
      lastOffsetUs: offsetUs,
    });
    this.#steps.push({ kind: 'dial', index: this.#steps.length, id, connection: recorded.id, offsetUs });
  }

  #closed(id: number, recorded: Connection): void {
    const scan = this.#scans.get(recorded.id);
    if (!scan || recorded.closedAtUs === null || recorded.closedMonoUs === null) return;
    const offsetUs = this.#at(id, recorded.closedAtUs, recorded.closedMonoUs);
    const quietUs = offsetUs - scan.lastOffsetUs;
    scan.planned.closedId = id;
    scan.lastOffsetUs = offsetUs;
    const { endedBy, ending } = recorded;
    if (endedBy === 'csms' && scan.csmsClosed) scan.planned.echoesClose ??= false;
    const how = endedBy === 'csms' ? 'csms' : ending === 'reset' ? 'reset' : 'fin';
    const isEnd = endedBy === 'csms' || (endedBy === 'charger' && ending !== 'close');
    if (!isEnd || !scan.planned.accepted) return;
    const step = { index: this.#steps.length, id, connection: recorded.id, offsetUs };
    this.#steps.push({ kind: 'end', ...step, how, cause: null, quietUs });
  }

  #frame(frame: Frame): void {
    const scan = this.#scans.get(frame.connection);
    if (!scan?.planned.accepted) return;
    const offsetUs = this.#at(frame.id, frame.atUs, frame.monoUs);
    // The recorder's own, to end the connection: nobody said it.
    if (frame.opcode === Opcode.close && frame.flags & FrameFlag.ours) return;
    if (frame.sender === 'csms') this.#fromCsms(scan, frame, offsetUs);
    else if (frame.flags & FrameFlag.ours) this.#repetition(scan, frame);
    else if (frame.flags & FrameFlag.oversize) this.#cutFrames++;
    else this.#fromCharger(scan, frame, offsetUs);
    scan.lastOffsetUs = offsetUs;
  }

  /** A run asked again to be accepted: what came of that is what came of the recorded call. */
  #repetition(scan: Scan, frame: Frame): void {
    const isAdmission = frame.action !== null && scan.planned.protocol.admits(frame.action, {}) !== null;
    const step = isAdmission
      ? [...scan.calls.values()].findLast(({ action }) => action === frame.action)
      : null;
    if (step) scan.repeated.set(frame.id, step);
  }

  #fromCharger(scan: Scan, frame: Frame, offsetUs: number): void {
    const place = { index: this.#steps.length, id: frame.id, connection: frame.connection, offsetUs };
    if (frame.opcode === Opcode.pong) {
      this.#pongs.pong(frame);
      return;
    }
    if (frame.opcode === Opcode.close) {
      if (scan.csmsClosed) scan.planned.echoesClose = true;
      else this.#steps.push({ kind: 'close', ...place, cause: null, quietUs: offsetUs - scan.lastOffsetUs });
      return;
    }
    const { text, message } = messageOf(frame);
    if (message?.type === 'call') {
      this.#call(scan, place, { frame, text, call: message });
      return;
    }
    const command = frame.answers === null ? undefined : scan.commands.get(frame.answers);
    if (command && message && message.type !== 'malformed') this.#answer(scan, command, frame, text, message);
    else this.#steps.push({ kind: 'frame', ...place, opcode: frame.opcode });
  }

  #call(scan: Scan, place: Pick<CallStep, 'index' | 'id' | 'connection' | 'offsetUs'>, spoken: Spoken): void {
    const { protocol } = scan.planned;
    const { text, call } = spoken;
    const { action, payload } = call;
    const entry = { action, part: 'call', payload, text } as const;
    const isAdmission = protocol.admits(action, payload) !== null;
    const made: CallStep = {
      kind: 'call',
      ...place,
      action,
      made: null,
      uses: orNone(this.#ids.uses(protocol, entry)),
      tags: NONE,
      cause: null,
      answeredBefore: null,
      issues: NONE,
      admission: isAdmission ? null : this.#admission,
      orphan: null,
    };
    const start = this.#orphans.look(made, spoken, protocol);
    if (start) {
      this.#steps.push(start);
      made.index++;
      made.uses = this.#ids.uses(protocol, entry);
    }
    this.#spoken.set(made, spoken);
    this.#recalled.take(call, protocol);
    for (const name of this.#ids.unresolved(protocol, entry, made.uses))
      this.#unresolved.set(name, (this.#unresolved.get(name) ?? 0) + 1);
    scan.calls.set(place.id, made);
    this.#steps.push(made);
  }

  /** The charger's answer to a command. */
  #answer(scan: Scan, command: RecordedCommand, frame: Frame, text: string, message: Message): void {
    const { protocol } = scan.planned;
    const { action } = command.call;
    const uses =
      message.type === 'callResult'
        ? this.#ids.uses(protocol, { action, part: 'result', payload: message.payload, text })
        : [];
    command.answers.push({ frame, text, message, action, protocol, delayUs: frame.latencyUs ?? 0, uses });
  }

  #fromCsms(scan: Scan, frame: Frame, offsetUs: number): void {
    if (frame.opcode === Opcode.ping) this.#pongs.ping(frame);
    if (frame.opcode === Opcode.close) scan.csmsClosed = true;
    const { text, message } = messageOf(frame);
    if (message?.type === 'call') {
      this.#command(scan, frame, message, text, offsetUs);
    } else if (message !== null && frame.answers !== null) {
      this.#answered(scan, frame, message, text, offsetUs);
    }
  }

  /** An answer of the CSMS: what it issues, and from when on the charger could go on. */
  #answered(scan: Scan, frame: Frame, message: Message, text: string, offsetUs: number): void {
    const step = scan.calls.get(frame.answers ?? -1);
    this.#judged(scan, step ?? scan.repeated.get(frame.answers ?? -1), message);
    if (!step || step.answeredBefore !== null) return;
    step.answeredBefore = this.#steps.length;
    scan.answered.push({ step, offsetUs });
    if (message.type !== 'callResult') return;
    const entry = { action: step.action, part: 'result', payload: message.payload, text } as const;
    step.issues = orNone(this.#ids.issues(scan.planned.protocol, entry, { call: step.index }));
  }

  /** Whether the CSMS let the charger go on, if this is an answer that says so. */
  #judged({ planned }: Scan, step: CallStep | undefined, message: Message): void {
    const isAdmitted =
      step && message.type === 'callResult' ? planned.protocol.admits(step.action, message.payload) : null;
    if (step && isAdmitted !== null) this.#admission = isAdmitted ? step : null;
  }

  #command(scan: Scan, frame: Frame, call: Call, text: string, offsetUs: number): void {
    const { protocol } = scan.planned;
    scan.answered = scan.answered.filter((one) => offsetUs - one.offsetUs <= STIMULATED_WITHIN_US);
    const index = this.#commands.length;
    const entry = { action: call.action, part: 'call', payload: call.payload, text } as const;
    const issues = this.#ids.issues(protocol, entry, { command: index });
    const stimulating = scan.answered.findLast(({ step }) => protocol.stimulates(step.action));
    const presumed = (frame.flags & FrameFlag.preamble) !== 0;
    const isExternal = presumed || this.#isExternal(call.action, protocol);
    const command: RecordedCommand = {
      index,
      id: frame.id,
      connection: frame.connection,
      offsetUs,
      call,
      text,
      protocol,
      issues,
      reaction:
        !presumed && (this.#rules.reaction.has(call.action) || (stimulating !== undefined && !isExternal)),
      presumed,
      stimulus: presumed ? null : ((stimulating ?? scan.answered.at(-1))?.step.index ?? null),
      answers: [],
      silent: false,
    };
    scan.commands.set(frame.id, command);
    this.#commands.push(command);
    if (command.reaction || !this.#rules.driven.has(call.action)) return;
    const step = { index: this.#steps.length, id: frame.id, connection: frame.connection, offsetUs };
    this.#steps.push({ kind: 'drive', ...step, command, uses: this.#ids.uses(protocol, entry), tags: NONE });
  }

  #isExternal(action: string, protocol: Protocol): boolean {
    return this.#rules.external.has(action) || protocol.isExternal(action);
  }

  #at(id: number, atUs: number, monoUs: number): number {
    this.#last = { id, offsetUs: this.#timeline.offset(atUs, monoUs) };
    return this.#last.offsetUs;
  }
}

/** Text and meaning of a frame that is a message; a malformed one and a control frame have none. */
function messageOf(frame: Frame): { text: string; message: Message | null } {
  if (frame.messageType === null || frame.messageType === 'malformed') return { text: '', message: null };
  const text = Buffer.from(frame.payload).toString('utf8');
  return { text, message: decodeMessage(text) };
}

/** One list for all steps that have nothing in it. */
const NONE: readonly never[] = [];

function orNone<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NONE : list;
}

/** How a plan reads what its charger sends; outside of the builder, which is not kept. */
function reading(frame: Plan['frame'] & ((step: CallStep) => Frame)): Pick<Plan, 'spoken' | 'frame'> {
  return { frame, spoken: (step) => step.made ?? spokenIn(frame(step)) };
}

/** What a recorded frame of the charger says that is a call. */
function spokenIn(frame: Frame): Spoken {
  const { text, message } = messageOf(frame);
  assert(message?.type === 'call', 'the frame of a call is one');
  return { frame, text, call: message };
}
