import { createHash } from 'node:crypto';
import { type Json, pointer, writeJson } from '../ocpp/json.ts';
import type { Side } from '../ocpp/message.ts';
import type { Path } from '../ocpp/protocol.ts';
import type { ChargerFacts, Example, Finding, FindingKind, Severity } from './finding.ts';
import type { Said } from './lane.ts';
import { sentence } from './sentence.ts';

/** What shows one side of a difference: the frame, or words for what has no frame. */
export type Evidence = Said | string;

/** One difference, seen once. */
export interface Occurrence {
  kind: FindingKind;
  severity: Severity;
  caller: Side | null;
  action: string | null;
  /** What sort of command or call it is; another sort is another finding. */
  variety?: string | null;
  path: Path;
  baseline?: Json;
  candidate?: Json;
  /** Whether the two values are of a list in the schema, so that other values are another finding. */
  isEnum?: boolean;
  baselineEvidence?: Evidence | undefined;
  candidateEvidence?: Evidence | undefined;
  /** Id of the finding that it follows from for certain. */
  causedBy?: string | undefined;
  /** `endpoint/identity`. */
  session: string;
  charger: ChargerFacts;
}

/** Examples kept of a finding. */
const MAX_EXAMPLES = 3;

interface Group {
  first: Occurrence;
  id: string;
  paths: Set<string>;
  pattern: string;
  count: number;
  /** What its occurrences follow from; null for one that is a first cause. */
  causes: Set<string | null>;
  sessions: Set<string>;
  /** By their names as one text. */
  chargers: Map<string, ChargerFacts>;
  examples: Example[];
}

/** Counts what a comparison meets, and groups equal differences of all sessions into findings. */
export class Tally {
  readonly #groups = new Map<string, Group>();
  readonly #expected = new Map<string, number>();
  readonly #notCompared = new Map<string, number>();
  readonly #expects: (occurrence: Occurrence) => string | null;
  /** Differences so far. */
  differences = 0;
  /** What was compared, so far. */
  readonly compared = {
    sessions: 0,
    sessionNames: new Set<string>(),
    exchanges: 0,
    exchangesDiffering: 0,
    emptyAnswers: 0,
    commands: 0,
    connections: 0,
  };

  /** `expects` says what sort of expected variation a difference is by the rules; null for none. */
  constructor(expects: (occurrence: Occurrence) => string | null = () => null) {
    this.#expects = expects;
  }

  /** Takes a difference and gives its finding's id. Sessions must come in a fixed order: the first occurrence gives a finding its values. */
  add(occurrence: Occurrence): string {
    const id = idOf(occurrence);
    const variation = this.#expects(occurrence);
    if (variation !== null) {
      this.expect(variation);
      return id;
    }
    const group = this.#groups.get(id) ?? newGroup(id, occurrence);
    this.#groups.set(id, group);
    this.differences++;
    group.count++;
    group.sessions.add(occurrence.session);
    const { vendor, model, firmware } = occurrence.charger;
    group.chargers.set(JSON.stringify([vendor, model, firmware]), { vendor, model, firmware });
    group.paths.add(pointer(occurrence.path));
    group.causes.add(occurrence.causedBy ?? null);
    if (group.examples.length < MAX_EXAMPLES) group.examples.push(exampleOf(occurrence));
    return id;
  }

  /** Counts something that is expected to vary. */
  expect(variation: string): void {
    this.#expected.set(variation, (this.#expected.get(variation) ?? 0) + 1);
  }

  /** Counts what had nothing to be compared with, with the reason in words. */
  skip(reason: string, count = 1): void {
    if (count > 0) this.#notCompared.set(reason, (this.#notCompared.get(reason) ?? 0) + count);
  }

