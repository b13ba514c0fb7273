import type net from 'node:net';
import type { Side } from '../ocpp/message.ts';
import { closeFrame, closePayload } from '../wire/close-frame.ts';
import type { DialError } from '../wire/dial.ts';
import { isUpgrade, parseRequestHead, parseResponseHead, type RequestHead } from '../wire/head.ts';
import { HeadReader, type HeadResult } from '../wire/head-reader.ts';
import { tlsFactsOf } from '../wire/tls-socket.ts';
import { formatAddress } from '../wire/url.ts';
import { type Guest, sourceOf } from './guest.ts';
import { Lane } from './lane.ts';
import { dialAnswer, forbidden, type OwnAnswer, ownAnswer, unavailable } from './own-answer.ts';
import { RequestRules, type RequestRuling } from './request-rules.ts';
import { Tap, type TapContext } from './tap.ts';
import { dialUpstream, type Upstream } from './upstream.ts';

/** What all tunnels of a proxy share. */
export interface TunnelContext extends TapContext, RequestRuling {
  upstream: Upstream;
  maxHoldMs: number;
  connectTimeoutMs: number;
  responseTimeoutMs: number;
  lastWordsMs: number;
  /** Whether nothing may pass, because nothing can be recorded. */
  refuses: () => boolean;
  /** Takes over a charger's socket whose request is no upgrade; `bytes` are the ones read from it so far. */
  passHttp: (guest: Guest, bytes: Buffer, tap: Tap, onClose: () => void) => void;
  onClosed: (tunnel: Tunnel) => void;
}

/** What a drained charger and its CSMS are told. */
const DRAIN_REASON = 'the recorder is restarting';

/**
 * Where a connection is: nothing said yet; the request head is being read; the response head is being read; bytes pass
 * both ways; the handshake was refused, and another one may follow; or its socket is with the HTTP server.
 */
type Phase = 'silent' | 'request' | 'response' | 'passing' | 'refused' | 'http';

/**
 * One charger's connection, joined to one to the CSMS: bytes pass as they are, through a lane each way; FIN stays FIN,
 * and a reset stays a reset. The CSMS is dialled on the charger's first byte and answers before anyone else does.
 */
export class Tunnel {
  readonly #context: TunnelContext;
  readonly #guest: Guest;
  readonly #rules: RequestRules;
  readonly #charger: net.Socket;
  #tap: Tap;
  /** Null until it is connected. */
  #csms: net.Socket | null = null;
  /** Stops the dialling; null when nobody is being dialled. */
  #dialling: AbortController | null = null;
  #toCsms: Lane | null = null;
  #toCharger: Lane | null = null;
  #phase: Phase = 'silent';
  #reader: HeadReader | null = null;
  /** Bounds the wait for the CSMS. */
  #timer: NodeJS.Timeout | null = null;
  /** Bounds the wait for the last words, once we end the connection ourselves. */
  #lastTimer: NodeJS.Timeout | null = null;
  /** Why the CSMS cannot be reached, while the charger has yet to ask. */
  #failure: OwnAnswer | null = null;
  #isOver = false;

