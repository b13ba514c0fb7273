import type { ChargerFacts, LatencyFacts, Spread } from './finding.ts';
import type { Said } from './lane.ts';
import { median, probabilityThatAlike } from './rank-test.ts';
import type { Tally } from './tally.ts';

/** Samples below which nothing is said, and beyond which no more are kept, of one action on one side. */
const MIN_SAMPLES = 8;
const MANY_SAMPLES = 20;
const MAX_SAMPLES = 5_000;

/** How improbable a difference must be, and how large: so many times the median, and so much more. */
const MAX_PROBABILITY = 0.01;
const MIN_FACTOR = 1.5;
const MIN_MORE_MS = 500;

/** With fewer than many samples, which one busy moment of the machine may have slowed: so much more. */
const MIN_MORE_OF_FEW_MS = 2_000;

/** How long both sides took to answer one call. */
export interface Latency {
  action: string;
  baselineUs: number;
  candidateUs: number;
  baselineEvidence: Said;
  candidateEvidence: Said;
  session: string;
  charger: ChargerFacts;
}

interface Samples {
  baselineMs: number[];
  candidateMs: number[];
  /** The slowest answer of each session. */
  slowest: Map<string, Latency>;
}

/** How long the CSMS takes to answer, by action, over all sessions. */
export class Latencies {
  readonly #actions = new Map<string, Samples>();

  /** Takes a call that both sides answered. */
  add(latency: Latency): void {
    const { action, session } = latency;
    const samples = this.#actions.get(action) ?? newSamples();
    this.#actions.set(action, samples);
    const slowest = samples.slowest.get(session);
    if (slowest === undefined || slowest.candidateUs < latency.candidateUs)
      samples.slowest.set(session, latency);
    if (samples.baselineMs.length === MAX_SAMPLES) return;
    samples.baselineMs.push(latency.baselineUs / 1_000);
    samples.candidateMs.push(latency.candidateUs / 1_000);
  }

  /** How the durations of each action lie, by its name. */
  facts(): LatencyFacts[] {
    return [...this.#actions]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([action, { baselineMs, candidateMs }]) => ({
        action,
        answers: baselineMs.length,
        baseline: spreadOf(baselineMs),
        candidate: spreadOf(candidateMs),
      }));
  }

  /** Reports each action that is answered more slowly, significantly and by much; once for each session. */
  report(tally: Tally): void {
    for (const [action, { baselineMs, candidateMs, slowest }] of this.#actions) {
      if (baselineMs.length < MIN_SAMPLES) continue;
      const [before, after] = [median(baselineMs), median(candidateMs)];
      const moreMs = baselineMs.length < MANY_SAMPLES ? MIN_MORE_OF_FEW_MS : MIN_MORE_MS;
      if (after < before * MIN_FACTOR || after - before < moreMs) continue;
      if (probabilityThatAlike(baselineMs, candidateMs) >= MAX_PROBABILITY) continue;
      for (const { baselineEvidence, candidateEvidence, session, charger } of slowest.values())
        tally.add({
          kind: 'latency',
          severity: 'low',
          caller: 'charger',
          action,
          path: [],
          baseline: Math.round(before),
          candidate: Math.round(after),
          baselineEvidence,
          candidateEvidence,
          session,
          charger,
        });
    }
  }
}

/** At least one sample. */
function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (percent: number): number => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))]!;
    return Math.round(value * 10) / 10;
  };
  return { p5: at(5), p25: at(25), p50: at(50), p75: at(75), p95: at(95), max: at(100) };
}

function newSamples(): Samples {
  return { baselineMs: [], candidateMs: [], slowest: new Map() };
}
