import type { Strain, StrainReport } from './strain.ts';
import { judge, type Threshold, type Verdict } from './threshold.ts';
import type { ActionTraffic, Traffic } from './traffic.ts';

/** How a CSMS bore a load, and whether the load was what was asked for. */
export interface LoadReport {
  /** Calls that were answered, and calls of the CSMS. */
  answered: number;
  commands: number;
  connections: { opened: number; lost: number; unreachable: number; refused: Record<string, number> };
  actions: ActionTraffic[];
  generator: StrainReport;
  thresholds: Verdict[];
}

/** Sums up what was counted so far, and judges it. */
export function loadReport(
  { traffic, strain }: { traffic: Traffic; strain: Strain },
  thresholds: readonly Threshold[],
): LoadReport {
  const { commands, opened, lost, unreachable, refused } = traffic;
  return {
    answered: traffic.total().answered,
    commands,
    connections: { opened, lost, unreachable, refused: Object.fromEntries(refused) },
    actions: traffic.actions(),
    generator: strain.report(),
    thresholds: judge(thresholds, traffic),
  };
}

/**
 * What the thresholds decide: 4 for one that was missed, 3 when nothing is known of the CSMS because the generator itself was the limit;
 * 0 without any.
 */
export function thresholdExitCode({ thresholds, generator }: LoadReport): 0 | 3 | 4 {
  if (thresholds.length > 0 && generator.isBound) return 3;
  return thresholds.every(({ kept }) => kept) ? 0 : 4;
}
