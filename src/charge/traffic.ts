import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Frame } from '../session/frame.ts';

/** How the CSMS answered one action. */
export interface ActionTraffic {
  action: string;
  answered: number;
  errors: number;
  /** Latencies from the moment a call was due, ms. */
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

interface Counts {
  errors: number;
  latencies: RecordableHistogram;
}

/** Counts what passes between a fleet and its CSMS, and how long answers take; its memory does not grow with either. */
export class Traffic {
  readonly #actions = new Map<string, Counts>();
  /** Calls of the chargers, and answers to them. */
  calls = 0;
  answers = 0;
  /** Calls of the CSMS. */
  commands = 0;

  /** Takes a frame as it went on record. */
  take({ sender, messageType, action, latencyUs }: Frame): void {
    if (messageType === 'call') {
      if (sender === 'charger') this.calls++;
      else this.commands++;
      return;
    }
    if (sender !== 'csms' || latencyUs === null || action === null) return;
    this.answers++;
    const counts = this.#of(action);
    if (messageType === 'callError') counts.errors++;
    counts.latencies.record(Math.max(1, latencyUs));
  }

  /** By action, in alphabetical order. */
  actions(): ActionTraffic[] {
    return [...this.#actions]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([action, { errors, latencies }]) => ({
        action,
        answered: latencies.count,
        errors,
        p50Ms: latencies.percentile(50) / 1000,
        p95Ms: latencies.percentile(95) / 1000,
        p99Ms: latencies.percentile(99) / 1000,
      }));
  }

  #of(action: string): Counts {
    const known = this.#actions.get(action);
    if (known) return known;
    const counts = { errors: 0, latencies: createHistogram() };
    this.#actions.set(action, counts);
    return counts;
  }
}
