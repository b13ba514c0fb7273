import { type Call, decodeMessage, type Message, type Side } from '../ocpp/message.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import { type Frame, FrameFlag } from '../session/frame.ts';
import type { Link, Recording, Session, SessionEvent } from '../session/recording.ts';
import { Pulse } from './pulse.ts';
import { type TagNames, withTagNames } from './tag-names.ts';

/** A frame that was meant as OCPP-J, with what it says. */
export interface Said {
  frame: Frame;
  /** Of a run or cut: the frame that it comes from. */
  link: Link | null;
  message: Message;
}

/** A call with its answers (several when the peer answered twice, none when it did not). */
export interface Exchange {
  caller: Side;
  action: string;
  call: Said & { message: Call };
  answers: Said[];
}

/** One side of a comparison: everything one charger and its CSMS said, as exchanges in the order of their calls. */
export interface Lane {
  recording: Recording;
  session: Session;
  /** By id, in order of opening; each as it was at its end. */
  connections: Map<number, Connection>;
  /** Pings and pongs, by id of the connection. */
  pulses: Map<number, Pulse>;
  exchanges: Exchange[];
  /** Answers of the CSMS to nothing that is known, and texts of it that are no OCPP-J. */
  strays: Said[];
  /** How many texts of the charger were no OCPP-J; each may have provoked a stray. */
  chargerMalformed: number;
  /** Monotonic time of its last event, µs. */
  lastMonoUs: number;
  /** Calls that Chargetape made for itself: a preamble or a clean-up. They are not compared. */
  own: Exchange[];
}

/**
 * Reads one session into a lane, with its tags named by `tags`. Frames of an answer whose call is not in the session count as strays of
 * their sender.
 */
export async function readLane(
  recording: Recording,
  session: Session,
  events: AsyncIterable<SessionEvent>,
  tags: TagNames = new Map(),
): Promise<Lane> {
  const lane: Lane = {
    recording,
    session,
    connections: new Map(),
    pulses: new Map(),
    exchanges: [],
    strays: [],
    chargerMalformed: 0,
    lastMonoUs: 0,
    own: [],
  };
  const calls = new Map<number, Exchange>();
  for await (const event of events) {
    if (event.kind !== 'frame') {
      lane.connections.set(event.connection.id, event.connection);
      continue;
    }
    pulseOf(lane, event.frame.connection).take(event.frame);
    lane.lastMonoUs = Math.max(lane.lastMonoUs, event.frame.monoUs);
    if (event.frame.messageType === null) continue;
    place(lane, calls, renamed(saidBy(event.frame, event.link), lane, tags));
  }
  leaveOutOwn(lane);
  return lane;
}

function pulseOf({ pulses }: Lane, connection: number): Pulse {
  const pulse = pulses.get(connection) ?? new Pulse();
  pulses.set(connection, pulse);
  return pulse;
}

/** Text of a frame's payload, at most `limit` bytes of it. */
export function textOf(frame: Frame, limit = Number.POSITIVE_INFINITY): string {
  const { buffer, byteOffset, byteLength } = frame.payload;
  return Buffer.from(buffer, byteOffset, Math.min(byteLength, limit)).toString('utf8');
}

function saidBy(frame: Frame, link: Link | null): Said {
  const message: Message =
    frame.messageType === 'malformed'
      ? { type: 'malformed', reason: 'recorded as malformed' }
      : decodeMessage(textOf(frame));
  return { frame, link, message };
}

/** The same with its tags named otherwise. */
function renamed(said: Said, { connections }: Lane, tags: TagNames): Said {
  const { frame, message } = said;
  if (tags.size === 0 || frame.action === null) return said;
  if (message.type !== 'call' && message.type !== 'callResult') return said;
  const protocol = protocolFor(connections.get(frame.connection)?.subprotocol ?? null);
  const part = message.type === 'call' ? 'call' : 'result';
  const payload = withTagNames(protocol, { action: frame.action, part, payload: message.payload }, tags);
  return { ...said, message: { ...message, payload } };
}

/** Takes out what Chargetape said for itself, and the connections that it opened for nothing else. */
function leaveOutOwn(lane: Lane): void {
  lane.own = lane.exchanges.filter(isOwn);
  if (lane.own.length === 0) return;
  lane.exchanges = lane.exchanges.filter((exchange) => !isOwn(exchange));
  const used = new Set(callsOf(lane, 'charger').map(connectionOf));
  for (const connection of lane.own.map(connectionOf)) {
    if (used.has(connection) || lane.connections.get(connection)?.replays !== null) continue;
    lane.connections.delete(connection);
    lane.exchanges = lane.exchanges.filter((exchange) => connectionOf(exchange) !== connection);
  }
}

function isOwn({ caller, call }: Exchange): boolean {
  return caller === 'charger' && (call.frame.flags & (FrameFlag.ours | FrameFlag.preamble)) !== 0;
}

function place(lane: Lane, calls: Map<number, Exchange>, said: Said): void {
  const { frame, message } = said;
  if (message.type === 'call') {
    const exchange: Exchange = {
      caller: frame.sender,
      action: message.action,
      call: { ...said, message },
      answers: [],
    };
    calls.set(frame.id, exchange);
    lane.exchanges.push(exchange);
    return;
  }
  const answered = frame.answers === null ? undefined : calls.get(frame.answers);
  if (answered !== undefined && message.type !== 'malformed') answered.answers.push(said);
  else if (frame.sender === 'csms') lane.strays.push(said);
  else if (message.type === 'malformed') lane.chargerMalformed++;
}

/** Calls of one side, in order. */
export function callsOf(lane: Lane, caller: Side): Exchange[] {
  return lane.exchanges.filter((exchange) => exchange.caller === caller);
}

/** The answer that counts: the first; undefined when there is none. */
export function answerOf(exchange: Exchange): Said | undefined {
  return exchange.answers[0];
}

/** Id of the connection that the exchange's call passed on. */
export function connectionOf(exchange: Exchange): number {
  return exchange.call.frame.connection;
}

/** Monotonic time at which the exchange's connection ended, µs; of one without an end, that of the lane's last event. */
export function endMonoUs(lane: Lane, exchange: Exchange): number {
  return lane.connections.get(connectionOf(exchange))?.closedMonoUs ?? lane.lastMonoUs;
}
