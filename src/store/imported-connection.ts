import type { Side } from '../ocpp/message.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import { type Connection, newConnection } from '../session/connection.ts';
import { Verdict } from '../session/connection-end.ts';
import { FrameFlag, Opcode } from '../session/frame.ts';
import { basicUserOf, type Identity, identityOf } from '../session/identity.ts';
import { type Observation, Observer } from '../session/observe.ts';
import { redactHead, redactTarget } from '../session/redaction.ts';
import type { CaptureLine } from './capture-file.ts';

/** Place and time of an event in the recording that is being made. */
export interface Moment {
  id: number;
  atUs: number;
  monoUs: number;
}

/** A note that a frame was compressed, with its length on the wire. */
export type DeflatedNote = Extract<CaptureLine, { kind: 'deflated' }>;

/** One connection of a capture on its way into a recording: takes its lines in order. */
export class ImportedConnection {
  readonly row: Connection;
  readonly #notes: Record<Side, DeflatedNote[]>;
  readonly #end = new Verdict();
  #observer = new Observer(protocolFor(null));
  #requestUs = 0;
  #hasEnded = false;

  constructor(id: number, opened: Moment, notes: readonly DeflatedNote[]) {
    const opening = { id, openedId: opened.id, openedAtUs: opened.atUs, openedMonoUs: opened.monoUs };
    this.row = { ...newConnection(opening), orderInferred: true };
    this.#notes = {
      charger: notes.filter((note) => note.sender === 'charger'),
      csms: notes.filter((note) => note.sender === 'csms'),
    };
  }

  /** True once a close frame, a FIN or a reset was seen: the connection's last line is its end. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Takes the request head; tells who the charger is. */
  request(lines: readonly string[], monoUs: number): Identity {
    const target = lines[0]?.replace(/^\S+\s+|\s+HTTP\/\S+\s*$/g, '') ?? '';
    this.#requestUs = monoUs;
    Object.assign(this.row, {
      kind: 'websocket',
      target: redactTarget(target),
      requestHead: headOf(lines),
      offeredSubprotocols: header(lines, 'sec-websocket-protocol'),
      offeredExtensions: header(lines, 'sec-websocket-extensions'),
    } satisfies Partial<Connection>);
    return identityOf(target, basicUserOf(header(lines, 'authorization')), null);
  }

  /** Takes the response head. */
  response(lines: readonly string[], monoUs: number): void {
    const status = Number(/^HTTP\/\S+\s+(\d{3})/.exec(lines[0] ?? '')?.[1] ?? Number.NaN);
    const isOpen = status === 101;
    const subprotocol = isOpen ? header(lines, 'sec-websocket-protocol') : null;
    Object.assign(this.row, {
      responseHead: headOf(lines),
      status: Number.isNaN(status) ? null : status,
      handshakeUs: monoUs - this.#requestUs,
      subprotocol,
      extensions: isOpen ? header(lines, 'sec-websocket-extensions') : null,
    } satisfies Partial<Connection>);
    this.#observer = new Observer(protocolFor(subprotocol));
  }

  /** Takes a text or control frame; the result is its row. */
  frame(sender: Side, opcode: number, payload: Buffer, at: Moment): Observation {
    const note = opcode === Opcode.text ? this.#noteOf(sender, payload.length) : null;
    if (opcode === Opcode.close) {
      this.#end.closeFrame(sender, payload);
      this.#hasEnded = true;
    }
    const masked = sender === 'charger' ? FrameFlag.masked : 0;
    const deflated = note ? FrameFlag.deflated : 0;
    const { id, atUs, monoUs } = at;
    return this.#observer.message({
      ...{ id, connection: this.row.id, atUs, monoUs, sender, opcode, payload },
      wireBytes: wireBytes(note?.wireBytes ?? payload.length, masked !== 0),
      flags: FrameFlag.orderInferred | masked | deflated,
      fragments: null,
      sha256: null,
    });
  }

  /** Takes a FIN or a reset. */
  ended(sender: Side, ending: 'fin' | 'reset'): void {
    this.#end.ended(sender, ending);
    this.#hasEnded = true;
  }

  /** The connection is over, at its last line. */
  close(at: Moment): void {
    const closed = { closedId: at.id, closedAtUs: at.atUs, closedMonoUs: at.monoUs };
    Object.assign(this.row, closed, this.#end.columns());
  }

  /** The note that belongs to this frame: the next of its direction, when the length agrees. */
  #noteOf(sender: Side, bytes: number): DeflatedNote | null {
    const notes = this.#notes[sender];
    if (notes[0]?.bytes !== bytes) return null;
    return notes.shift() ?? null;
  }
}

/** Length of a frame with its header (RFC 6455 §5.2). */
function wireBytes(payload: number, isMasked: boolean): number {
  const length = payload < 126 ? 0 : payload < 65_536 ? 2 : 8;
  return 2 + length + (isMasked ? 4 : 0) + payload;
}

function headOf(lines: readonly string[]): string {
  return redactHead(`${lines.join('\r\n')}\r\n\r\n`).head;
}

/** Values of all headers of this name, joined (RFC 9110 §5.3); null when there is none. */
function header(lines: readonly string[], name: string): string | null {
  const values = lines.slice(1).flatMap((line) => {
    const colon = line.indexOf(':');
    const isIt = colon > 0 && line.slice(0, colon).trim().toLowerCase() === name;
    return isIt ? [line.slice(colon + 1).trim()] : [];
  });
  return values.length === 0 ? null : values.join(', ');
}
