import type { ConformanceReport } from '../charge/conformance.ts';
import type { FleetProgress } from '../charge/fleet.ts';
import { type LoadReport, loadReport, thresholdExitCode } from '../load/report.ts';
import type { Threshold } from '../load/threshold.ts';
import { LiveBlock } from './live-block.ts';
import { connectionsLine, LiveLoad, loadLines } from './load-lines.ts';
import { counted } from './output.ts';

/** What `charge --json` prints. */
export interface ChargeReport extends LoadReport {
  chargers: number;
  /** Chargers that were accepted and connected at the end. */
  online: number;
  /** Calls that the chargers wanted to make. */
  wanted: number;
  faults: Record<string, number>;
  /** Where the CSMS did not keep to OCPP. */
  conformance: ConformanceReport;
  run: string;
}

/** The report of a fleet whose life is over; `run` is its recording. */
export function chargeReport(
  { chargers, online, conformance, ...measures }: FleetProgress,
  thresholds: readonly Threshold[],
  run: string,
): ChargeReport {
  const { wanted, mishaps } = measures.traffic;
  return {
    ...{ chargers, online, wanted },
    ...loadReport(measures, thresholds),
    faults: Object.fromEntries(mishaps),
    conformance,
    run,
  };
}

/** That of the thresholds; 3 when no connection was opened. */
export function exitCodeOf(report: ChargeReport): number {
  if (report.chargers > 0 && report.connections.opened === 0) return 3;
  return thresholdExitCode(report);
}

/** The report as lines. */
export function chargeSummary(report: ChargeReport): string[] {
  const faults = Object.entries(report.faults).map(
    ([kind, times]) => `${kind} ${times.toLocaleString('en')}`,
  );
  return [
    `${counted(report.chargers, 'charger')}, ${report.online.toLocaleString('en')} online at the end`,
    connectionsLine(report.connections),
    `calls: ${report.answered.toLocaleString('en')} answered of ${report.wanted.toLocaleString('en')} wanted; ${counted(report.commands, 'command')} obeyed`,
    ...(faults.length > 0 ? [`faults: ${faults.join(', ')}`] : []),
    '',
    ...conformanceLines(report.conformance),
    '',
    ...loadLines(report),
    `the run is ${report.run}`,
  ];
}

function conformanceLines({ malformed, unasked, unanswered, invalid }: ConformanceReport): string[] {
  const found = [
    ...(malformed > 0
      ? [`${counted(malformed, 'text')} that ${malformed === 1 ? 'is' : 'are'} no message`]
      : []),
    ...(unasked > 0 ? [`${counted(unasked, 'answer')} to no open call`] : []),
    ...Object.entries(unanswered).map(
      ([action, times]) => `${action} never answered ${times.toLocaleString('en')} times`,
    ),
    ...Object.entries(invalid).map(
      ([place, times]) => `${place} invalid ${times.toLocaleString('en')} times`,
    ),
  ];
  if (found.length === 0) return ['the CSMS kept to OCPP and its schemas'];
  return ['the CSMS did not keep to OCPP:', ...found.map((line) => `  ${line}`)];
}

/** Tells each second who is online, and how the load goes: by lines, or in one place of the terminal. */
export function progressPrinter(): (progress: FleetProgress, inPlace: boolean) => void {
  const load = new LiveLoad();
  const block = new LiveBlock();
  return (progress, inPlace) => {
    const { chargers, online } = progress;
    const standing = `${online} of ${counted(chargers, 'charger')} online`;
    if (inPlace) block.show([standing, ...load.lines(progress)]);
    else process.stderr.write(`${standing}; ${load.line(progress)}\n`);
  };
}
