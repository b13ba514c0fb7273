import type { Json } from '../ocpp/json.ts';
import { decodeMessage, type Message, type Side } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import { type Connection, type Ending, newConnection, type TlsFacts } from '../session/connection.ts';
import { Verdict } from '../session/connection-end.ts';
import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import { basicUserOf, identityOf } from '../session/identity.ts';
import { type ChargerFacts, Observer } from '../session/observe.ts';
import type { Pseudonyms } from '../session/pseudonyms.ts';
import type { Recorder, Session } from '../session/recording.ts';
import { monoNowUs, wallNowUs } from '../wire/clock.ts';
import { negotiatesDeflate } from '../wire/deflate.ts';
import type { RequestHead, ResponseHead } from '../wire/head.ts';
import type { WireMessage } from '../wire/websocket-decoder.ts';
import { requestColumns, responseColumns, storable } from './connection-row.ts';
import { type Arrival, Ear } from './ear.ts';
import type { ProxyEvent, ProxyStats } from './event.ts';
import type { ChargerTally, Fleet } from './fleet.ts';
import { GapTally } from './gap-tally.ts';
import type { RecordOnly } from './record-only.ts';
import type { RecordingSwitch } from './recording-switch.ts';

/** What all taps of a proxy share. */
export interface TapContext {
  recorder: Recorder;
  stats: ProxyStats;
  fleet: Fleet;
  /** Whether anything is recorded, now. */
  recording: RecordingSwitch;
  /** Whose connections are put on record; null for all. */
  recordOnly?: RecordOnly | null;
  /** Whether pings and pongs are frames of the recording, counted in their connection's row, or left out; `all` when not given. */
  controlFrames?: ControlFrames | undefined;
  /** Other names for persons; null to record them as they are. */
  pseudonyms?: Pseudonyms | null;
  log: (event: ProxyEvent) => void;
}

/** What becomes of pings and pongs. */
export type ControlFrames = 'all' | 'summary' | 'off';

/** What a direction's bytes are: frames (or opaque bytes), the body of a refusal, none of our business, or nothing the tap can read any more. */
type Reading = 'frames' | 'body' | 'unread' | 'off';

const MAX_BODY = 64 * 1024;

/** A call that has waited longer for its answer is not waited for. */
const CALL_PATIENCE_US = 30e6;

/**
 * Watches one connection: turns its passing bytes into rows of the recording. Nothing it meets or does reaches the
 * traffic: no method throws, and what it fails to record becomes a gap.
 */
export class Tap {
  readonly #context: TapContext;
  readonly #row: Connection;
  readonly #gaps: GapTally;
  readonly #verdict = new Verdict();
  readonly #charger: Ear;
  readonly #csms: Ear;
  readonly #reading: Record<Side, Reading> = { charger: 'frames', csms: 'frames' };
  #protocol: Protocol | null = null;
  #observer: Observer | null = null;
  #session: Session | null = null;
  #tally: ChargerTally | null = null;
  #askedUs = 0;
  #isReset = false;
  /** We ended it in mid-stream: what came after our close frames went nowhere. */
  #isCut = false;
  #isFaulty = false;
  /** False while it is not decided, and when it was decided against it. */
  #isOnRecord: boolean;

  constructor(context: TapContext, chargerAddress: string | null, chargerTls: TlsFacts | null) {
    const { recorder } = context;
    this.#context = context;
    const place = { id: recorder.nextConnectionId(), openedId: recorder.nextId() };
    const now = { openedAtUs: wallNowUs(), openedMonoUs: monoNowUs() };
    this.#row = { ...newConnection({ ...place, ...now }), chargerTls };
    this.#row.chargerAddress = this.#named(chargerAddress);
    this.#isOnRecord = (context.recordOnly ?? null) === null;
    this.#gaps = new GapTally(recorder, this.#row.id);
    const heard = (sender: Side, message: WireMessage, arrival: Arrival) =>
      this.#heard(sender, message, arrival);
    this.#charger = new Ear('charger', heard);
    this.#csms = new Ear('csms', heard);
    this.#guard(() => this.#put());
  }

  /** The ear of one direction, for its lane. */
  ear(sender: Side): Ear {
    return sender === 'charger' ? this.#charger : this.#csms;
  }

