import { expand, type Json, jsonEqual, parseJson, valueAt, withValue } from '../ocpp/json.ts';
import type { Call } from '../ocpp/message.ts';
import type { PathPattern, Protocol } from '../ocpp/protocol.ts';
import type { Bindings } from './bindings.ts';
import { idText } from './id-ledger.ts';
import { Patience } from './patience.ts';
import type { RecordedCommand } from './plan.ts';

/** The live counterpart of a recorded command. */
export interface Arrival {
  call: Call;
  text: string;
}

/** Recorded commands found by what they ask for, each list in recorded order. */
type Index = Map<string, RecordedCommand[]>;

/**
 * The commands of a recording as expectations: each live command is matched with at most one that is still expected, whether
 * it comes early, late or twice.
 */
export class Expectations {
  readonly #commands: readonly RecordedCommand[];
  readonly #arrived = new Map<RecordedCommand, Arrival>();
  /** Those that somebody was asked to make the CSMS send: since when, and why that failed. */
  readonly #driven = new Map<RecordedCommand, { sinceUs: number; failure: string | null; isDone: boolean }>();
  readonly #missed = new Set<RecordedCommand>();
  readonly #patience: Patience;
  /** Still expected, by action and by action and key. */
  readonly #expected: Index = new Map();
  /** From before the part that is played: taken for what asks for the same, when nothing else is expected. */
  readonly #presumed: readonly RecordedCommand[];
  /** Answered in the recording: examples for commands that nothing matches. */
  readonly #answered: Index = new Map();

