import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { type Connection, type Ender, type Ending, newConnection } from '../../src/session/connection.ts';
import { type Frame, FrameFlag, Opcode } from '../../src/session/frame.ts';
import { Observer } from '../../src/session/observe.ts';
import type { Reader, Recording, Session, SessionEvent } from '../../src/session/recording.ts';

/** Wall clock of offset 0 of every script: 2026-01-01T00:00:00Z, µs. */
export const SCRIPT_START_US = 1_767_225_600_000_000;

/** A recorded session written down as lines, `MS [#CONNECTION] VERB ...`:
 *
 *     0 open [STATUS]              the charger dials and is answered
 *     5 > Heartbeat {}             a call of the charger     5 < {"currentTime": ...}   the answer to its oldest open call
 *     5 <! InternalError           an error for it           5 << Reset {...}           a command of the CSMS
 *     5 >> {"status": ...}         the charger's answer      5 >>! NotImplemented       its refusal
 *     5 raw charger TEXT           any text                  5 ping|pong|close charger|csms [CODE]
 *     9 end charger|csms|chargetape close|fin|reset|stopped   how it was over
 */
export function scriptedSession(script: string, identity = 'CP1', id = 1): Script {
  const session: Session = {
    id,
    identity,
    endpoint: '/ocpp',
    vendor: null,
    model: null,
    firmware: null,
    replays: null,
  };
  const writer = new ScriptWriter(session);
  for (const line of script.split('\n').map((one) => one.trim())) if (line !== '') writer.line(line);
  return { session, events: writer.events };
}

/** A recorded session and its events. */
export interface Script {
  session: Session;
  events: SessionEvent[];
}

/** What a script has said on one connection so far. */
interface Talk {
  connection: Connection;
  observer: Observer;
  calls: { charger: string[]; csms: string[] };
}

let lastId = 0;
let lastMessageId = 0;

class ScriptWriter {
  readonly events: SessionEvent[] = [];
  readonly #session: Session;
  readonly #talks = new Map<number, Talk>();

  constructor(session: Session) {
    this.#session = session;
  }

  line(line: string): void {
    const [, ms = '0', number = '1', verb = '', rest = ''] =
      /^(\d+)\s+(?:#(\d+)\s+)?(\S+)\s*(.*)$/.exec(line) ?? [];
    const us = Number(ms) * 1000;
    const connection = this.#session.id * 100 + Number(number);
    if (verb === 'open') this.#open(us, connection, Number(rest || 101));
    else if (verb === 'end') this.#end(us, connection, rest);
    else this.#say(us, connection, verb, rest);
  }

  #open(us: number, id: number, status: number): void {
    const connection = connectionRow(this.#session, id, ++lastId, us, status);
    this.#talks.set(id, { connection, observer: new Observer(ocpp16), calls: { charger: [], csms: [] } });
    this.events.push({ kind: 'opened', id: lastId, connection });
  }

  #end(us: number, id: number, rest: string): void {
    const [endedBy, ending] = rest.split(' ') as [Ender, Ending];
    const { connection } = this.#talks.get(id)!;
    const times = { closedId: ++lastId, closedAtUs: SCRIPT_START_US + us, closedMonoUs: us };
    Object.assign(connection, { ...times, endedBy, ending });
    this.events.push({ kind: 'closed', id: lastId, connection });
  }

