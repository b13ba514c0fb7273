import { duplicateKeys } from '../ocpp/duplicate-keys.ts';
import type { Path } from '../ocpp/json.ts';
import { type Call, decodeMessage, type Message, type Side } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import { type Frame, FrameFlag } from '../session/frame.ts';
import type { Link, Recording, Session, SessionEvent } from '../session/recording.ts';
import { countBelow } from './count-below.ts';
import { Conversation, type Exchange } from './exchange.ts';
import { Meanings } from './meanings.ts';
import { Pulse } from './pulse.ts';
import { Said, Stray, textOf } from './said.ts';
import { type TagNames, withTagNames } from './tag-names.ts';

export type { Exchange } from './exchange.ts';
export type { Said, Stray } from './said.ts';

/** One side of a comparison: everything one charger and its CSMS said, as exchanges in the order of their calls. */
export interface Lane {
  recording: Recording;
  session: Session;
  /** By id, in order of opening; each as it was at its end. */
  connections: Map<number, Connection>;
  /** Pings and pongs, by id of the connection. */
  pulses: Map<number, Pulse>;
  exchanges: Exchange[];
  /** Keys that a message of the CSMS names twice in one object of its payload, by the frame's id. */
  duplicateKeys: Map<number, Path[]>;
  /** Commands whose message id an earlier command on the connection had. */
  reusedIds: Exchange[];
  /** Answers of the CSMS to nothing that is known, and texts of it that are no OCPP-J. */
  strays: Stray[];
  /** How many texts of the charger were no OCPP-J; each may have provoked a stray. */
  chargerMalformed: number;
  /** Monotonic time of its last event, µs. */
  lastMonoUs: number;
  /** Calls that Chargetape made for itself, a preamble or a clean-up, and commands of a preamble. They are not compared. */
  own: Exchange[];
}

/** What a lane is read with. */
export interface Reading {
  /** How its tags are named. */
  tags?: TagNames;
  /** Whether the other side replays it, or it the other: then the charger's words are the same, and are not kept. */
  isReplayed?: boolean;
}

/** Reads one session into a lane. Frames of an answer whose call is not in the session count as strays of their sender. */
export async function readLane(
  recording: Recording,
  session: Session,
  events: AsyncIterable<SessionEvent>,
  { tags = new Map(), isReplayed = false }: Reading = {},
): Promise<Lane> {
  const lane: Lane = {
    recording,
    session,
    connections: new Map(),
    pulses: new Map(),
    exchanges: [],
    duplicateKeys: new Map(),
    reusedIds: [],
    strays: [],
    chargerMalformed: 0,
    lastMonoUs: 0,
    own: [],
  };
  const writer = new LaneWriter(lane, tags, new Meanings(isReplayed));
  for await (const event of events) {
    if (event.kind !== 'frame') lane.connections.set(event.connection.id, event.connection);
    else writer.frame(event.frame, event.link);
  }
  leaveOutUnused(lane);
  return lane;
}

/** Puts the frames of a session into its lane, in recording order. */
class LaneWriter {
  readonly #lane: Lane;
  readonly #tags: TagNames;
  readonly #meanings: Meanings;
  readonly #conversation = new Conversation();
  /** Message ids of the CSMS's commands, by connection. */
  readonly #commandIds = new Map<number, Set<string>>();
  #source = '';

  constructor(lane: Lane, tags: TagNames, meanings: Meanings) {
    this.#lane = lane;
    this.#tags = tags;
    this.#meanings = meanings;
  }

