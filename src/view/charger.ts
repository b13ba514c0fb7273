import type { Connection } from '../session/connection.ts';
import { endGravity, type Gravity, openingGravity } from '../session/gravity.ts';
import type { Session } from '../session/recording.ts';
import { Board } from './board.ts';
import type { FrameColumns } from './frame-columns.ts';
import type { ChargerRow, Presence } from './viewer.ts';

/** Seconds over which the present rate is taken. */
const RATE_SECONDS = 10;

/** What is read of a connection for the list. */
export type ConnectionColumns = Pick<
  Connection,
  | 'id'
  | 'session'
  | 'kind'
  | 'openedAtUs'
  | 'closedAtUs'
  | 'closedId'
  | 'status'
  | 'ending'
  | 'closeCode'
  | 'subprotocol'
>;

/** One charger as it stands after what was read of its session. */
export class Charger {
  readonly session: number;
  readonly name: string;
  make = '';
  frames = 0;
  calls = 0;
  callErrors = 0;
  malformed = 0;
  refusals = 0;
  drops = 0;
  connections = 0;
  firstAtUs: number | null = null;
  lastAtUs: number | null = null;
  #open = 0;
  #wasRefused = false;
  #action: string | null = null;
  #last: FrameColumns['messageType'] = null;
  #lastSender: FrameColumns['sender'] | null = null;
  #pace = 0;
  #paceAtUs = 0;
  /** What stands at it. */
  readonly board = new Board();

  constructor({ id, endpoint, identity }: Session) {
    this.session = id;
    this.name = `${endpoint}/${identity}`;
  }

  /** Takes what the session's row says of the charger. */
  describe({ vendor, model, firmware }: Session): void {
    this.make = [vendor, model, firmware].filter((part) => part !== null).join(' ');
  }

  /** Takes the row of a connection; `before` is the one that it replaces. */
  connection(now: ConnectionColumns, before: ConnectionColumns | undefined): void {
    if (!before) {
      this.connections++;
      this.#seen(now.openedAtUs);
    }
    if (now.status !== (before?.status ?? null)) this.#answered(now);
    if (now.closedId !== null && (before?.closedId ?? null) === null) this.#ended(now);
  }

  #answered(now: ConnectionColumns): void {
    this.#wasRefused = openingGravity(now) !== null;
    if (this.#wasRefused) this.refusals++;
    else this.#open++;
  }

  #ended(now: ConnectionColumns): void {
    if (now.closedAtUs !== null) this.#seen(now.closedAtUs);
    if (now.status !== 101) return;
    this.#open--;
    if (endGravity(now) !== null) this.drops++;
  }

  /** Takes the next frame. */
  frame(frame: FrameColumns): void {
    this.frames++;
    this.#seen(frame.atUs);
    if (frame.messageType === null) return;
    this.#last = frame.messageType;
    this.#lastSender = frame.sender;
    this.#action = frame.action;
    if (frame.messageType === 'call') this.#called(frame.atUs);
    else if (frame.messageType === 'callError') this.callErrors++;
    else if (frame.messageType === 'malformed') this.malformed++;
  }

  get isOnline(): boolean {
    return this.#open > 0;
  }

  get isCharging(): boolean {
    return this.board.isCharging;
  }

  get isFaulted(): boolean {
    return this.board.isFaulted;
  }

  get faults(): number {
    return this.callErrors + this.malformed + this.refusals + this.drops;
  }

  /** High: broken, turned away, or unreadable. Medium: gone, dropped, or answered with errors. */
  gravity(isGrowing: boolean): Gravity | null {
    if (this.isFaulted || this.malformed > 0 || this.#presence === 'refused') return 'high';
    const isGone = isGrowing && this.#presence === 'offline';
    return isGone || this.callErrors > 0 || this.drops > 0 || this.refusals > 0 ? 'medium' : null;
  }

  /** Calls a second at this moment (µs since the epoch). */
  rateAt(nowUs: number): number {
    return this.#pace * Math.exp(-Math.max(0, nowUs - this.#paceAtUs) / 1e6 / RATE_SECONDS);
  }

  /** The line of the list; `nowUs` is null for a recording that has ended, whose rate is that of its span. */
  row(nowUs: number | null, matches: number | null): ChargerRow {
    return {
      session: this.session,
      charger: this.name,
      make: this.make,
      presence: this.#presence,
      ...{ connections: this.connections, frames: this.frames, calls: this.calls },
      rate: nowUs === null ? this.#meanRate() : this.rateAt(nowUs),
      ...{ firstAtUs: this.firstAtUs, lastAtUs: this.lastAtUs },
      ...{ last: this.#lastText(), lastSender: this.#lastSender },
      ...{ callErrors: this.callErrors, malformed: this.malformed },
      ...{ refusals: this.refusals, drops: this.drops },
      ...this.board.standing,
      gravity: this.gravity(nowUs !== null),
      matches,
    };
  }

  get #presence(): Presence {
    if (this.#open > 0) return 'online';
    return this.#wasRefused ? 'refused' : 'offline';
  }

  #lastText(): string {
    if (this.#last === null) return '';
    if (this.#last === 'malformed') return 'malformed';
    const mark = { call: '', callResult: '← ', callError: '✗ ' }[this.#last];
    return `${mark}${this.#action ?? '(answers no call)'}`;
  }

  #meanRate(): number {
    const seconds = ((this.lastAtUs ?? 0) - (this.firstAtUs ?? 0)) / 1e6;
    return seconds > 0 ? this.calls / seconds : 0;
  }

  #called(atUs: number): void {
    this.calls++;
    this.#pace = this.rateAt(atUs) + 1 / RATE_SECONDS;
    this.#paceAtUs = Math.max(this.#paceAtUs, atUs);
  }

  #seen(atUs: number): void {
    if (this.firstAtUs === null || atUs < this.firstAtUs) this.firstAtUs = atUs;
    if (this.lastAtUs === null || atUs > this.lastAtUs) this.lastAtUs = atUs;
  }
}
