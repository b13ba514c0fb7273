import { type Frame, FrameFlag, Opcode } from '../session/frame.ts';
import type { Debts } from './debts.ts';
import type { Deed } from './happening.ts';
import { CLOSING_US, type Line, Lines } from './lines.ts';
import type { LiveCalls } from './live-calls.ts';
import { type Outgoing, reaction } from './outgoing.ts';
import type { PlannedConnection } from './plan.ts';
import type { Tally } from './tally.ts';

/** What the connections of a virtual charger are kept with. */
export interface ConnectionsGround {
  calls: LiveCalls;
  debts: Debts;
  tally: Tally;
  /** Takes what is to be done, in order. */
  deeds: Deed[];
  /** Whether the recorded charger had more to say on a connection than has been said so far. */
  hasMoreToSay: (planned: PlannedConnection) => boolean;
}

/** Too Many Requests, and Service Unavailable. */
const BUSY: ReadonlySet<number> = new Set([429, 503]);

/** Close code 1000 (RFC 6455 §7.4.1), for a connection whose recording has no end. */
const NORMAL_CLOSE = Buffer.from([0x03, 0xe8]);

/** The connections of a virtual charger, opened and ended as in the recording; when the CSMS ends one too early, the charger comes back. */
export class Connections {
  readonly lines: Lines;
  readonly #ground: ConnectionsGround;

  /** `waitUs`: how long a CSMS may be busy at most. */
  constructor(backOffMs: readonly number[], waitUs: number, ground: ConnectionsGround) {
    this.lines = new Lines(backOffMs, waitUs);
    this.#ground = ground;
  }

  /** Dials a recorded connection for the first time. */
  dial(planned: PlannedConnection, nowUs: number): void {
    const { socket } = this.lines.dial(planned, nowUs);
    this.#ground.deeds.push({ kind: 'dial', socket, planned, again: false });
  }

  /** The CSMS has answered with 101. */
  opened(line: Line, nowUs: number): void {
    line.lastMessageUs = nowUs;
    line.busy = null;
    this.lines.become(line, 'open');
    if (!line.planned.accepted) this.hangUp(line, nowUs);
  }

  /** An open connection is lost because that was asked for: what is owed on it is lost, what it asked for is not. */
  away(line: Line, nowUs: number): void {
    if (line.state !== 'open') return;
    this.#ground.debts.forget(line.socket);
    this.lines.become(line, 'away');
    line.awayUs = nowUs;
  }

  /** It is there again. Answers are waited for as if the time had stood still. */
  back(line: Line, nowUs: number): void {
    if (line.state !== 'away') return;
    this.#ground.calls.prolong(line.socket, nowUs - line.awayUs, nowUs);
    line.lastMessageUs = nowUs;
    this.lines.become(line, 'open');
  }

  /** The CSMS has answered the handshake with another status. When it is only busy (RFC 6585 §4, RFC 9110 §15.6.4), the charger asks again, not before the time that it named, ms. */
  refused(line: Line, status: number, retryAfterMs: number | null, nowUs: number): void {
    if (!line.planned.accepted) this.lines.become(line, 'over');
    else if (BUSY.has(status) && this.lines.retryBusy(line, retryAfterMs ?? 0, nowUs)) return;
    else this.#giveUp(line, `The CSMS answered the handshake with ${status}.`);
  }

  /** There was no answer to the handshake. */
  failed(line: Line, reason: string, nowUs: number): void {
    if (!line.planned.accepted) this.lines.become(line, 'over');
    else if (!this.lines.retry(line, nowUs)) this.#giveUp(line, `The CSMS could not be reached: ${reason}.`);
  }

  /** A connection is over. When the CSMS ended it too early, the charger comes back, as a real one would. */
  ended(line: Line, nowUs: number): void {
    const { calls, debts, hasMoreToSay } = this.#ground;
    const byCsms = line.byCsms || line.state === 'open' || line.state === 'away';
    calls.lost(line.socket);
    debts.forget(line.socket);
    this.lines.become(line, 'over');
    if (!byCsms || !hasMoreToSay(line.planned)) return;
    if (!this.lines.retry(line, nowUs)) this.#giveUp(line, 'The CSMS ended the connection again and again.');
  }

  /** The CSMS starts or completes the closing handshake (RFC 6455 §7.1.2). */
  closed(line: Line, { payload }: Frame, nowUs: number): void {
    if (line.state !== 'open') return;
    line.byCsms = true;
    this.lines.become(line, 'leaving', nowUs + CLOSING_US);
    if (line.planned.echoesClose === false) this.end(line, 'fin', false);
    else this.send(line, reaction(Opcode.close, payload, nowUs), nowUs);
  }

  /** Lets pass what lines were waiting for: their next attempt, or the other side's end. */
  watch(nowUs: number): void {
    for (const line of [...this.lines.active]) {
      if (nowUs < line.untilUs) continue;
      if (line.state === 'waiting') {
        this.lines.redial(line);
        this.#ground.deeds.push({ kind: 'dial', socket: line.socket, planned: line.planned, again: true });
      } else if (line.state === 'closing' || line.state === 'leaving') {
        this.end(line, 'fin', line.state === 'leaving');
      }
    }
  }

  /** When a line is to be looked at again, µs. */
  get untilUs(): number {
    return Math.min(...[...this.lines.active].map(({ untilUs }) => untilUs), Number.POSITIVE_INFINITY);
  }

  /** Sends a frame. */
  send(line: Line, frame: Outgoing, nowUs: number): void {
    if (frame.opcode !== Opcode.pong && frame.opcode !== Opcode.ping) line.lastMessageUs = nowUs;
    this.#ground.deeds.push({ kind: 'send', socket: line.socket, frame });
  }

  /** Ends the TCP connection; `ours` when the recorded charger did not end it here. */
  end(line: Line, how: 'fin' | 'reset', ours: boolean): void {
    this.lines.become(line, 'ending');
    this.#ground.deeds.push({ kind: 'end', socket: line.socket, how, ours });
  }

  /** Ends a connection of our own accord, marked as ours. */
  hangUp(line: Line, nowUs: number): void {
    const close = reaction(Opcode.close, NORMAL_CLOSE, nowUs);
    this.send(line, { ...close, flags: FrameFlag.masked | FrameFlag.ours }, nowUs);
    this.lines.become(line, 'closing', nowUs + CLOSING_US);
  }

  /** The session is over: ends what is still open. */
  finish(nowUs: number): void {
    for (const line of [...this.lines.active]) {
      if (line.state === 'open') this.hangUp(line, nowUs);
      else if (line.state === 'away') this.end(line, 'fin', true);
      else if (line.state === 'waiting') this.lines.become(line, 'over');
    }
  }

  /** The session must not go on: ends everything at once. */
  stop(): void {
    for (const line of [...this.lines.active]) {
      if (line.state !== 'waiting') this.end(line, 'fin', true);
    }
  }

  #giveUp(line: Line, reason: string): void {
    this.#ground.tally.incomplete(reason);
    this.lines.become(line, 'givenUp');
  }
}