  /** Expected variations by kind, names sorted. */
  get expected(): Record<string, number> {
    return Object.fromEntries([...this.#expected].sort());
  }

  /** What was not compared by reason, names sorted. */
  get notCompared(): Record<string, number> {
    return Object.fromEntries([...this.#notCompared].sort());
  }

  /** All findings: by severity, then most frequent first, then by id. */
  findings(): Finding[] {
    return sortedByGravity([...this.#groups.values()].map(findingOf));
  }
}

const ORDER: readonly Severity[] = ['high', 'medium', 'low'];

/** Findings by severity, then most frequent first, then by id. */
export function sortedByGravity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(byGravity);
}

function byGravity(a: Finding, b: Finding): number {
  const severity = ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity);
  return severity || b.count - a.count || (a.id < b.id ? -1 : 1);
}

/** First 12 hex digits of SHA-256 over what makes a difference the same one in another session and another run. */
function idOf({ kind, caller, action, variety, path, isEnum, baseline, candidate }: Occurrence): string {
  const values = isEnum ? [baseline ?? null, candidate ?? null] : [];
  const sort = variety == null ? [] : [{ variety }];
  const text = writeJson([kind, caller, action, patternOf(path), ...values, ...sort]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function patternOf(path: Path): string {
  return pointer(path.map((step) => (typeof step === 'number' ? '*' : step)));
}

function newGroup(id: string, first: Occurrence): Group {
  return {
    first,
    id,
    paths: new Set(),
    pattern: patternOf(first.path),
    count: 0,
    causes: new Set(),
    sessions: new Set(),
    chargers: new Map(),
    examples: [],
  };
}

function findingOf(group: Group): Finding {
  const { first, id, count } = group;
  const [only] = group.paths;
  const severalPaths = group.paths.size > 1;
  const path = severalPaths ? group.pattern : only!;
  const sides = sidesOf(first.baseline, first.candidate, 'baseline', 'candidate');
  const sort = first.variety == null ? {} : { variety: first.variety };
  const facts = { kind: first.kind, caller: first.caller, action: first.action, ...sort, path, ...sides };
  return {
    id,
    kind: first.kind,
    status: 'new',
    ...causeOf(group),
    severity: first.severity,
    caller: first.caller,
    action: first.action,
    ...sort,
    path,
    ...sides,
    count,
    sessions: [...group.sessions].sort(),
    vendors: [...group.chargers.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, facts]) => facts),
    ...(first.isEnum && { enum: true as const }),
    examples: severalPaths ? group.examples : group.examples.map(({ path: _, ...example }) => example),
    message: sentence(facts),
  };
}

/** The one finding that all occurrences follow from; an occurrence that follows from another of its own kind does not count. */
function causeOf({ id, causes }: Group): { causedBy?: string } {
  const [cause, other] = causes;
  return cause == null || other !== undefined || cause === id ? {} : { causedBy: cause };
}

function exampleOf({ session, path, baselineEvidence, candidateEvidence }: Occurrence): Example {
  return {
    session,
    path: pointer(path),
    ...sidesOf(frameOf(baselineEvidence), frameOf(candidateEvidence), 'baselineFrame', 'candidateFrame'),
    ...sidesOf(wordsOf(baselineEvidence), wordsOf(candidateEvidence), 'baselineText', 'candidateText'),
  };
}

function frameOf(evidence: Evidence | undefined): number | undefined {
  return typeof evidence === 'object' ? evidence.frame.id : undefined;
}

/** Words at hand; the text of a frame stays in its recording until `withTexts` looks it up. */
function wordsOf(evidence: Evidence | undefined): string | undefined {
  return typeof evidence === 'object' ? undefined : evidence;
}

/** The two sides under their names, an absent one left out. */
function sidesOf<Value, B extends string, C extends string>(
  baseline: Value | undefined,
  candidate: Value | undefined,
  baselineName: B,
  candidateName: C,
): { [Name in B | C]?: Value } {
  const sides: { [name: string]: Value } = {};
  if (baseline !== undefined) sides[baselineName] = baseline;
  if (candidate !== undefined) sides[candidateName] = candidate;
  return sides as { [Name in B | C]?: Value };
}
