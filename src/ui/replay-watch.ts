import type { Comparison, Finding } from '../diff/finding.ts';
import type { FindingDeeds } from './deeds.ts';

/** How one charger of a replay is getting on. */
export interface ReplayedCharger {
  /** `endpoint/identity`. */
  charger: string;
  steps: number;
  stepsDone: number;
  state: 'playing' | 'complete' | 'incomplete';
  /** Why it is incomplete. */
  reason: string | null;
}

/** How far a replay is. */
export interface ReplayStatus {
  chargers: readonly ReplayedCharger[];
  steps: number;
  stepsDone: number;
  elapsedUs: number;
  /** What is left as the schedule has it, µs; null when it has none (full speed). */
  scheduledLeftUs: number | null;
  /** The factor that was asked for; null for as fast as the CSMS answers. */
  askedSpeed: number | null;
  /** Messages sent in each of the last seconds, the newest last. */
  sentPerSecond: readonly number[];
  /** Messages a second as the schedule wants them up to now; null without one. */
  askedRate: number | null;
  /** Latency of the CSMS's answers by second (p50 and p99, µs), the newest last. */
  latency: readonly { p50Us: number; p99Us: number }[];
  latencyOverall: { p50Us: number; p95Us: number; p99Us: number } | null;
  /** How late messages were sent, µs. */
  lateness: { p50Us: number; p99Us: number } | null;
}

/** A replay as its screen watches it. */
export interface ReplayWatch {
  readonly target: string;
  readonly recording: string;
  readonly out: string;
  status(): ReplayStatus;
  /** Findings of the sessions that are over, as far as they were compared. */
  findings(): readonly Finding[];
  /** What it is doing beside playing: `comparing`; null while it plays. */
  phase(): string | null;
  readonly isOver: boolean;
  /** Ends it; sessions that are not over are incomplete. */
  stop(): void;
  onChange(listener: () => void): () => void;
  onCompared(listener: (comparison: Comparison, deeds: FindingDeeds) => void): void;
}
