import type { Json } from '../ocpp/json.ts';
import type { Comparison, Finding, FindingKind, NoiseFacts } from './finding.ts';
import { judgedAnew } from './verdict.ts';

/** Kinds in which a value drifts; any other is of structure, type, answer or order, which no build varies by itself and stays right. */
const DRIFTS: ReadonlySet<FindingKind> = new Set(['field-changed', 'command-changed', 'latency']);

/** How many standard deviations above its own count in noise a difference may be and still be noise (counts taken as Poisson's). */
const DEVIATIONS = 3;

/**
 * Marks as noise what runs of the baseline's own build show against the baseline too: only values that drift, and only about as
 * often as there. `runs` are the comparisons of the same baseline with those runs.
 */
export function withoutNoise(comparison: Comparison, runs: readonly Comparison[]): Comparison {
  const refused: NoiseFacts['refused'] = [];
  const findings = comparison.findings.map((finding): Finding => {
    const expected = expectedCount(finding, comparison, runs);
    if (expected === 0) return finding;
    const reason = refusal(finding, expected);
    if (reason === null) return { ...finding, status: 'noise' };
    refused.push({ finding: finding.id, reason });
    return finding;
  });
  const noise: NoiseFacts = {
    runs: runs.length,
    exchanges: sum(runs, ({ summary }) => summary.exchangesCompared),
    differing: sum(runs, ({ summary }) => summary.exchangesDiffering),
    refused,
  };
  return judgedAnew(comparison, findings, { noise });
}

/** How often the noisiest run shows this difference, as if it had compared as much as this comparison did. */
function expectedCount({ id }: Finding, { summary }: Comparison, runs: readonly Comparison[]): number {
  const counts = runs.map((run) => {
    const count = run.findings.find((other) => other.id === id)?.count ?? 0;
    return count * Math.max(1, summary.exchangesCompared / Math.max(1, run.summary.exchangesCompared));
  });
  return Math.max(0, ...counts);
}

/** Why a difference is no noise although noise shows it; null when it is. */
function refusal(finding: Finding, expected: number): string | null {
  const { kind, baseline, candidate, count } = finding;
  if (!DRIFTS.has(kind)) return `${kind} is never noise`;
  if (finding.enum) return 'the schema lists the values of this place';
  if (!isScalar(baseline) || !isScalar(candidate)) return 'the structure differs, not a value';
  const most = expected + DEVIATIONS * Math.sqrt(expected);
  return count > most ? `seen ${count} times, where noise explains at most ${Math.floor(most)}` : null;
}

function isScalar(value: Json | undefined): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

function sum(runs: readonly Comparison[], count: (run: Comparison) => number): number {
  return runs.reduce((total, run) => total + count(run), 0);
}