  constructor(commands: readonly RecordedCommand[], waitUs: number) {
    this.#patience = new Patience(waitUs);
    this.#commands = commands;
    this.#presumed = commands.filter(({ presumed }) => presumed);
    for (const command of commands) {
      for (const key of keysOf(command.protocol, command.call.action, command.call.payload)) {
        if (!command.presumed) add(this.#expected, key, command);
        if (command.answers.length > 0) add(this.#answered, key, command);
      }
    }
  }

  /** Whether the recorded charger never answered a command at all. */
  get isMute(): boolean {
    return this.#answered.size === 0 && this.#commands.some(({ silent }) => silent);
  }

  /** Whether the live counterpart of a recorded command has come. */
  hasArrived(command: RecordedCommand): boolean {
    return this.#arrived.has(command);
  }

  /** The live counterpart of a recorded command; undefined while it has not come. */
  arrival(command: RecordedCommand): Arrival | undefined {
    return this.#arrived.get(command);
  }

  /** Until when a command expected at `fromUs` is waited for, µs; at once when that was in vain before. */
  deadlineUs(command: RecordedCommand, fromUs: number): number {
    if (this.#missed.has(command)) return 0;
    const sinceUs = Math.max(fromUs, this.#driven.get(command)?.sinceUs ?? fromUs);
    return sinceUs + this.#patience.us(command.call.action);
  }

  /** Somebody is asked to make the CSMS send this command. */
  drive(command: RecordedCommand, nowUs: number): void {
    this.#driven.set(command, { sinceUs: nowUs, failure: null, isDone: false });
  }

  /** What came of asking for a command: null when it went well, else why it did not; then it is not waited for. */
  driven(command: RecordedCommand, failure: string | null): void {
    const drive = this.#driven.get(command);
    if (!drive) return;
    Object.assign(drive, { failure, isDone: true });
    if (failure !== null && !this.#arrived.has(command)) this.miss(command);
  }

  /** The command could not be asked for. */
  undriven(command: RecordedCommand, failure: string): void {
    this.#driven.set(command, { sinceUs: 0, failure, isDone: true });
    this.miss(command);
  }

  /** Whether the CSMS had a reason to send this command: what the charger did, or somebody who asked for it. */
  isDue(command: RecordedCommand): boolean {
    return command.reaction || this.#driven.get(command)?.failure === null;
  }

  /** Why nobody could make the CSMS send it; null when nobody tried, or it went well. */
  failureOf(command: RecordedCommand): string | null {
    return this.#driven.get(command)?.failure ?? null;
  }

  /** Until when a command that was just asked for holds up all that comes after it, µs; 0 when there is none such. */
  heldUpUntilUs(holdUs: number): number {
    let untilUs = 0;
    for (const [command, { sinceUs }] of this.#driven) {
      if (this.#arrived.has(command) || this.#missed.has(command)) continue;
      untilUs = Math.max(untilUs, sinceUs + Math.min(holdUs, this.#patience.us(command.call.action)));
    }
    return untilUs;
  }

  /** Commands that have not come, in recorded order. */
  *missing(): Iterable<RecordedCommand> {
    for (const command of this.#commands) if (!this.#arrived.has(command)) yield command;
  }

  /** A command was waited for in vain. */
  miss(command: RecordedCommand): void {
    if (this.#missed.has(command)) return;
    this.#missed.add(command);
    this.#patience.missed(command.call.action);
  }

  /** Expected commands that have not come, of one connection. */
  *outstanding(connection: number): Iterable<RecordedCommand> {
    for (const command of this.missing()) if (command.connection === connection) yield command;
  }

  /** Takes a live command: the expected one with the same key and payload, else the same key, else the same action; null when none is left. */
  match(call: Call, text: string, protocol: Protocol, bindings: Bindings): RecordedCommand | null {
    const found =
      this.#presumedLike(call, bindings, (command) => this.isDue(command)) ??
      closest(this.#expected, call.action, recordedTerms(call, protocol, bindings), protocol) ??
      this.#presumedLike(call, bindings, () => true);
    if (!found) return null;
    this.#arrived.set(found, { call, text });
    this.#patience.came(call.action);
    for (const key of keysOf(found.protocol, found.call.action, found.call.payload)) {
      const list = this.#expected.get(key);
      if (!found.presumed) list?.splice(list.indexOf(found), 1);
    }
    return found;
  }

  #presumedLike(
    call: Call,
    bindings: Bindings,
    fits: (command: RecordedCommand) => boolean,
  ): RecordedCommand | undefined {
    return this.#presumed.find(
      (one) => !this.#arrived.has(one) && fits(one) && asksTheSame(call, one, bindings),
    );
  }

  /** The recorded command whose answer fits a live command that nothing matched: answered, of this action, preferably the same key. */
  example(call: Call, protocol: Protocol, bindings: Bindings): RecordedCommand | null {
    return closest(this.#answered, call.action, recordedTerms(call, protocol, bindings), protocol);
  }
}

/** Whether a live command asks for the same as a recorded one, but for the ids it issues and its times. */
export function asksTheSame(call: Call, recorded: RecordedCommand, bindings: Bindings): boolean {
  const { protocol } = recorded;
  if (call.action !== recorded.call.action) return false;
  const wanted = lasting(protocol, call.action, recorded.call.payload);
  return jsonEqual(lasting(protocol, call.action, recordedTerms(call, protocol, bindings)), wanted);
}

function closest(index: Index, action: string, payload: Json, protocol: Protocol): RecordedCommand | null {
  const [keyed, any] = keysOf(protocol, action, payload);
  const sameKey = index.get(keyed) ?? [];
  const wanted = lasting(protocol, action, payload);
  const same = sameKey.find(({ call }) => jsonEqual(lasting(protocol, action, call.payload), wanted));
  return same ?? sameKey[0] ?? index.get(any)?.[0] ?? null;
}

/** What a command is found by: action and key, and the action alone. */
function keysOf(protocol: Protocol, action: string, payload: Json): [string, string] {
  return [JSON.stringify([action, protocol.commandKey(action, payload)]), JSON.stringify([action])];
}

function add(index: Index, key: string, command: RecordedCommand): void {
  const list = index.get(key);
  if (list) list.push(command);
  else index.set(key, [command]);
}

/** The payload of a live command with the recorded ids in the place of the live ones. */
function recordedTerms(call: Call, protocol: Protocol, bindings: Bindings): Json {
  let payload = call.payload;
  for (const { name, used } of protocol.idClasses) {
    for (const site of used) {
      if (site.action !== call.action || site.part !== 'call') continue;
      for (const path of expand(payload, site.path)) {
        const value = idText(valueAt(payload, path));
        const recorded = value === null ? undefined : bindings.recordedOf(name, value);
        if (recorded !== undefined) payload = withValue(payload, path, parseJson(recorded));
      }
    }
  }
  return payload;
}

/** What of a command's payload is the same each time it is issued: all but the ids it issues and its times. */
function lasting(protocol: Protocol, action: string, payload: Json): Json {
  const issued = protocol.idClasses
    .flatMap((idClass) => idClass.issued)
    .filter((site) => site.action === action && site.part === 'call')
    .map((site) => site.path);
  const patterns: PathPattern[] = [...issued, ...protocol.timePaths(action, 'call')];
  return patterns
    .flatMap((pattern) => expand(payload, pattern))
    .reduce((result, path) => withValue(result, path, null), payload);
}
