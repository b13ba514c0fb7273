import { decodeMessage } from '../../src/ocpp/message.ts';
import type { Connection } from '../../src/session/connection.ts';
import type { Frame } from '../../src/session/frame.ts';
import type { SessionEvent, SessionSummary } from '../../src/session/recording.ts';

/** When the fixtures begin, µs since the epoch: 2026-11-22T07:22:59.067Z. */
export const START_US = Date.parse('2026-11-22T07:22:59.067Z') * 1000;

/** A connection as it usually is; tests give what they are about. */
export function connection(over: Partial<Connection> = {}): Connection {
  return {
    id: 1,
    session: 1,
    kind: 'websocket',
    openedId: 1,
    openedAtUs: START_US,
    openedMonoUs: 0,
    target: '/ocpp/CP-1',
    requestHead: 'GET /ocpp/CP-1 HTTP/1.1\r\n\r\n',
    responseHead: 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    refusalBody: null,
    status: 101,
    handshakeUs: 4000,
    offeredSubprotocols: 'ocpp1.6',
    subprotocol: 'ocpp1.6',
    offeredExtensions: null,
    extensions: null,
    chargerAddress: '127.0.0.1:5000',
    csmsAddress: '127.0.0.1:8180',
    chargerTls: null,
    csmsTls: null,
    controlFrames: null,
    closedId: 90,
    closedAtUs: START_US + 12_345_678,
    closedMonoUs: 12_345_678,
    endedBy: 'charger',
    ending: 'close',
    closeCode: 1000,
    closeReason: 'bye',
    bytesToCharger: null,
    bytesToCsms: null,
    orderInferred: false,
    replays: null,
    ...over,
  };
}

/** A text frame, decoded as the recorder does. */
export function frame(text: string, over: Partial<Frame> = {}): Frame {
  const message = decodeMessage(text);
  const monoUs = over.monoUs ?? 0;
  return {
    id: 2,
    connection: 1,
    atUs: START_US + monoUs,
    monoUs,
    sender: 'charger',
    opcode: 1,
    payload: Buffer.from(text),
    messageType: message.type,
    messageId: message.type === 'malformed' ? null : message.messageId,
    action: message.type === 'call' ? message.action : null,
    answers: null,
    latencyUs: null,
    wireBytes: text.length + 6,
    flags: 0,
    fragments: null,
    sha256: null,
    ...over,
  };
}

/** The event of a frame. */
export function frameEvent(of: Frame): SessionEvent {
  return { kind: 'frame', id: of.id, frame: of, link: null };
}

/** A session of a listing. */
export function summary(over: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id: 1,
    identity: 'CP-1',
    endpoint: '/ocpp',
    vendor: 'MicroOcpp',
    model: 'Simulator',
    firmware: null,
    replays: null,
    connections: 2,
    frames: 1234,
    calls: 600,
    firstAtUs: START_US,
    lastAtUs: START_US + 65e6,
    ...over,
  };
}

/** Things one after the other, as a reader gives them. */
export async function* inOrder<T>(things: readonly T[]): AsyncIterable<T> {
  yield* things;
}

/** All that comes out. */
export async function all<T>(things: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const thing of things) found.push(thing);
  return found;
}
