import type { FindingKind } from './finding.ts';

/** What every rule says. */
export interface RuleHead {
  /** Where it stands, such as `accepted 2 (finding 0123456789ab)`. */
  name: string;
  reason: string;
  /** Last day on which it holds, `2027-01-31`; null for ever. */
  expires: string | null;
  /** Glob of the chargers it is about, by identity or `endpoint/identity`; null for all. */
  chargers: string | null;
}

/** Differences that are there and may be: one finding by its id, or those of one place, by kind if that is said. */
export interface Acceptance extends RuleHead {
  target: { finding: string } | { action: string; path: string; kind: FindingKind | null };
}

/**
 * What may vary at one place of an answer or command: anything (`ignore`), a time for a time, an id for one of the same shape, a
 * number within a distance.
 */
export interface Expectation extends RuleHead {
  type: 'ignore' | 'time' | 'id' | 'tolerance';
  action: string;
  /** JSON Pointer, `*` for array indexes. */
  path: string;
  /** Of a tolerance: how far apart the two numbers may be. */
  within: number;
}

/** All that a rules file says. A quarantined charger is not compared. */
export interface Rules {
  accepted: readonly Acceptance[];
  expected: readonly Expectation[];
  quarantined: readonly RuleHead[];
}
