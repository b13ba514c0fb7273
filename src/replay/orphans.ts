import { type Json, writeJson } from '../ocpp/json.ts';
import { decodeMessage } from '../ocpp/message.ts';
import type { IdClass } from '../ocpp/protocol.ts';
import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import type { IdLedger, LedgerEntry } from './id-ledger.ts';
import type { CallStep, Orphan, OrphanMode, Spoken } from './plan.ts';

/** An orphan and what the recording says about it. */
interface Known {
  orphan: Orphan;
  idClass: IdClass;
  /** Payloads that name it, in order. */
  calls: Json[];
  /** The call that lets one be issued, when the mode says so. */
  start: CallStep | null;
}

/** Finds ids that were issued before the recording began, such as of a transaction that was running then, and deals with them. */
export class Orphans {
  readonly #mode: OrphanMode;
  readonly #ids: IdLedger;
  readonly #known = new Map<string, Known>();

  constructor(mode: OrphanMode, ids: IdLedger) {
    this.#mode = mode;
    this.#ids = ids;
  }

  /** All that were found. */
  get all(): Orphan[] {
    return [...this.#known.values()].map(({ orphan }) => orphan);
  }

  /**
   * Looks at a call that is about to become a step. Gives the call that has to come before it, whose place in the plan is `step.index`
   * then; null when there is none.
   */
  look(step: CallStep, spoken: Spoken, protocol: Parameters<IdLedger['orphans']>[0]): CallStep | null {
    const { call, text } = spoken;
    const { action, payload } = call;
    const entry: LedgerEntry = { action, part: 'call', payload, text };
    let start: CallStep | null = null;
    for (const known of this.#adopted(step)) known.calls.push(payload);
    for (const { idClass, token } of this.#ids.orphans(protocol, entry)) {
      const key = `${idClass.name} ${token}`;
      const isNew = !this.#known.has(key);
      const known = this.#known.get(key) ?? this.#find(key, idClass, token, step, spoken);
      known.calls.push(payload);
      if (isNew) start ??= known.start;
      if (this.#mode === 'skip') step.orphan = known.orphan;
    }
    return start;
  }

  /** Writes the calls that come first, now that all that names their ids is known. */
  finish(): void {
    for (const { start, idClass, calls } of this.#known.values()) {
      if (!start?.made || !idClass.orphans) continue;
      const { frame, call } = start.made;
      const { action, payload } = idClass.orphans.start(calls, new Date(frame.atUs / 1000));
      const text = `[2,${JSON.stringify(call.messageId)},${JSON.stringify(action)},${writeJson(payload)}]`;
      start.action = action;
      start.made = {
        text,
        call: { ...call, action, payload },
        frame: { ...frame, action, payload: Buffer.from(text, 'utf8') },
      };
    }
  }

  /** Orphans that a call of this step names and that a call of ours issues. */
  *#adopted(step: CallStep): Iterable<Known> {
    for (const { issue } of step.uses) {
      for (const known of this.#known.values()) {
        if (known.start?.issues.includes(issue)) yield known;
      }
    }
  }

  #find(key: string, idClass: IdClass, recorded: string, first: CallStep, { frame }: Spoken): Known {
    const orphan: Orphan = { idClass: idClass.name, recorded, first, mode: this.#mode };
    const start =
      this.#mode === 'start' && idClass.orphans
        ? startBefore(first, frame, orphan, idClass.orphans.path)
        : null;
    const known = { orphan, idClass, calls: [], start };
    this.#known.set(key, known);
    for (const issue of start?.issues ?? []) this.#ids.adopt(issue);
    return known;
  }
}

/** A call of ours just before another one. What it says is written when all is known. */
function startBefore(
  first: CallStep,
  like: Frame,
  orphan: Orphan,
  path: readonly (string | number)[],
): CallStep {
  const messageId = `chargetape-${orphan.recorded.replaceAll('"', '')}`;
  const { index, connection, offsetUs, admission } = first;
  const text = `[2,${JSON.stringify(messageId)},"",{}]`;
  const call = decodeMessage(text);
  if (call.type !== 'call') throw new Error('a call of ours is none');
  const flags = FrameFlag.masked | FrameFlag.ours;
  const frame: Frame = {
    ...like,
    opcode: Opcode.text,
    flags,
    fragments: null,
    messageId,
    action: null,
  };
  const { idClass, recorded } = orphan;
  return {
    kind: 'call',
    index,
    id: first.id - 0.5,
    connection,
    offsetUs,
    action: '',
    made: { frame, text, call },
    uses: [],
    tags: [],
    cause: null,
    answeredBefore: index + 1,
    issues: [{ idClass, path: [...path], recorded, by: { call: index } }],
    admission,
    orphan: null,
  };
}