  constructor(context: TunnelContext, guest: Guest) {
    this.#context = context;
    this.#guest = guest;
    this.#rules = new RequestRules(context, guest);
    this.#charger = guest.socket;
    this.#tap = new Tap(context, sourceOf(guest), guest.tls);
    this.#charger
      .on('data', (chunk: Buffer) => this.#onChargerData(chunk))
      .on('end', () => this.#onChargerEnd())
      .on('error', () => this.#onReset('charger'))
      .on('close', () => this.#onClose());
  }

  /** Ends the connection from our side: FIN both ways behind what is under way, and after two seconds for good. */
  stop(): void {
    this.#tap.endedByUs('stopped');
    this.#toCharger?.end('fin');
    this.#toCsms?.end('fin');
    if (!this.#toCharger) this.#charger.end();
    if (!this.#toCsms) this.#csms?.destroy();
    this.#stopDialling();
    this.#destroyLater();
  }

  /** Answers at once, whether that can be recorded or not. */
  #turnAway(answer: OwnAnswer): void {
    this.#phase = 'passing';
    this.#reader = null;
    this.#tap.endedByUs(answer.ending);
    const head = parseResponseHead(answer.head);
    if (head) this.#tap.answered(head, answer.head, 'chargetape');
    this.#stopDialling();
    this.#csms?.destroy();
    this.#charger.end(Buffer.from(answer.head + answer.body, 'latin1'));
    this.#destroyLater();
  }

  /** Whether its handshake is under way. */
  get isOpening(): boolean {
    return this.#phase === 'request' || this.#phase === 'response';
  }

  /** Whether it may be ended without hurting anything. */
  get isIdle(): boolean {
    return this.#tap.isIdle;
  }

  /** Whether its charger is charging, as far as was seen. */
  get isCharging(): boolean {
    return this.#tap.isCharging;
  }

  /** Ends the connection with a close frame of our own to either side; one that is no WebSocket as `stop` does. */
  drain(closeCode: number): void {
    if (this.#tap.isOpen && this.#phase === 'passing') {
      const payload = closePayload(closeCode, DRAIN_REASON);
      this.#tap.closesBoth(payload);
      this.#toCharger?.pass(closeFrame(payload, 'csms'));
      this.#toCsms?.pass(closeFrame(payload, 'charger'));
    }
    this.stop();
  }

  /** Ends the connection at once; what waits to be on record goes nowhere. */
  cut(): void {
    this.#tap.endedByUs('refused');
    this.#stopDialling();
    this.#charger.destroy();
    this.#csms?.destroy();
  }

  #onChargerData(chunk: Buffer): void {
    this.#context.stats.bytes.charger += chunk.length;
    if (this.#phase === 'silent') {
      this.#expectRequest();
      if (this.#rules.admitsAll) this.#dial();
    } else if (this.#phase === 'refused') this.#startOver();
    if (this.#phase === 'request') this.#readRequest(chunk);
    else this.#toCsms?.take(chunk);
  }

  #expectRequest(): void {
    this.#phase = 'request';
    this.#reader = new HeadReader('request');
  }

  /** After a refusal the charger asks again on the same TCP connection (RFC 9110 §15.5.2): a connection of its own. */
  #startOver(): void {
    this.#tap.closed(0, 0);
    this.#tap = new Tap(this.#context, sourceOf(this.#guest), this.#guest.tls);
    if (this.#csms) this.#tap.reached(addressOf(this.#csms), tlsFactsOf(this.#csms));
    this.#toCsms?.retap(this.#tap);
    this.#toCharger?.retap(this.#tap);
    this.#expectRequest();
  }

  #readRequest(chunk: Buffer): void {
    const result = readHead(this.#reader, chunk);
    if (result.kind === 'more') return;
    const head = result.kind === 'head' ? attempt(() => parseRequestHead(result.head)) : null;
    const bytes = result.kind === 'head' ? Buffer.concat([result.bytes, result.rest]) : result.bytes;
    if (result.kind !== 'head' || !head) this.#passRaw(bytes);
    else if (isUpgrade(head)) this.#ask(head, result.head, result.bytes, result.rest);
    else if (this.#toCsms) this.#passRaw(bytes);
    else this.#passHttp(head, result.head, bytes);
  }

  #dial(): void {
    const { upstream, connectTimeoutMs } = this.#context;
    const dialling = new AbortController();
    this.#dialling = dialling;
    const { signal } = dialling;
    dialUpstream(upstream, this.#guest, { timeoutMs: connectTimeoutMs, signal, unbuffered: true }).then(
      (csms) => this.#onConnect(csms),
      (error: DialError) => this.#onDialError(error),
    );
  }

  #onConnect(csms: net.Socket): void {
    csms.on('error', (error) => this.#onCsmsError(error)).on('close', () => this.#onClose());
    if (this.#dialling === null) {
      csms.destroy();
      return;
    }
    this.#dialling = null;
    this.#csms = csms;
    this.#tap.reached(addressOf(csms), tlsFactsOf(csms));
    if (this.#phase === 'response') this.#arm();
    this.#toCharger?.join(csms);
    this.#toCsms?.join(csms);
    if (this.#toCharger) this.#listen(csms);
  }

  #onDialError(error: DialError): void {
    if (this.#dialling === null) return;
    this.#dialling = null;
    this.#fail(dialAnswer(error, this.#context.upstream.server));
    this.#onClose();
  }

  #stopDialling(): void {
    const dialling = this.#dialling;
    this.#dialling = null;
    dialling?.abort();
  }

  /** The request is an upgrade: its head goes on as it came, and what was glued to it are frames. */
  #ask(head: RequestHead, text: string, bytes: Buffer, rest: Buffer): void {
    this.#phase = 'response';
    this.#reader = new HeadReader('response');
    this.#tap.asked(head, text, this.#rules.addressIn(head));
    if (this.#context.refuses()) {
      this.#turnAway(unavailable());
      return;
    }
    const lane = this.#openLanes();
    if (!this.#rules.admits(head)) this.#failure = forbidden();
    if (this.#failure) {
      this.#answer(this.#failure);
      return;
    }
    if (this.#csms) this.#arm();
    else if (!this.#dialling) this.#dial();
    lane.pass(this.#rules.forwarded(head, text, bytes));
    if (rest.length > 0) lane.take(rest);
  }

  /** No HTTP (a TLS hello, a frame, a head without end): recorded as opaque bytes and passed on, both ways. */
  #passRaw(bytes: Buffer): void {
    this.#phase = 'passing';
    this.#reader = null;
    this.#tap.losesBounds();
    const lane = this.#openLanes();
    lane.take(bytes);
    if (this.#failure || !this.#rules.admitsNameless(null)) this.#giveUp();
    else if (!this.#csms && !this.#dialling) this.#dial();
  }

  #passHttp(head: RequestHead, text: string, bytes: Buffer): void {
    this.#phase = 'http';
    this.#reader = null;
    this.#disarm();
    this.#tap.askedPlainly(head, text);
    if (!this.#rules.admitsNameless(head)) {
      this.#refusePlainly();
      return;
    }
    this.#stopDialling();
    this.#csms?.removeAllListeners().on('error', () => {});
    this.#csms?.destroy();
    this.#csms = null;
    this.#charger.pause();
    this.#charger.removeAllListeners();
    const forwarded = Buffer.concat([
      this.#rules.forwarded(head, text, bytes.subarray(0, text.length)),
      bytes.subarray(text.length),
    ]);
    this.#context.passHttp(this.#guest, forwarded, this.#tap, () => this.#onClose());
  }

  #refusePlainly(): void {
    const { status, head, body } = forbidden();
    this.#tap.answeredPlainly(status);
    this.#tap.endedByUs('refused');
    this.#charger.end(Buffer.from(head + body, 'latin1'));
    this.#destroyLater();
  }

  /** From here on bytes pass both ways; the CSMS's were left unread so far. */
  #openLanes(): Lane {
    if (this.#toCsms) return this.#toCsms;
    const [charger, csms] = [this.#charger, this.#csms];
    const shared = { tap: this.#tap, recorder: this.#context.recorder, maxHoldMs: this.#context.maxHoldMs };
    this.#toCharger = new Lane({ ...shared, sender: 'csms', source: csms, destination: charger });
    this.#toCsms = new Lane({ ...shared, sender: 'charger', source: charger, destination: csms });
    if (csms) this.#listen(csms);
    return this.#toCsms;
  }

  #listen(csms: net.Socket): void {
    csms.on('data', (chunk: Buffer) => this.#onCsmsData(chunk)).on('end', () => this.#onEnd('csms'));
    csms.resume();
  }

  #onCsmsData(chunk: Buffer): void {
    this.#context.stats.bytes.csms += chunk.length;
    if (this.#phase === 'response') this.#readResponse(chunk);
    else this.#toCharger?.take(chunk);
  }

  #readResponse(chunk: Buffer): void {
    const result = readHead(this.#reader, chunk);
    if (result.kind === 'more') return;
    const head = result.kind === 'head' ? attempt(() => parseResponseHead(result.head)) : null;
    if (result.kind !== 'head' || !head) {
      this.#passUnread(result.kind === 'head' ? Buffer.concat([result.bytes, result.rest]) : result.bytes);
      return;
    }
    if (head.status < 200 && head.status !== 101) {
      this.#toCharger?.pass(result.bytes);
      this.#reader = new HeadReader('response');
      if (result.rest.length > 0) this.#readResponse(result.rest);
      return;
    }
    this.#disarm();
    this.#phase = head.status === 101 ? 'passing' : 'refused';
    this.#reader = null;
    this.#tap.answered(head, result.head, 'csms');
    this.#toCharger?.pass(result.bytes);
    if (result.rest.length > 0) this.#toCharger?.take(result.rest);
  }

  /** The CSMS did not answer with a whole HTTP head: what it said passes as opaque bytes. */
  #passUnread(bytes: Buffer): void {
    this.#disarm();
    this.#phase = 'passing';
    this.#reader = null;
    this.#tap.losesBounds();
    if (bytes.length > 0) this.#toCharger?.take(bytes);
  }

  #onChargerEnd(): void {
    if (this.#phase === 'silent') {
      this.#tap.seesEnd('charger', 'fin');
      this.#charger.end();
      return;
    }
    if (this.#phase === 'request') this.#passRaw(this.#reader?.pending() ?? Buffer.alloc(0));
    this.#onEnd('charger');
  }

  #onEnd(side: Side): void {
    this.#tap.seesEnd(side, 'fin');
    if (side === 'csms' && this.#phase === 'response') {
      this.#passUnread(this.#reader?.pending() ?? Buffer.alloc(0));
    }
    this.#laneFrom(side)?.end('fin');
  }

  #onReset(side: Side): void {
    this.#tap.seesEnd(side, 'reset');
    if (side === 'charger' && this.#phase === 'request') {
      this.#passRaw(this.#reader?.pending() ?? Buffer.alloc(0));
    }
    if (side === 'csms' && this.#phase === 'response') {
      this.#passUnread(this.#reader?.pending() ?? Buffer.alloc(0));
    }
    this.#laneFrom(side)?.end('reset');
  }

  #onCsmsError(error: Error & { code?: string }): void {
    const isRefusal = this.#phase === 'response' && error.code?.startsWith('ERR_SSL');
    if (this.#toCharger && !isRefusal) this.#onReset('csms');
    else this.#fail(ownAnswer(isRefusal ? 'tls' : 'refused', this.#context.upstream.server, error));
  }

  /** The CSMS cannot be reached or stays silent: 502 or 504, once the charger has asked. */
  #fail(answer: OwnAnswer): void {
    this.#disarm();
    if (this.#phase === 'request') this.#failure = answer;
    else if (this.#phase === 'response') this.#answer(answer);
    else this.#giveUp();
    this.#csms?.destroy();
  }

  #answer(answer: OwnAnswer): void {
    this.#phase = 'passing';
    this.#reader = null;
    this.#tap.endedByUs(answer.ending);
    const head = parseResponseHead(answer.head);
    if (head) this.#tap.answered(head, answer.head, 'chargetape');
    this.#toCharger?.pass(Buffer.from(answer.head, 'latin1'));
    this.#toCharger?.take(Buffer.from(answer.body, 'latin1'));
    this.#giveUp();
  }

  /** There is nobody to pass anything on to: the charger gets a FIN, and two seconds for its last words. */
  #giveUp(): void {
    this.#tap.endedByUs('refused');
    this.#toCharger?.end('fin');
    this.#destroyLater();
  }

  #laneFrom(side: Side): Lane | null {
    return side === 'charger' ? this.#toCsms : this.#toCharger;
  }

  #arm(): void {
    const silent = () => this.#fail(ownAnswer('no-answer', this.#context.upstream.server));
    this.#timer = setTimeout(silent, this.#context.responseTimeoutMs);
  }

  #disarm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #destroyLater(): void {
    this.#disarm();
    this.#lastTimer ??= setTimeout(() => {
      this.#charger.destroy();
      this.#csms?.destroy();
    }, this.#context.lastWordsMs);
  }

  #onClose(): void {
    this.#toCsms?.flow();
    this.#toCharger?.flow();
    if (this.#isOver || !this.#charger.destroyed || this.#dialling) return;
    if (this.#csms && !this.#csms.destroyed) return;
    this.#isOver = true;
    this.#disarm();
    if (this.#lastTimer) clearTimeout(this.#lastTimer);
    this.#tap.closed(this.#toCharger?.handedOn ?? 0, this.#toCsms?.handedOn ?? 0);
    this.#context.onClosed(this);
  }
}

/** Feeds a head reader; its own fault makes the bytes unreadable, and they pass all the same. */
function readHead(reader: HeadReader | null, chunk: Buffer): HeadResult {
  return attempt(() => reader?.push(chunk)) ?? { kind: 'not-http', bytes: reader?.pending() ?? chunk };
}

/** What a step gives, or null when it throws: no fault in reading a head may end a connection. */
function attempt<T>(step: () => T): T | null {
  try {
    return step();
  } catch {
    return null;
  }
}

function addressOf(socket: net.Socket): string | null {
  return socket.remoteAddress ? formatAddress(socket.remoteAddress, socket.remotePort ?? 0) : null;
}
