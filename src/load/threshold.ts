import type { ActionTraffic, Traffic } from './traffic.ts';

const MEASURES = ['p50', 'p95', 'p99', 'errors'] as const;

/** A limit that a run must keep: latencies in ms, errors as a share. */
export interface Threshold {
  /** As it was written. */
  text: string;
  /** Action, or `*` for all. */
  action: string;
  measure: (typeof MEASURES)[number];
  below: number;
}

/** A threshold as it was written, and what was measured: null when no such call was answered. */
export interface Verdict {
  limit: string;
  measured: number | null;
  kept: boolean;
}

/** Reads a threshold such as `StartTransaction.p99<500ms` or `*.errors<1%`; null when it is not understood. */
export function parseThreshold(text: string): Threshold | null {
  const [, action, name, number, unit] =
    /^(\*|\w+)\.(\w+)\s*<\s*(\d+(?:\.\d+)?)\s*(ms|s|%)$/.exec(text) ?? [];
  const measure = MEASURES.find((one) => one === name);
  if (action === undefined || !measure || (measure === 'errors') !== (unit === '%')) return null;
  const factor = unit === 's' ? 1_000 : unit === '%' ? 0.01 : 1;
  return { text, action, measure, below: Number(number) * factor };
}

/** Judges a run. A threshold for an action that was never answered is not kept: nothing was measured. */
export function judge(thresholds: readonly Threshold[], traffic: Traffic): Verdict[] {
  const actions = [...traffic.actions(), traffic.total()];
  return thresholds.map((threshold) => {
    const found = actions.find(({ action }) => action === threshold.action);
    const measured = found && found.answered > 0 ? measuredOf(found, threshold.measure) : null;
    return { limit: threshold.text, measured, kept: measured !== null && measured < threshold.below };
  });
}

function measuredOf(traffic: ActionTraffic, measure: Threshold['measure']): number {
  if (measure === 'errors') return traffic.errors / traffic.answered;
  return { p50: traffic.p50Ms, p95: traffic.p95Ms, p99: traffic.p99Ms }[measure];
}
