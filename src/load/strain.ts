import { readFileSync } from 'node:fs';
import { monoNowUs } from '../wire/clock.ts';
import { Lateness } from './lateness.ts';

/** Above these the generator, not the CSMS, is what a run has measured. */
const LATE_US = 50_000;
const WAITING_SHARE = 0.1;

/** How well a generator kept up with what it had to do. */
export interface StrainReport {
  /** Lateness of its timers that 99 % did not exceed, ms. */
  lateP99Ms: number;
  /** Share of the time in which it could have run and had to wait for a processor; null where the system does not tell. */
  waitingShare: number | null;
  /** Whether the run is marked generator-bound: its latencies are not those of the CSMS alone. */
  isBound: boolean;
}

/** Watches whether a load generator itself is the bottleneck: late timers, or a processor that others use. */
export class Strain {
  readonly #lateness = new Lateness();
  readonly #beganUs = monoNowUs();
  readonly #waitedBefore = waitedNs();

  /** A timer fired so late, µs. */
  late(us: number): void {
    this.#lateness.add(us);
  }

  report(): StrainReport {
    const lateUs = this.#lateness.percentile(0.99) ?? 0;
    const waited = waitedNs();
    const before = this.#waitedBefore;
    const wallNs = (monoNowUs() - this.#beganUs) * 1000;
    const waitingShare =
      waited === null || before === null || wallNs <= 0 ? null : (waited - before) / wallNs;
    const isBound = lateUs > LATE_US || (waitingShare ?? 0) > WAITING_SHARE;
    return { lateP99Ms: lateUs / 1000, waitingShare, isBound };
  }
}

/** Time that the main thread has spent ready to run and not running, ns (Linux, /proc/PID/schedstat); null elsewhere. */
function waitedNs(): number | null {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]);
  } catch {
    return null;
  }
}