  #say(us: number, connection: number, verb: string, rest: string): void {
    const talk = this.#talks.get(connection)!;
    const control = { ping: Opcode.ping, pong: Opcode.pong, close: Opcode.close }[verb];
    const [first = '', ...words] = rest.split(' ');
    if (control !== undefined) {
      const payload =
        verb === 'close' ? closePayload(Number(words[0] ?? 1000)) : Buffer.from(words.join(' '));
      this.#frame(talk, us, first === 'csms' ? 'csms' : 'charger', control, payload);
    } else if (verb === 'raw') {
      this.#frame(talk, us, first === 'csms' ? 'csms' : 'charger', Opcode.text, Buffer.from(words.join(' ')));
    } else {
      const sender = verb.startsWith('>') ? 'charger' : 'csms';
      this.#frame(talk, us, sender, Opcode.text, Buffer.from(textOf(talk, verb, first, words.join(' '))));
    }
  }

  #frame(talk: Talk, us: number, sender: Frame['sender'], opcode: number, payload: Buffer): void {
    const { frame } = talk.observer.message({
      id: ++lastId,
      connection: talk.connection.id,
      atUs: SCRIPT_START_US + us,
      monoUs: us,
      sender,
      opcode,
      payload,
      wireBytes: payload.length,
      flags: sender === 'charger' ? FrameFlag.masked : 0,
      fragments: null,
      sha256: null,
    });
    this.events.push({ kind: 'frame', id: frame.id, frame, link: null });
  }
}

function textOf(talk: Talk, verb: string, first: string, rest: string): string {
  if (verb === '>' || verb === '<<') {
    const id = `m${++lastMessageId}`;
    talk.calls[verb === '>' ? 'charger' : 'csms'].push(id);
    return `[2,"${id}","${first}",${rest || '{}'}]`;
  }
  const id = talk.calls[verb.startsWith('<') ? 'charger' : 'csms'].shift();
  if (verb.endsWith('!')) return `[4,"${id}","${first}","",{}]`;
  return `[3,"${id}",${[first, rest].join(' ').trim() || '{}'}]`;
}

function closePayload(code: number): Buffer {
  return Buffer.from([code >> 8, code & 255]);
}

function connectionRow(
  session: Session,
  id: number,
  openedId: number,
  us: number,
  status: number,
): Connection {
  const target = `${session.endpoint}/${session.identity}`;
  return {
    ...newConnection({ id, openedId, openedAtUs: SCRIPT_START_US + us, openedMonoUs: us }),
    session: session.id,
    kind: 'websocket',
    target,
    requestHead: requestHead(target),
    status,
    handshakeUs: 1000,
    offeredSubprotocols: 'ocpp1.6',
    subprotocol: status === 101 ? 'ocpp1.6' : null,
  };
}

function requestHead(target: string): string {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: csms.example',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Authorization: Basic [redacted]',
    'Sec-WebSocket-Protocol: ocpp1.6',
    '',
    '',
  ].join('\r\n');
}

/** A reader of scripted sessions. */
export function scriptedReader(scripts: readonly Script[]): Reader {
  const atUs = (event: SessionEvent) =>
    event.kind === 'frame' ? event.frame.atUs : (event.connection.closedAtUs ?? event.connection.openedAtUs);
  const recording: Recording = {
    uuid: '11111111-1111-4111-8111-111111111111',
    part: 1,
    kind: 'capture',
    format: 1,
    toolVersion: 'test',
    label: null,
    upstream: null,
    source: null,
    pseudonymKey: null,
    startedAtUs: SCRIPT_START_US,
    startedMonoUs: 0,
    endedAtUs: SCRIPT_START_US,
    framesBefore: 0,
    shard: null,
    continued: false,
  };
  return {
    recording,
    async *sessions() {
      yield* scripts.map(({ session }) => session);
    },
    async *summaries() {
      for (const { session, events } of scripts) {
        const times = events.map(atUs);
        const counts = { connections: 1, frames: events.length, calls: 0 };
        yield { ...session, ...counts, firstAtUs: Math.min(...times), lastAtUs: Math.max(...times) };
      }
    },
    async *events(id) {
      yield* scripts.find(({ session }) => session.id === id)?.events ?? [];
    },
    async *frames() {},
    frame(id) {
      const event = scripts.flatMap(({ events }) => events).find((one) => one.id === id);
      if (event?.kind !== 'frame') throw new Error(`no frame ${id}`);
      return event.frame;
    },
    async *strays() {},
    gaps: async () => [],
    bindings: async () => [],
    outcomes: async () => [],
    departures: async () => [],
    observations: async () => [],
    span: async () => null,
    close: () => {},
  };
}
