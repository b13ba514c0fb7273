import { randomUUID } from 'node:crypto';
import { type Json, writeJson } from '../ocpp/json.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import type { Session, SessionEvent } from '../session/recording.ts';
import { Standings } from '../session/standings.ts';

/** What is played before a session that begins in mid-life: what was recorded earlier, made up where it was not, or nothing. */
export type PreambleMode = 'auto' | 'recorded' | 'none';

/** Place in the recording-wide order of a call that was never recorded. */
export const MADE_UP_ID = -1;

/**
 * Puts the prerequisites of a session that begins in mid-life before its first message: the last BootNotification, the connectors'
 * last statuses and the running transactions, as they were recorded before, and the commands that the charger still holds to: its reservations,
 * local list, profiles and settings. Their ids are collected, to mark them as ours.
 */
export class Preamble {
  readonly #mode: PreambleMode;
  readonly #session: Session;
  readonly #earlier = new Standings();
  readonly #protocols = new Map<number, Protocol>();
  #lastMonoUs = 0;
  #isOver = false;
  /** Ids of the frames that were put before the session. */
  readonly ids = new Set<number>();
  /** What should have been there and was never recorded, in words. */
  readonly missing: string[] = [];

  constructor(mode: PreambleMode, session: Session) {
    this.#mode = mode;
    this.#session = session;
  }

  /** Takes an event from before the part that is played. */
  before(event: SessionEvent): void {
    const protocol = this.#protocolOf(event);
    if (event.kind === 'frame' && protocol) this.#earlier.take(event.frame, protocol);
  }

  /** The next event of the part that is played, with what is to come before it. */
  *with(event: SessionEvent): Iterable<SessionEvent> {
    const protocol = this.#protocolOf(event);
    if (event.kind === 'frame' && event.frame.flags & FrameFlag.preamble) {
      if (this.#mode === 'none') return;
      this.before(event);
      this.ids.add(event.id);
    } else if (!this.#isOver && protocol && event.kind === 'frame' && isCall(event.frame)) {
      this.#isOver = true;
      if (this.#mode !== 'none') yield* this.#prerequisites(event.frame, protocol);
    }
    if (event.kind !== 'closed') {
      this.#lastMonoUs = event.kind === 'frame' ? event.frame.monoUs : event.connection.openedMonoUs;
    }
    yield event;
  }

  *#prerequisites(first: Frame, protocol: Protocol): Iterable<SessionEvent> {
    const { vendor, model } = this.#session;
    const introduction = protocol.introduction(vendor, model);
    const facts = this.#earlier.presumedBy(first, protocol);
    const isKnown = facts.some(({ kind }) => kind === 'introduction');
    if (first.action !== introduction.action && !isKnown) {
      this.missing.push(`${introduction.action} before the first message`);
      if (this.#mode === 'auto') yield this.#put(madeUp(introduction, first), first);
    }
    for (const { call, answer } of facts) {
      if (this.ids.has(call.frame.id)) continue;
      yield this.#put(call.frame, first);
      yield this.#put(answer.frame, first);
    }
  }

  /** A frame from elsewhere as one that stands before the first message, on its connection and at the time of its opening. */
  #put(frame: Frame, { connection }: Frame): SessionEvent {
    this.ids.add(frame.id);
    const flags = (frame.flags & ~FrameFlag.ours) | FrameFlag.preamble;
    const moved = { ...frame, flags, connection, monoUs: this.#lastMonoUs };
    return { kind: 'frame', id: frame.id, frame: moved, link: null };
  }

  #protocolOf(event: SessionEvent): Protocol | undefined {
    if (event.kind === 'frame') return this.#protocols.get(event.frame.connection);
    const { id, status, subprotocol } = event.connection;
    if (status === 101) this.#protocols.set(id, protocolFor(subprotocol));
    return undefined;
  }
}

function isCall({ sender, messageType }: Frame): boolean {
  return sender === 'charger' && messageType === 'call';
}

/** A call in the manner of another frame of its connection. */
function madeUp({ action, payload }: { action: string; payload: Json }, like: Frame): Frame {
  const messageId = randomUUID();
  const text = `[2,"${messageId}",${JSON.stringify(action)},${writeJson(payload)}]`;
  return {
    ...like,
    id: MADE_UP_ID,
    opcode: Opcode.text,
    payload: Buffer.from(text, 'utf8'),
    messageType: 'call',
    messageId,
    action,
    answers: null,
    latencyUs: null,
    flags: FrameFlag.masked,
    fragments: null,
    sha256: null,
  };
}
