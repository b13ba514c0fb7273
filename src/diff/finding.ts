import type { Json } from '../ocpp/json.ts';
import type { Side } from '../ocpp/message.ts';
import type { RecordingKind } from '../session/recording.ts';

/** What sort of difference a finding is. Stable names: reports, rules and scripts match on them. */
export type FindingKind =
  | 'field-changed'
  | 'field-added'
  | 'field-removed'
  | 'type-changed'
  | 'format-changed'
  | 'result-to-error'
  | 'error-to-result'
  | 'error-code'
  | 'unanswered'
  | 'late-answer'
  | 'duplicate-answer'
  | 'orphan-answer'
  | 'malformed'
  | 'command-missing'
  | 'command-unexpected'
  | 'command-changed'
  | 'command-order'
  | 'id-reused'
  | 'handshake-status'
  | 'subprotocol'
  | 'extensions'
  | 'close';

/** How grave a difference is for a charger in the field; findings are sorted by it. */
export type Severity = 'high' | 'medium' | 'low';

/** One occurrence of a finding, with the raw texts of both sides' frames (at most 64 kB each). */
export interface Example {
  /** `endpoint/identity` of the session it was seen in. */
  session: string;
  /** Concrete JSON Pointer, when the finding's own path holds a `*`. */
  path?: string;
  /** Frame id in the baseline recording; absent when that side has no such frame. */
  baselineFrame?: number;
  candidateFrame?: number;
  /** Frame text; for a connection, its handshake or end in words. Absent when that side has none. */
  baselineText?: string;
  candidateText?: string;
}

/** The same difference across sessions. An absent side (`baseline`, `candidate`) is an absent key, never null. */
export interface Finding {
  /** 12 hex digits, stable across runs: a hash of kind, caller, action, path and, where the schema lists the values, both values. */
  id: string;
  kind: FindingKind;
  status: 'new' | 'accepted' | 'noise';
  severity: Severity;
  /** Who made the call that it is about; null for connections. */
  caller: Side | null;
  action: string | null;
  /** JSON Pointer into the payload (`*` for several array indexes); empty for the whole message or connection. */
  path: string;
  /** Values of its first occurrence. */
  baseline?: Json;
  candidate?: Json;
  /** Occurrences over all sessions. */
  count: number;
  /** `endpoint/identity` of each session it was seen in, sorted. */
  sessions: string[];
  /** At most three occurrences. */
  examples: Example[];
  /** What happened, in one sentence. */
  message: string;
}

/** What a comparison says about one of its two recordings. */
export interface RecordingFacts {
  uuid: string;
  kind: RecordingKind;
  label: string | null;
  /** URL of the CSMS it was recorded from or replayed against. */
  upstream: string | null;
  /** ISO 8601, UTC. */
  startedAt: string;
}

/** A session that did not run to its end, or that was not recorded whole. */
export interface IncompleteSession {
  session: string;
  reason: string;
}

/** How much was compared, and what was not. */
export interface Summary {
  sessionsCompared: number;
  exchangesCompared: number;
  commandsCompared: number;
  connectionsCompared: number;
  /** What had nothing to be compared with; the sum of `notComparedReasons`. */
  notCompared: number;
  /** `notCompared` by reason, in words. */
  notComparedReasons: Record<string, number>;
  /** Differences that are expected to vary, by kind (mapped ids, times, expiries, error texts). */
  expected: Record<string, number>;
  incompleteSessions: IncompleteSession[];
}

/** The whole outcome of comparing two recordings; `--format json` prints it as it is. */
export interface Comparison {
  schemaVersion: 1;
  /** `incomplete` wins over `different`; findings are given either way. */
  verdict: 'same' | 'different' | 'incomplete';
  baseline: RecordingFacts;
  candidate: RecordingFacts;
  summary: Summary;
  /** By severity, then by count (most first), then by id. */
  findings: Finding[];
}