  frame(frame: Frame, link: Link | null): void {
    pulseOf(this.#lane, frame.connection).take(frame);
    this.#lane.lastMonoUs = Math.max(this.#lane.lastMonoUs, frame.monoUs);
    if (frame.messageType === null) return;
    const text = textOf(frame);
    const decoded = messageOf(frame, text);
    if (frame.sender === 'csms') this.#noteDuplicateKeys(frame, text, decoded);
    const message = this.#renamed(frame, decoded);
    if (message.type === 'call') this.#call(frame, message, link);
    else this.#answer(frame, message);
  }

  #call(frame: Frame, message: Call, link: Link | null): void {
    const meaning = this.#meanings.ofCall(this.#protocolOf(frame), frame.sender, message);
    const said = new Said(frame, meaning, this.#meanings.hasTimes(frame.sender, meaning));
    const exchange = this.#conversation.begin(frame.sender, said, message.messageId, this.#linkOf(link));
    const isOwn =
      (frame.flags & FrameFlag.preamble) !== 0 ||
      (frame.sender === 'charger' && (frame.flags & FrameFlag.ours) !== 0);
    (isOwn ? this.#lane.own : this.#lane.exchanges).push(exchange);
    if (frame.sender === 'csms') this.#noteReuse(exchange, message.messageId);
  }

  #answer(frame: Frame, message: Exclude<Message, Call>): void {
    const answered = frame.answers === null ? undefined : this.#withCall(frame.answers);
    if (answered !== undefined && message.type !== 'malformed') {
      const meaning = this.#meanings.ofAnswer(frame.sender, message);
      answered.answer(new Said(frame, meaning, this.#meanings.hasTimes(frame.sender, meaning)));
      if (frame.sender === 'charger' && frame.flags & FrameFlag.ours) this.#leaveOut(answered);
    } else if (frame.sender === 'csms') this.#lane.strays.push(new Stray(frame, message));
    else if (message.type === 'malformed') this.#lane.chargerMalformed++;
  }

  /** The exchange whose call was this frame. */
  #withCall(frame: number): Exchange | undefined {
    const { exchanges, own } = this.#lane;
    return [exchanges, own]
      .map((some) => some[countBelow(some, frame, callId)])
      .find((one) => one?.call.id === frame);
  }

  /** A command of a preamble: its answer is marked as ours. */
  #leaveOut(command: Exchange): void {
    const { exchanges, own } = this.#lane;
    const at = exchanges.lastIndexOf(command);
    if (at >= 0) own.push(...exchanges.splice(at, 1));
  }

  #noteReuse(command: Exchange, messageId: string): void {
    const used = this.#commandIds.get(command.call.connection) ?? new Set();
    this.#commandIds.set(command.call.connection, used);
    if (used.has(messageId)) this.#lane.reusedIds.push(command);
    used.add(messageId);
  }

  #noteDuplicateKeys({ id }: Frame, text: string, message: Message): void {
    if (message.type !== 'call' && message.type !== 'callResult') return;
    const paths = duplicateKeys(text, message.payload);
    if (paths.length > 0)
      this.#lane.duplicateKeys.set(
        id,
        paths.map((path) => path.slice(1)),
      );
  }

  /** The same with its tags named otherwise. */
  #renamed(frame: Frame, message: Message): Message {
    if (this.#tags.size === 0 || frame.action === null) return message;
    if (message.type !== 'call' && message.type !== 'callResult') return message;
    const part = message.type === 'call' ? 'call' : 'result';
    const site = { action: frame.action, part, payload: message.payload } as const;
    return { ...message, payload: withTagNames(this.#protocolOf(frame), site, this.#tags) };
  }

  #protocolOf({ connection }: Frame): Protocol {
    return protocolFor(this.#lane.connections.get(connection)?.subprotocol ?? null);
  }

  /** The link with one text for the recording that all of them name. */
  #linkOf(link: Link | null): Pick<Link, 'replays' | 'recording'> | null {
    if (link === null) return null;
    if (link.recording !== this.#source) this.#source = link.recording;
    return { replays: link.replays, recording: this.#source };
  }
}

function messageOf({ messageType }: Frame, text: string): Message {
  return messageType === 'malformed'
    ? { type: 'malformed', reason: 'recorded as malformed' }
    : decodeMessage(text);
}

/** Takes out the connections that Chargetape opened for itself alone. */
function leaveOutUnused(lane: Lane): void {
  if (lane.own.length === 0) return;
  const used = new Set(callsOf(lane, 'charger').map(connectionOf));
  for (const connection of lane.own.map(connectionOf)) {
    if (used.has(connection) || lane.connections.get(connection)?.replays !== null) continue;
    lane.connections.delete(connection);
    lane.exchanges = lane.exchanges.filter((exchange) => connectionOf(exchange) !== connection);
  }
}

function callId({ call }: Exchange): number {
  return call.id;
}

function pulseOf({ pulses }: Lane, connection: number): Pulse {
  const pulse = pulses.get(connection) ?? new Pulse();
  pulses.set(connection, pulse);
  return pulse;
}

/** Calls of one side, in order. */
export function callsOf(lane: Lane, caller: Side): Exchange[] {
  return lane.exchanges.filter((exchange) => exchange.caller === caller);
}

/** The answer that counts: the first; undefined when there is none. */
export function answerOf(exchange: Exchange): Said | undefined {
  return exchange.first;
}

/** Id of the connection that the exchange's call passed on. */
export function connectionOf(exchange: Exchange): number {
  return exchange.call.frame.connection;
}

/** Monotonic time at which the exchange's connection ended, µs; of one without an end, that of the lane's last event. */
export function endMonoUs(lane: Lane, exchange: Exchange): number {
  return lane.connections.get(connectionOf(exchange))?.closedMonoUs ?? lane.lastMonoUs;
}
