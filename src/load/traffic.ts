import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** How the CSMS answered one action; `*` is all of them. */
export interface ActionTraffic {
  action: string;
  answered: number;
  errors: number;
  /** Calls that were sent more than LATE_MS after they were due, because others had to be answered first. */
  late: number;
  /** Latencies from the moment when a call could have been sent first, ms. */
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

/** How a call was answered: so long after it was due, and sent so long after that, ms. */
export interface AnsweredCall {
  action: string;
  afterMs: number;
  lateMs: number;
  isError: boolean;
}

interface Counts {
  errors: number;
  late: number;
  latencies: RecordableHistogram;
}

const ALL = '*';
/** A call is a late start from here on, ms. */
const LATE_MS = 100;

/** Counts the calls and connections of a fleet, and how long answers take; its memory does not grow with them. */
export class Traffic {
  readonly #actions = new Map<string, Counts>();
  /** Calls that were to be made by now; 0 where no schedule says so. */
  wanted = 0;
  /** Calls of the CSMS. */
  commands = 0;
  /** Attempts to connect: opened, refused by status, and those without an answer. */
  opened = 0;
  readonly refused = new Map<number, number>();
  unreachable = 0;
  /** Connections that the other side or the network ended. */
  lost = 0;
  /** Connections that are open now. */
  connected = 0;
  /** Faults that were asked for, by kind. */
  readonly mishaps = new Map<string, number>();

  /** A call was answered. */
  answered({ action, afterMs, lateMs, isError }: AnsweredCall): void {
    for (const name of [action, ALL]) {
      const counts = this.#of(name);
      if (isError) counts.errors++;
      if (lateMs > LATE_MS) counts.late++;
      counts.latencies.record(Math.max(1, Math.round(afterMs * 1000)));
    }
  }

  /** A connection was opened. */
  open(): void {
    this.opened++;
    this.connected++;
  }

  /** An open connection is over; `isLost` when the other side or the network ended it. */
  end(isLost: boolean): void {
    this.connected--;
    if (isLost) this.lost++;
  }

  /** A handshake was not answered. */
  fail(): void {
    this.unreachable++;
  }

  /** The CSMS refused a handshake. */
  refuse(status: number): void {
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
  }

  /** A fault that was asked for happened. */
  mishap(kind: string): void {
    this.mishaps.set(kind, (this.mishaps.get(kind) ?? 0) + 1);
  }

  /** By action, in alphabetical order. */
  actions(): ActionTraffic[] {
    const names = [...this.#actions.keys()].filter((name) => name !== ALL).sort();
    return names.map((name) => this.#row(name));
  }

  /** All actions together. */
  total(): ActionTraffic {
    return this.#row(ALL);
  }

  #row(action: string): ActionTraffic {
    const { errors, late, latencies } = this.#of(action);
    const ms = (share: number) => (latencies.count === 0 ? 0 : latencies.percentile(share) / 1000);
    return { action, answered: latencies.count, errors, late, p50Ms: ms(50), p95Ms: ms(95), p99Ms: ms(99) };
  }

  #of(action: string): Counts {
    const known = this.#actions.get(action);
    if (known) return known;
    const counts = { errors: 0, late: 0, latencies: createHistogram() };
    this.#actions.set(action, counts);
    return counts;
  }
}
