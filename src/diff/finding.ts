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
  | 'array-order'
  | 'array-length'
  | 'beyond-int32'
  | 'duplicate-key'
  | 'result-to-error'
  | 'error-to-result'
  | 'error-code'
  | 'schema'
  | 'unanswered'
  | 'late-answer'
  | 'latency'
  | 'duplicate-answer'
  | 'orphan-answer'
  | 'malformed'
  | 'call-missing'
  | 'call-unexpected'
  | 'call-changed'
  | 'reply-changed'
  | 'command-missing'
  | 'command-unexpected'
  | 'command-changed'
  | 'command-order'
  | 'command-early'
  | 'command-late'
  | 'command-repeated'
  | 'id-reused'
  | 'id-unmapped'
  | 'handshake-status'
  | 'subprotocol'
  | 'extensions'
  | 'header'
  | 'ping'
  | 'close';

/** How grave a difference is for a charger in the field; findings are sorted by it. */
export type Severity = 'high' | 'medium' | 'low';

/**
 * Of a comparison with a third recording, the run of the old build: `new` is what only the candidate does, `environment` what both
 * builds do unlike the recording, `fixed` what only the old build did. Only `new` decides the verdict.
 */
export type FindingClass = 'new' | 'environment' | 'fixed';

/** What the charger behind a session is, as it said itself. */
export interface ChargerFacts {
  vendor: string | null;
  model: string | null;
  firmware: string | null;
}

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
  /** 12 hex digits, stable across runs: a hash of kind, caller, action, variety, path and, where the schema lists the values, both values. */
  id: string;
  kind: FindingKind;
  /** `accepted` by a rule, `noise` that runs of the baseline's build show too, or `flaky`: it did not come again; none decides the verdict. */
  status: 'new' | 'accepted' | 'noise' | 'flaky';
  /** Only in a comparison of an old and a new build. */
  class?: FindingClass;
  /** Id of the finding that this one follows from, in every session it was seen in; absent for a first cause. */
  causedBy?: string;
  /** Why it is accepted, as the rule says. */
  reason?: string;
  severity: Severity;
  /** Who made the call that it is about; null for connections. */
  caller: Side | null;
  action: string | null;
  /** Of a command, and of a call that one side alone has: what sort of it, such as the key of a ChangeConfiguration. */
  variety?: string;
  /** JSON Pointer into the payload (`*` for several array indexes); empty for the whole message or connection. */
  path: string;
  /** Values of its first occurrence. */
  baseline?: Json;
  candidate?: Json;
  /** Occurrences over all sessions. */
  count: number;
  /** `endpoint/identity` of each session it was seen in, sorted. */
  sessions: string[];
  /** What those chargers are, each once, sorted. */
  vendors: ChargerFacts[];
  /** Whether the schema lists the values of that place, so that other values are another finding. */
  enum?: true;
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

/** What one charger is called in either recording, `endpoint/identity`. */
export interface SessionNames {
  baseline: string;
  candidate: string;
}

/** How much was compared, and what was not. */
export interface Summary {
  sessionsCompared: number;
  /** `endpoint/identity` of each session that was compared, sorted. */
  sessions: string[];
  /** Sessions that were compared though the baseline calls them otherwise; elsewhere the candidate's name stands for both. */
  renamedSessions?: SessionNames[];
  exchangesCompared: number;
  /** Of `exchangesCompared`: something about the answer differs. */
  exchangesDiffering: number;
  /** Of `exchangesCompared`: both answers are `{}`, so that only a look at the CSMS itself can tell more. */
  emptyAnswers: number;
  commandsCompared: number;
  connectionsCompared: number;
  /** What had nothing to be compared with; the sum of `notComparedReasons`. */
  notCompared: number;
  /** `notCompared` by reason, in words. */
  notComparedReasons: Record<string, number>;
  /** Differences that are expected to vary, by kind (mapped ids, times, expiries, error texts). */
  expected: Record<string, number>;
  incompleteSessions: IncompleteSession[];
  /** How long the CSMS took to answer the chargers' calls, by action, sorted; those that both sides answered. */
  latencies?: LatencyFacts[];
  /** Findings by class, when three recordings were compared. */
  classes?: Record<FindingClass, number>;
  /** What runs of the baseline's own build showed, when there were any. */
  noise?: NoiseFacts;
  /** How often the sessions that differ were played again, and how many findings did not come again each time. */
  confirmation?: { runs: number; flaky: number };
  /** What the rules did, when there were any. */
  rules?: RuleFacts;
}

/** How long one action took to be answered on both sides. */
export interface LatencyFacts {
  action: string;
  /** How many answers of each side are counted. */
  answers: number;
  baseline: Spread;
  candidate: Spread;
}

/** How a set of durations lies, ms: the fifth, 25th, 50th, 75th and 95th of a hundred, and the longest. */
export interface Spread {
  p5: number;
  p25: number;
  p50: number;
  p75: number;
  p95: number;
  max: number;
}

/** How much a build differs from itself (A/A), and what was learned from it. */
export interface NoiseFacts {
  /** How many runs of the baseline's build were looked at. */
  runs: number;
  /** Exchanges compared in them, and how many of those differed. */
  exchanges: number;
  differing: number;
  /** Findings that such a run shows too but that no noise excuses, with the reason. */
  refused: { finding: string; reason: string }[];
}

/** What became of the rules. */
export interface RuleFacts {
  /** How many rules were in force. */
  inForce: number;
  /** Whether any of `problems` makes the comparison fail (`--strict-rules`). */
  strict: boolean;
  problems: RuleProblem[];
}

/** A rule that does nothing, is over, or does too much. */
export interface RuleProblem {
  /** Where it stands, such as `accepted 2 (finding 0123456789ab)`. */
  rule: string;
  problem: 'unused' | 'expired' | 'over-broad';
  /** What is wrong, in one sentence. */
  message: string;
}

/** The whole outcome of comparing two recordings; `--format json` prints it as it is. */
export interface Comparison {
  schemaVersion: 1;
  /** `incomplete` wins over `different`; findings are given either way. */
  verdict: 'same' | 'different' | 'incomplete';
  baseline: RecordingFacts;
  candidate: RecordingFacts;
  /** The run of the old build, when three recordings were compared (`baseline` is then the recording that both replay). */
  against?: RecordingFacts;
  summary: Summary;
  /** By severity, then by count (most first), then by id. */
  findings: Finding[];
}
