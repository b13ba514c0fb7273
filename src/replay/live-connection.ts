import type net from 'node:net';
import type { Traffic } from '../load/traffic.ts';
import type { Message } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import { Verdict } from '../session/connection-end.ts';
import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import { Observer } from '../session/observe.ts';
import type { Recorder } from '../session/recording.ts';
import { redactHead } from '../session/redaction.ts';
import { type OpenedWebSocket, openWebSocket } from '../wire/client-handshake.ts';
import { monoNowUs, wallNowUs } from '../wire/clock.ts';
import { negotiatesDeflate } from '../wire/deflate.ts';
import { FrameWriter } from '../wire/frame-writer.ts';
import { parseResponseHead } from '../wire/head.ts';
import type { OwnHeader } from '../wire/request-head.ts';
import { type ClientTls, resetSocket, tlsFactsOf } from '../wire/tls-socket.ts';
import type { ServerUrl } from '../wire/url.ts';
import { addressOf, openingRow } from './connection-row.ts';
import { FrameReader, type ReadFrame } from './frame-reader.ts';
import type { Happening } from './happening.ts';
import { Intake } from './intake.ts';
import type { Outgoing } from './outgoing.ts';
import type { PlannedConnection } from './plan.ts';
import { requestTarget } from './target.ts';

/** Where a run goes and where it is put on record. */
export interface RunContext {
  target: ServerUrl;
  recorder: Recorder;
  /** Uuid of the recording that is replayed. */
  source: string;
  /** Headers of each handshake that are ours. */
  headers?: readonly OwnHeader[];
  /** TLS towards a `wss://` target, with this charger's certificate. */
  tls?: ClientTls;
  /** Looks at the connection before a byte of HTTP is written; throws a DialError to go no further. */
  admit?: (socket: net.Socket) => void;
  /** Address of this machine to dial from; the system chooses when not given. */
  localAddress?: string;
  /** Told of every frame both ways, as it went on record; with what it says where that is known already. */
  onFrame?: (frame: Frame, protocol: Protocol, message: Message | null) => void;
  /** Told how late a step was sent, µs. */
  onLate?: (us: number) => void;
  /** Bound on the answer to a handshake, ms; a charger's own when not given. */
  handshakeMs?: number;
  /** Counts what becomes of the connection, and the calls of the CSMS. */
  traffic?: Traffic;
}

/** Which connection of which session is opened. */
export interface LiveConnectionOptions extends RunContext {
  /** Session of the run. */
  session: number;
  planned: PlannedConnection;
  /** Number that the virtual charger knows it by. */
  socket: number;
  /** Opened again after the CSMS ended it: no counterpart in the recording. */
  again: boolean;
  onHappening: (happening: Happening) => void;
}

/** How long the other side may take to complete the end of a connection that we ended, ms. */
const END_MS = 2_000;

/** Flags of a frame that say how it is on the wire. */
const WIRE_FLAGS =
  FrameFlag.opaque |
  FrameFlag.deflated |
  FrameFlag.fragmented |
  FrameFlag.masked |
  FrameFlag.reservedBits |
  FrameFlag.ours |
  FrameFlag.unfinished |
  FrameFlag.notInflated;

