import { isEmptyObject, isObject, type Json, type Path, pointer } from '../ocpp/json.ts';
import { decodeMessage, type Side } from '../ocpp/message.ts';
import type { Part, Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import { type Frame, FrameFlag } from '../session/frame.ts';
import type { Reader, SessionEvent } from '../session/recording.ts';
import type { ActionCoverage, Coverage, MakeCoverage } from './coverage.ts';

/** Distinct values counted of one place; the others count as `(other)`. */
const MAX_VALUES = 50;

/** Reads a whole recording, one session at a time, and counts what is in it. */
export async function coverageOf(reader: Reader): Promise<Coverage> {
  const census = new Census();
  for await (const session of reader.sessions()) {
    census.session(session);
    for await (const event of reader.events(session.id)) census.event(event);
  }
  return census.coverage();
}

interface ActionCount extends Omit<ActionCoverage, 'values' | 'unanswered'> {
  values: Map<string, { part: Part; path: string; counts: Record<string, number> }>;
}

/** Counts what a recording holds, event by event. */
class Census {
  readonly #actions = new Map<string, ActionCount>();
  readonly #makes = new Map<string, MakeCoverage>();
  readonly #protocols = new Map<string, Protocol>();
  #ofConnection = new Map<number, Protocol>();
  readonly #refused: Record<string, number> = {};
  readonly #endings: Record<string, number> = {};
  #sessions = 0;
  #connections = 0;
  #malformed = 0;

  /** Begins with the next session. */
  session({ vendor, model, firmware }: Omit<MakeCoverage, 'sessions'>): void {
    this.#sessions++;
    this.#ofConnection = new Map();
    const key = JSON.stringify([vendor, model, firmware]);
    const make = this.#makes.get(key) ?? { vendor, model, firmware, sessions: 0 };
    this.#makes.set(key, make);
    make.sessions++;
  }

  /** Takes the session's next event. */
  event(event: SessionEvent): void {
    if (event.kind === 'frame') this.#frame(event.frame);
    else if (event.kind === 'opened') this.#opened(event.connection);
    else {
      const { ending, endedBy } = event.connection;
      countIn(this.#endings, `${ending ?? 'lost'} by ${endedBy ?? 'nobody'}`);
    }
  }

  #opened({ id, status, subprotocol }: Connection): void {
    this.#connections++;
    if (status !== 101) countIn(this.#refused, status === null ? 'none' : String(status));
    const protocol = protocolFor(subprotocol);
    this.#protocols.set(protocol.subprotocol, protocol);
    this.#ofConnection.set(id, protocol);
  }

  #frame(frame: Frame): void {
    if (frame.messageType === null) return;
    const message = decodeMessage(Buffer.from(frame.payload).toString('utf8'));
    if (frame.messageType === 'malformed' || message.type === 'malformed') {
      this.#malformed++;
      return;
    }
    const protocol = this.#ofConnection.get(frame.connection);
    if (frame.action === null || protocol === undefined || frame.flags & FrameFlag.duplicateAnswer) return;
    if (message.type === 'call') {
      const count = this.#action(frame.sender, frame.action);
      count.calls++;
      noteValues(count, 'call', message.payload, protocol);
      return;
    }
    const count = this.#action(frame.sender === 'csms' ? 'charger' : 'csms', frame.action);
    if (message.type === 'callError') {
      countIn(count.errors, message.errorCode);
      return;
    }
    count.results++;
    if (isEmptyObject(message.payload)) count.empty++;
    noteValues(count, 'result', message.payload, protocol);
  }

  #action(caller: Side, action: string): ActionCount {
    const key = `${caller} ${action}`;
    const known = this.#actions.get(key);
    if (known !== undefined) return known;
    const fresh = { caller, action, calls: 0, results: 0, empty: 0, errors: {}, values: new Map() };
    this.#actions.set(key, fresh);
    return fresh;
  }

  /** All that was counted. */
  coverage(): Coverage {
    const actions = [...this.#actions]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, count]): ActionCoverage => {
        const answered = count.results + sumOf(count.errors);
        const values = [...count.values.values()];
        return { ...count, unanswered: Math.max(0, count.calls - answered), values };
      });
    const sum = (value: (one: ActionCoverage) => number) => actions.reduce((all, one) => all + value(one), 0);
    return {
      sessions: this.#sessions,
      connections: this.#connections,
      refused: this.#refused,
      endings: this.#endings,
      calls: sum(({ calls }) => calls),
      answers: sum(({ results, errors }) => results + sumOf(errors)),
      emptyAnswers: sum(({ empty }) => empty),
      malformed: this.#malformed,
      makes: [...this.#makes.values()].sort((a, b) => b.sessions - a.sessions),
      actions,
      absent: this.#absent(),
    };
  }

  #absent(): Coverage['absent'] {
    return [...this.#protocols.values()].flatMap((protocol) =>
      protocol.actions.flatMap((action) => {
        const caller = protocol.callerOf(action);
        const callers: Side[] = caller === 'both' ? ['charger', 'csms'] : caller === null ? [] : [caller];
        return callers
          .filter((one) => !this.#actions.has(`${one} ${action}`))
          .map((one) => ({ caller: one, action }));
      }),
    );
  }
}

/** Counts the values of all places where the protocol lists them. */
function noteValues(count: ActionCount, part: Part, payload: Json, protocol: Protocol): void {
  for (const { path, value } of textsOf(payload, [])) {
    if (!protocol.isEnum(count.action, part, path)) continue;
    const place = pointer(path.map((step) => (typeof step === 'number' ? '*' : step)));
    const key = `${part} ${place}`;
    const known = count.values.get(key) ?? { part, path: place, counts: {} };
    count.values.set(key, known);
    countIn(known.counts, value);
  }
}

function* textsOf(value: Json, path: Path): Generator<{ path: Path; value: string }> {
  if (typeof value === 'string') yield { path, value };
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* textsOf(item, [...path, index]);
  else if (isObject(value))
    for (const [key, one] of Object.entries(value)) yield* textsOf(one, [...path, key]);
}

/** Counts a name; names come from the wire, so only so many are kept. */
function countIn(counts: Record<string, number>, name: string): void {
  const known = Object.hasOwn(counts, name) || Object.keys(counts).length < MAX_VALUES;
  const key = known ? name : '(other)';
  counts[key] = (counts[key] ?? 0) + 1;
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
