import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Gap, Session } from '../session/recording.ts';
import { Answered } from './answered.ts';
import { Charger, type ConnectionColumns } from './charger.ts';
import type { FrameColumns } from './frame-columns.ts';
import { LatencyTally } from './latency-tally.ts';
import type { FleetOrder, FleetTotals } from './viewer.ts';

/** Seconds of calls that are kept for the chart, and over which the present latency is taken. */
const RECENT_SECONDS = 60;

/** All chargers of a recording, as they stand after what was read of it so far. */
export class Fleet {
  readonly chargers = new Map<number, Charger>();
  readonly #connections = new Map<
    number,
    ConnectionColumns & { charger: Charger | null; protocol: Protocol }
  >();
  readonly #answered = new Answered();
  readonly #latency = new LatencyTally();
  readonly #recentLatency = [new LatencyTally(), new LatencyTally()];
  #recentSecond = 0;
  readonly #callsBySecond = new Map<number, number>();
  readonly #actions = new Set<string>();
  #gaps = { count: 0, frames: 0 };
  readonly #sums = { connections: 0, frames: 0, calls: 0, callErrors: 0, malformed: 0 };
  #fromUs: number | null = null;
  #toUs: number | null = null;

  /** Actions seen so far. */
  get actions(): string[] {
    return [...this.#actions].sort();
  }

  /** Takes a session's row, the first time or again. */
  session(row: Session): void {
    const charger = this.chargers.get(row.id) ?? new Charger(row);
    charger.describe(row);
    this.chargers.set(row.id, charger);
  }

  /** Takes a connection's row, the first time or again. */
  connection(row: ConnectionColumns): void {
    const before = this.#connections.get(row.id);
    const charger = row.session === null ? null : (this.chargers.get(row.session) ?? null);
    // A charger that is known later than its connection sees all of it then.
    charger?.connection(row, before?.charger ? before : undefined);
    if (!before) this.#sums.connections++;
    this.#seen(row.openedAtUs);
    this.#connections.set(row.id, { ...row, charger, protocol: protocolFor(row.subprotocol) });
  }

  /** Connections that may still change. */
  get unsettled(): number[] {
    const ids: number[] = [];
    for (const { id, status, charger, closedId } of this.#connections.values()) {
      if (closedId === null && (status === null || charger === null)) ids.push(id);
    }
    return ids;
  }

  /** Whether the connection of a frame is known. */
  knows(connection: number): boolean {
    return this.#connections.has(connection);
  }

  /** The session of a connection; null when it has none, or is not known. */
  sessionOf(connection: number): number | null {
    return this.#connections.get(connection)?.session ?? null;
  }

  gaps(gaps: readonly Pick<Gap, 'frames'>[]): void {
    this.#gaps = { count: gaps.length, frames: gaps.reduce((sum, { frames }) => sum + frames, 0) };
  }

  /** Takes the next frame, in recording order. */
  frame(frame: FrameColumns): void {
    const line = this.#connections.get(frame.connection);
    this.#sums.frames++;
    this.#seen(frame.atUs);
    if (frame.action !== null) this.#actions.add(frame.action);
    if (frame.messageType === 'call') this.#called(frame.atUs);
    else if (frame.messageType === 'callError') this.#sums.callErrors++;
    else if (frame.messageType === 'malformed') this.#sums.malformed++;
    if (frame.sender === 'csms' && frame.latencyUs !== null) this.#took(frame.latencyUs, frame.atUs);
    const { charger, protocol } = line ?? {};
    if (!charger || !protocol) return;
    charger.frame(frame);
    for (const stood of this.#answered.take(frame, protocol)) charger.board.take(stood);
  }

  /** The chargers in an order; `nowUs` is null for a recording that has ended. */
  inOrder(order: FleetOrder, nowUs: number | null): Charger[] {
    const all = [...this.chargers.values()];
    const byName = (a: Charger, b: Charger) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
    if (order === 'name') return all.sort(byName);
    const keyed = all.map((charger) => ({ charger, key: keyOf(charger, order, nowUs) }));
    keyed.sort((a, b) => compare(b.key, a.key) || byName(a.charger, b.charger));
    return keyed.map(({ charger }) => charger);
  }

  /** What is true of all of it; `nowUs` as above. */
  totals(nowUs: number | null): FleetTotals {
    const totals = { online: 0, charging: 0, faulted: 0, refusals: 0, drops: 0 };
    for (const charger of this.chargers.values()) {
      if (charger.isOnline) totals.online++;
      if (charger.isCharging) totals.charging++;
      if (charger.isFaulted) totals.faulted++;
      totals.refusals += charger.refusals;
      totals.drops += charger.drops;
    }
    return {
      ...totals,
      ...this.#sums,
      chargers: this.chargers.size,
      gaps: this.#gaps,
      rate: nowUs === null ? this.#meanRate() : this.#recentRate(nowUs),
      recentCalls: nowUs === null ? [] : this.#recentCalls(nowUs),
      csmsLatency: nowUs === null ? this.#latency.summary() : this.#nowLatency(),
      ...{ fromUs: this.#fromUs, toUs: this.#toUs },
    };
  }

  #nowLatency(): FleetTotals['csmsLatency'] {
    const both = new LatencyTally();
    for (const tally of this.#recentLatency) both.addAll(tally);
    return both.summary() ?? this.#latency.summary();
  }

  #took(us: number, atUs: number): void {
    this.#latency.add(us);
    const half = Math.floor(atUs / 1e6 / (RECENT_SECONDS / 2));
    if (half > this.#recentSecond) {
      this.#recentLatency.unshift(new LatencyTally());
      this.#recentLatency.length = 2;
      this.#recentSecond = half;
    }
    this.#recentLatency[0]?.add(us);
  }

  #called(atUs: number): void {
    this.#sums.calls++;
    const second = Math.floor(atUs / 1e6);
    const known = this.#callsBySecond.get(second);
    this.#callsBySecond.set(second, (known ?? 0) + 1);
    if (known !== undefined || this.#callsBySecond.size <= 2 * RECENT_SECONDS) return;
    for (const old of this.#callsBySecond.keys()) {
      if (old < second - RECENT_SECONDS) this.#callsBySecond.delete(old);
    }
  }

  /** Calls in each whole second before this moment. */
  #recentCalls(nowUs: number): number[] {
    const last = Math.floor(nowUs / 1e6) - 1;
    return Array.from(
      { length: RECENT_SECONDS },
      (_, index) => this.#callsBySecond.get(last - RECENT_SECONDS + 1 + index) ?? 0,
    );
  }

  #recentRate(nowUs: number): number {
    const last = this.#recentCalls(nowUs).slice(-5);
    return last.reduce((sum, count) => sum + count, 0) / last.length;
  }

  #meanRate(): number {
    const seconds = ((this.#toUs ?? 0) - (this.#fromUs ?? 0)) / 1e6;
    return seconds > 0 ? this.#sums.calls / seconds : 0;
  }

  #seen(atUs: number): void {
    if (this.#fromUs === null || atUs < this.#fromUs) this.#fromUs = atUs;
    if (this.#toUs === null || atUs > this.#toUs) this.#toUs = atUs;
  }
}

const GRAVITY = { high: 3, medium: 2, low: 1 } as const;

/** What comes first has the greater key. */
function keyOf(charger: Charger, order: FleetOrder, nowUs: number | null): number[] {
  const recent = charger.lastAtUs ?? 0;
  if (order === 'recent') return [recent];
  if (order === 'busiest') return [nowUs === null ? charger.calls : charger.rateAt(nowUs)];
  const gravity = charger.gravity(nowUs !== null);
  return [gravity === null ? 0 : GRAVITY[gravity], charger.faults];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