/** One live connection of a virtual charger: socket, frames both ways, and its rows in the run. */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #row: Connection;
  readonly #abort = new AbortController();
  #protocol: Protocol;
  #observer: Observer;
  #socket: net.Socket | null = null;
  #writer: FrameWriter | null = null;
  #intake: Intake | null = null;
  #deflates = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #end = new Verdict();
  #over = false;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
    this.#protocol = options.planned.protocol;
    this.#observer = new Observer(this.#protocol);
    this.#row = openingRow(options);
    this.#recordRow();
  }

  /** Dials and asks for the WebSocket; what comes of it is told by happenings. */
  async open(): Promise<void> {
    const { target, planned, handshakeMs, tls, admit, localAddress, traffic } = this.#options;
    const result = await openWebSocket({
      url: target,
      target: requestTarget(target, planned.recorded.target),
      requestHead: planned.recorded.requestHead,
      headers: this.#options.headers ?? [],
      ...(tls && { tls }),
      ...(admit && { admit }),
      ...(handshakeMs !== undefined && { responseTimeoutMs: handshakeMs }),
      ...(localAddress !== undefined && { localAddress }),
      signal: this.#abort.signal,
    });
    const row = this.#row;
    row.requestHead = redactHead(result.requestHead).head;
    row.handshakeUs = monoNowUs() - row.openedMonoUs;
    if (result.kind === 'open') {
      this.#opened(result);
      return;
    }
    if (result.kind === 'refusal') {
      row.responseHead = redactHead(result.responseHead).head;
      row.status = result.status;
      row.refusalBody = result.body;
      traffic?.refuse(result.status);
      this.#end.ended('csms', 'fin');
    } else if (this.#abort.signal.aborted) {
      this.#end.ours('stopped');
    } else {
      traffic?.fail();
      this.#end.ours(result.reason === 'timeout' ? 'timeout' : 'refused');
    }
    this.#close();
    if (result.kind === 'refusal') {
      this.#tell({ kind: 'refused', status: result.status, retryAfterMs: retryAfterMs(result.responseHead) });
    } else this.#tell({ kind: 'failed', reason: result.message });
  }

  /** Writes a frame and puts it on record. */
  send(frame: Outgoing): void {
    if (this.#over || !this.#writer) return;
    if (frame.opcode === Opcode.close && frame.flags & FrameFlag.ours) this.#end.ours('stopped');
    if (frame.opcode === Opcode.close) this.#end.closeFrame('charger', Buffer.from(frame.payload));
    this.#writer.write(frame, (wireBytes) => this.#sent(frame, wireBytes));
    this.#intake?.wrote();
  }

  /** Ends it by FIN or reset; the rest of the other side's data is still read, for a bounded time. */
  end(how: 'fin' | 'reset', ours: boolean): void {
    if (ours) this.#end.ours('stopped');
    else this.#end.ended('charger', how);
    const socket = this.#socket;
    if (!socket || !this.#writer) {
      this.#abort.abort();
      return;
    }
    this.#writer.whenHandedOn(() => {
      if (how === 'fin') this.#finish(socket);
      else this.#reset(socket);
    });
  }

  /** Ends it at once, bounded. */
  destroy(): void {
    this.#abort.abort();
    this.#end.ours('stopped');
    this.#socket?.destroy();
    this.#close();
  }

  #opened(result: OpenedWebSocket): void {
    const { socket, extensions } = result;
    const row = this.#row;
    row.responseHead = redactHead(result.responseHead).head;
    row.status = result.status;
    row.subprotocol = result.subprotocol;
    row.extensions = extensions;
    row.chargerAddress = addressOf(socket.localAddress, socket.localPort);
    row.csmsAddress = addressOf(socket.remoteAddress, socket.remotePort);
    row.csmsTls = tlsFactsOf(socket);
    this.#protocol = protocolFor(result.subprotocol);
    this.#observer = new Observer(this.#protocol);
    this.#socket = socket;
    this.#writer = new FrameWriter(socket, extensions, 'charger');
    this.#intake = new Intake(socket, this.#options.recorder);
    this.#deflates = negotiatesDeflate(extensions);
    this.#recordRow();
    this.#options.traffic?.open();
    if (this.#abort.signal.aborted) {
      this.destroy();
      return;
    }
    this.#tell({ kind: 'opened' });
    this.#listen(socket, this.#intake, result);
  }

  #listen(socket: net.Socket, intake: Intake, { extensions, rest }: OpenedWebSocket): void {
    const reader = new FrameReader(extensions);
    const onFrame = (base: ReadFrame) => {
      if (this.#over) return;
      const { recorder, traffic, socket: number } = this.#options;
      const observed = this.#observer.message({
        ...base,
        id: recorder.nextId(),
        connection: this.#row.id,
        atUs: wallNowUs(),
        monoUs: monoNowUs(),
        sender: 'csms',
      });
      recorder.record({ kind: 'frame', frame: observed.frame });
      intake.recorded(base.payload.length);
      if (traffic && observed.frame.messageType === 'call') traffic.commands++;
      this.#options.onFrame?.(observed.frame, this.#protocol, observed.message);
      if (observed.frame.opcode === Opcode.close)
        this.#end.closeFrame('csms', Buffer.from(observed.frame.payload));
      this.#options.onHappening({ kind: 'frame', socket: number, ...observed });
    };
    socket.on('data', (chunk) => {
      const inflating = reader.push(chunk, onFrame);
      if (inflating !== null) intake.until(inflating);
    });
    socket.on('end', () => {
      reader.end(onFrame, () => {
        this.#end.ended('csms', 'fin');
        this.#finish(socket);
      });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.#end.ended('csms', 'reset');
    });
    socket.on('close', () => {
      reader.end(onFrame, () => {
        this.#end.ended('csms', 'reset');
        this.#close();
        this.#tell({ kind: 'ended' });
        reader.close();
      });
    });
    socket.resume();
    if (rest.length > 0) void reader.push(rest, onFrame);
  }

  /** Sends our FIN and bounds the time until the connection is over. */
  #finish(socket: net.Socket): void {
    this.#writer?.whenHandedOn(() => socket.end());
    this.#timer ??= setTimeout(() => socket.destroy(), END_MS);
  }

  /** Resets it once everything written was handed to the kernel, which would throw away the rest. */
  #reset(socket: net.Socket): void {
    socket.write(Buffer.alloc(0), () => resetSocket(socket));
    this.#timer ??= setTimeout(() => socket.destroy(), END_MS);
  }

  #sent(frame: Outgoing, wireBytes: number): void {
    if (this.#over) return;
    const { recorder, source } = this.#options;
    const flags = frame.flags & WIRE_FLAGS;
    const { frame: row } = this.#observer.row({
      id: recorder.nextId(),
      connection: this.#row.id,
      atUs: wallNowUs(),
      monoUs: monoNowUs(),
      sender: 'charger',
      opcode: frame.opcode,
      payload: frame.payload,
      wireBytes,
      flags: this.#deflates ? flags : flags & ~FrameFlag.deflated,
      fragments: frame.fragments,
      sha256: null,
    });
    recorder.record({ kind: 'frame', frame: row });
    this.#intake?.recorded(row.payload.length);
    this.#options.onFrame?.(row, this.#protocol, frame.says ?? null);
    if (frame.replays !== null && frame.source === null) {
      this.#options.onLate?.(row.monoUs - frame.scheduledUs);
    }
    const { replays, scheduledUs, source: answerSource } = frame;
    const link = { frame: row.id, recording: source, replays, scheduledUs, source: answerSource };
    recorder.record({ kind: 'link', link });
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#writer?.close();
    this.#row.closedId = this.#options.recorder.nextId();
    this.#row.closedAtUs = wallNowUs();
    this.#row.closedMonoUs = monoNowUs();
    this.#recordRow();
    if (this.#writer) this.#options.traffic?.end(this.#end.columns().endedBy === 'csms');
  }

  #tell(
    happening:
      | { kind: 'opened' | 'ended' }
      | { kind: 'refused'; status: number; retryAfterMs: number | null }
      | { kind: 'failed'; reason: string },
  ): void {
    this.#options.onHappening({ ...happening, socket: this.#options.socket });
  }

  #recordRow(): void {
    this.#options.recorder.record({
      kind: 'connection',
      connection: { ...this.#row, ...this.#end.columns() },
    });
  }
}

/** The wait that a refusal asks for (RFC 9110 §10.2.3: seconds or a date), ms; null when it asks for none. */
function retryAfterMs(responseHead: string): number | null {
  const text = parseResponseHead(responseHead)?.get('retry-after') ?? null;
  if (text === null) return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