  /** The charger at this address asked for a WebSocket. */
  asked(head: RequestHead, text: string, chargerAddress: string | null): void {
    this.#guard(() => {
      this.#askedUs = monoNowUs();
      this.#row.kind = 'websocket';
      this.#row.chargerAddress = this.#named(chargerAddress);
      Object.assign(this.#row, requestColumns(head, text));
      const user = basicUserOf(head.get('authorization'));
      const key = identityOf(head.target, user, this.#row.chargerAddress);
      if (!this.#isChosen(key.identity)) return;
      this.#session = this.#context.recorder.session(key.identity, key.endpoint);
      this.#row.session = this.#session.id;
      this.#tally = this.#context.fleet.of(this.#session);
    });
    this.#guard(() => this.#put());
  }

  /** The charger asked for something else over HTTP. */
  askedPlainly(head: RequestHead, text: string): void {
    this.#guard(() => {
      this.#row.kind = 'http';
      Object.assign(this.#row, requestColumns(head, text));
      if (!this.#isChosen(null)) return;
      this.#put();
      this.#context.log({ kind: 'http', connection: this.#row.id, target: this.#row.target });
    });
  }

  /** The CSMS is connected. */
  reached(csmsAddress: string | null, csmsTls: TlsFacts | null): void {
    Object.assign(this.#row, { csmsAddress, csmsTls });
  }

  /** The handshake was answered: 101 opens the WebSocket, any other final status refuses it. */
  answered(head: ResponseHead, text: string, by: 'csms' | 'chargetape'): void {
    this.#guard(() => {
      this.#row.handshakeUs = monoNowUs() - this.#askedUs;
      Object.assign(this.#row, responseColumns(head, text));
      if (head.status === 101) this.#opens();
      else this.#refuses(head.status, by);
    });
    this.#guard(() => this.#put());
  }

  /** Plain HTTP was answered, with this status. */
  answeredPlainly(status: number): void {
    this.#row.status = status;
  }

  /** Bytes that are no HTTP follow, both ways. */
  losesBounds(): void {
    this.#isChosen(null);
    this.#guard(() => this.#charger.losesBounds());
    this.#guard(() => this.#csms.losesBounds());
  }

  /**
   * Takes bytes that `sender` sent. True when they completed something that is now queued for the recording, false
   * when not; a promise (that never rejects) while something is being inflated first.
   */
  feed(sender: Side, chunk: Buffer): boolean | Promise<void> {
    try {
      if ((sender === 'charger' ? this.#reading.charger : this.#reading.csms) === 'frames')
        return this.#listen(this.ear(sender), chunk);
      this.#feedElsewhere(sender, chunk);
    } catch (error) {
      this.#reading[sender] = 'off';
      this.#fault(error, 0, chunk.length);
    }
    return false;
  }

  /** The end of a direction was seen, before the bytes ahead of it are handed on. */
  seesEnd(sender: Side, ending: 'fin' | 'reset'): void {
    this.#verdict.ended(sender, ending);
    if (ending === 'reset') this.#isReset = true;
  }

  /** A direction is over, in its place among the bytes: what it had begun is recorded as it is. */
  ended(sender: Side): void {
    this.#guard(() => this.ear(sender).end());
  }

  /** The connection did not get as far as a request. */
  turnedAway(by: 'charger' | 'chargetape', ending: Ending, reason: string): void {
    if (by === 'chargetape') this.#verdict.ours(ending, reason);
    else this.#verdict.ended(by, ending === 'reset' ? 'reset' : 'fin');
    const { id: connection, chargerAddress: address } = this.#row;
    this.#guard(() => this.#context.log({ kind: 'turned-away', connection, address, reason }));
    this.closed(0, 0);
  }

  /** Chargetape itself ends the connection. */
  endedByUs(ending: Ending): void {
    this.#verdict.ours(ending);
  }

  /** Whether it is a WebSocket on which nothing is under way: no frame, and no call without an answer for less than half a minute. */
  get isIdle(): boolean {
    if (this.#row.status !== 101) return true;
    if (!this.#charger.isBetweenFrames || !this.#csms.isBetweenFrames) return false;
    return !this.#observer?.isAwaiting(monoNowUs() - CALL_PATIENCE_US);
  }

  /** Whether its charger has a transaction running, as far as was seen. */
  get isCharging(): boolean {
    return (this.#tally?.transactions?.size ?? 0) > 0;
  }

  /** Whether the handshake was accepted. */
  get isOpen(): boolean {
    return this.#row.status === 101;
  }

  /** Chargetape sends both sides a close frame of its own. */
  closesBoth(payload: Buffer): void {
    this.endedByUs('stopped');
    this.#isCut = true;
    const arrival = { atUs: wallNowUs(), monoUs: monoNowUs() };
    const flags = FrameFlag.ours;
    for (const sender of ['csms', 'charger'] as const) {
      const message = {
        opcode: Opcode.close,
        payload,
        wireBytes: payload.length + 2,
        masked: false,
        fragments: null,
      };
      this.#heard(sender, { ...message, rsv: 0, compressed: false, flags, sha256: null }, arrival);
    }
  }

  /** Both directions are over. The bytes are those handed to the kernel towards each side. */
  closed(bytesToCharger: number, bytesToCsms: number): void {
    this.#guard(() => this.#gaps.flush());
    if (!this.#isOnRecord) return;
    this.#guard(() => {
      const now = { closedAtUs: wallNowUs(), closedMonoUs: monoNowUs() };
      const place = { closedId: this.#context.recorder.nextId(), ...now };
      const handedOn = this.#isReset || this.#isCut ? { bytesToCharger, bytesToCsms } : {};
      Object.assign(this.#row, place, this.#verdict.columns(), handedOn);
      this.#put();
      this.#leaves();
      const { id: connection, endedBy: by, ending } = this.#row;
      this.#context.log({ kind: 'closed', connection, identity: this.#identity(), by, ending });
    });
  }

  #opens(): void {
    if (!this.#isOnRecord) return;
    const { extensions, subprotocol, id: connection } = this.#row;
    if (extensions !== null && negotiatesDeflate(extensions)) {
      this.#charger.inflates(extensions);
      this.#csms.inflates(extensions);
    }
    if (this.#tally) {
      this.#tally.open++;
      this.#tally.connections++;
      this.#tally.lastAtUs = wallNowUs();
    }
    this.#context.log({ kind: 'opened', connection, identity: this.#identity() ?? '', subprotocol });
  }

  #leaves(): void {
    if (!this.#tally || this.#row.status !== 101) return;
    this.#tally.open--;
    this.#tally.lastAtUs = wallNowUs();
  }

  #refuses(status: number, by: 'csms' | 'chargetape'): void {
    const { refusals } = this.#context.stats;
    refusals[status] = (refusals[status] ?? 0) + 1;
    if (!this.#isOnRecord) return;
    this.#reading.csms = 'body';
    this.#charger.losesBounds();
    const identity = this.#identity() ?? '';
    this.#context.log({ kind: 'refused', connection: this.#row.id, identity, status, by });
  }

  /** Decides, once, whether this connection is on record: null for one that names no charger. */
  #isChosen(identity: string | null): boolean {
    const { recordOnly = null, stats } = this.#context;
    if (recordOnly === null || this.#isOnRecord) return true;
    if (this.#reading.charger === 'unread') return false;
    this.#isOnRecord = identity !== null && recordOnly(identity);
    if (this.#isOnRecord) return true;
    stats.unrecorded++;
    this.#reading.charger = 'unread';
    this.#reading.csms = 'unread';
    return false;
  }

  #feedElsewhere(sender: Side, chunk: Buffer): void {
    if (this.#reading[sender] === 'unread') return;
    if (this.#reading[sender] === 'off') {
      this.#gaps.add(0, chunk.length, 'The tap had failed on this direction.');
      return;
    }
    const body = Buffer.concat([this.#row.refusalBody ?? Buffer.alloc(0), chunk]);
    this.#row.refusalBody = body.subarray(0, MAX_BODY);
  }

  #listen(ear: Ear, chunk: Buffer): boolean | Promise<void> {
    const { recording } = this.#context;
    if (ear.skims === recording.isOn) ear.skims = !recording.isOn;
    const news = ear.push(chunk);
    const missed = ear.takeMissed();
    if (missed === null) return news;
    if (recording.isOn)
      this.#gaps.add(missed.frames, missed.bytes, 'It began, or what it builds on, while recording was off.');
    else recording.miss(missed.frames, missed.bytes);
    return recording.isOn ? news : news instanceof Promise && news;
  }

  #heard(sender: Side, message: WireMessage, arrival: Arrival): void {
    try {
      this.#record(sender, message, arrival);
    } catch (error) {
      this.#fault(error, 1, message.wireBytes);
    }
  }

  #record(sender: Side, message: WireMessage, arrival: Arrival): void {
    const { recorder, stats } = this.#context;
    const { opcode, payload } = message;
    if (opcode === Opcode.close) this.#verdict.closeFrame(sender, payload);
    if (!this.#context.recording.isOn) {
      this.#context.recording.miss(1, message.wireBytes);
      return;
    }
    if ((opcode === Opcode.ping || opcode === Opcode.pong) && this.#leavesOut(sender, opcode)) return;
    this.#protocol ??= protocolFor(this.#row.subprotocol);
    this.#observer ??= new Observer(this.#protocol, this.#context.pseudonyms ?? null);
    const { frame, facts } = this.#observer.row({
      id: recorder.nextId(),
      connection: this.#row.id,
      atUs: arrival.atUs,
      monoUs: arrival.monoUs,
      sender,
      opcode,
      payload,
      wireBytes: message.wireBytes,
      flags: message.flags,
      fragments: message.fragments,
      sha256: message.sha256,
    });
    recorder.record({ kind: 'frame', frame });
    if (sender === 'charger') stats.frames.charger++;
    else stats.frames.csms++;
    if (this.#tally) count(this.#tally, frame);
    if (facts) this.#learn(facts);
    this.#noteTransaction(this.#protocol, frame);
  }

  /** Whether a ping or pong is no frame of the recording; counts it where that is wanted. */
  #leavesOut(sender: Side, opcode: number): boolean {
    const { controlFrames = 'all', stats } = this.#context;
    if (controlFrames === 'all') return false;
    stats.frames[sender]++;
    if (controlFrames === 'off') return true;
    const none = () => ({ pings: 0, pongs: 0 });
    this.#row.controlFrames ??= { charger: none(), csms: none() };
    this.#row.controlFrames[sender][opcode === Opcode.ping ? 'pings' : 'pongs']++;
    return true;
  }

  /** Keeps which transactions run: an answer starts one, a call ends one. */
  #noteTransaction(protocol: Protocol, { action, payload }: Frame): void {
    const tally = this.#tally;
    if (tally === null || action === null || !protocol.lasting.has(action)) return;
    const message = decodeMessage(Buffer.from(payload).toString('utf8'));
    const [call, result] = message.type === 'call' ? [message.payload, null] : [null, resultOf(message)];
    for (const { kind, key, ends } of protocol.standing(action, call, result)) {
      if (kind !== 'transaction') continue;
      tally.transactions ??= new Set();
      if (ends) tally.transactions.delete(key);
      else tally.transactions.add(key);
    }
  }

  /** A call told what the charger is: its session's row says so from now on. */
  #learn(facts: ChargerFacts): void {
    const session = this.#session;
    if (!session) return;
    session.vendor = facts.vendor ?? session.vendor;
    session.model = facts.model ?? session.model;
    session.firmware = facts.firmware ?? session.firmware;
    this.#context.recorder.record({ kind: 'session', session: { ...session } });
  }

  #put(): void {
    if (!this.#isOnRecord) return;
    this.#context.recorder.record({
      kind: 'connection',
      connection: storable(this.#row, this.#context.pseudonyms ?? null),
    });
  }

  /** An address as it may be stored. */
  #named(address: string | null): string | null {
    const { pseudonyms = null } = this.#context;
    return address && pseudonyms ? pseudonyms.address(address) : address;
  }

  #identity(): string | null {
    return this.#session?.identity ?? null;
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fault(error, 0, 0);
    }
  }

  /** A fault of the tap becomes a gap, is logged once, and ends here. */
  #fault(error: unknown, frames: number, bytes: number): void {
    this.#context.stats.faults++;
    try {
      const message = error instanceof Error ? error.message : String(error);
      this.#gaps.add(frames, bytes, `The tap failed: ${message}`);
      if (this.#isFaulty) return;
      this.#isFaulty = true;
      this.#context.log({ kind: 'fault', connection: this.#row.id, message });
    } catch {
      // A recorder or log that throws leaves nobody to tell; the traffic goes on.
    }
  }
}

function resultOf(message: Message): Json {
  return message.type === 'callResult' ? message.payload : null;
}

function count(tally: ChargerTally, { atUs, messageType, action }: Frame): void {
  tally.frames++;
  tally.lastAtUs = atUs;
  if (messageType === 'call') tally.lastAction = action;
}
