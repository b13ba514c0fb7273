import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Connection, newConnection, type TlsFacts } from '../../src/session/connection.ts';
import type { Frame } from '../../src/session/frame.ts';
import type { Reader, SessionEvent, Slice } from '../../src/session/recording.ts';
import type { RecordingHead, RecordingWriter } from '../../src/store/recording-writer.ts';

export const HEAD: RecordingHead = {
  kind: 'capture',
  toolVersion: '1.2.3',
  label: 'a label',
  upstream: 'ws://csms:8180',
  source: null,
};

export const TLS: TlsFacts = {
  protocol: 'TLSv1.2',
  cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  servername: 'csms.example',
  resumed: false,
  verified: true,
  peerSubject: 'CN=SN-1, O=CPO',
  peerFingerprint: Array(32).fill('AB').join(':'),
};

export function frameOf(changes: Partial<Frame> = {}): Frame {
  const id = changes.id ?? 1;
  return {
    id,
    connection: 1,
    atUs: 1_795_332_471_000_000 + id * 1000,
    monoUs: id * 1000,
    sender: 'charger',
    opcode: 1,
    payload: Buffer.from(`[2,"m${id}","Heartbeat",{}]`),
    messageType: 'call',
    messageId: `m${id}`,
    action: 'Heartbeat',
    answers: null,
    latencyUs: null,
    wireBytes: 30,
    flags: 32,
    fragments: null,
    sha256: null,
    ...changes,
  };
}

export function connectionOf(changes: Partial<Connection> = {}): Connection {
  const openedId = changes.openedId ?? 1;
  return {
    ...newConnection({
      id: 1,
      openedId,
      openedAtUs: 1_795_332_471_000_000 + openedId * 1000,
      openedMonoUs: openedId * 1000,
    }),
    session: 1,
    kind: 'websocket',
    target: '/ocpp/CP1',
    requestHead: 'GET /ocpp/CP1 HTTP/1.1\r\nAuthorization: Basic [redacted]\r\n\r\n',
    offeredSubprotocols: 'ocpp1.6',
    chargerAddress: '127.0.0.1:4000',
    ...changes,
  };
}

/** The columns of an end at this place. */
export function closedAt(closedId: number): Partial<Connection> {
  const closedAtUs = 1_795_332_471_000_000 + closedId * 1000;
  return { closedId, closedAtUs, closedMonoUs: closedId * 1000, endedBy: 'charger', ending: 'fin' };
}

/** Everything recorded so far is on record. */
export function onRecord(recorder: RecordingWriter): Promise<void> {
  return new Promise((resolve) => recorder.whenOnRecord(resolve));
}

/** Everything recorded so far is committed, however short the hold. */
export async function committed(recorder: RecordingWriter): Promise<void> {
  while (recorder.counters.queuedFrames > 0) await nextTurn();
}

export async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** A session's events, short: `opened 1`, `frame 2`. */
export async function story(reader: Reader, session: number, slice?: Slice): Promise<string[]> {
  const events: SessionEvent[] = await all(reader.events(session, slice));
  return events.map((event) => `${event.kind} ${event.id}`);
}
