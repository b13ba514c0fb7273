import type { ConformanceReport } from '../charge/conformance.ts';
import type { FleetProgress } from '../charge/fleet.ts';
import type { StrainReport } from '../charge/strain.ts';
import { judge, type Threshold } from '../charge/threshold.ts';
import type { ActionTraffic, Traffic } from '../charge/traffic.ts';
import { counted } from './output.ts';

/** What `charge --json` prints. */
export interface ChargeReport {
  chargers: number;
  /** Chargers that were accepted and connected at the end. */
  online: number;
  wanted: number;
  answered: number;
  commands: number;
  connections: { opened: number; lost: number; unreachable: number; refused: Record<string, number> };
  faults: Record<string, number>;
  /** Where the CSMS did not keep to OCPP. */
  conformance: ConformanceReport;
  actions: ActionTraffic[];
  generator: StrainReport;
  thresholds: { limit: string; measured: number | null; kept: boolean }[];
  run: string;
}

/** The report of a fleet whose life is over; `run` is its recording. */
export function chargeReport(
  { chargers, online, wanted, traffic, strain, conformance }: FleetProgress,
  thresholds: readonly Threshold[],
  run: string,
): ChargeReport {
  const { opened, lost, unreachable, refused, mishaps, commands } = traffic;
  return {
    chargers,
    online,
    wanted,
    answered: traffic.total().answered,
    commands,
    connections: { opened, lost, unreachable, refused: Object.fromEntries(refused) },
    faults: Object.fromEntries(mishaps),
    conformance,
    actions: traffic.actions(),
    generator: strain,
    thresholds: judge(thresholds, traffic).map(({ threshold, measured, isKept }) => ({
      limit: threshold.text,
      measured,
      kept: isKept,
    })),
    run,
  };
}

/** 4 for a threshold that was missed; 3 when nothing is known: no connection was opened, or there were thresholds and the generator itself was the limit. */
export function exitCodeOf({ thresholds, generator, chargers, connections }: ChargeReport): number {
  if ((chargers > 0 && connections.opened === 0) || (thresholds.length > 0 && generator.isBound)) return 3;
  return thresholds.every(({ kept }) => kept) ? 0 : 4;
}

/** The report as lines. */
export function chargeSummary(report: ChargeReport): string[] {
  const { opened, lost, unreachable, refused } = report.connections;
  const refusals = Object.entries(refused).map(
    ([status, times]) => `${times.toLocaleString('en')} refused with ${status}`,
  );
  const faults = Object.entries(report.faults).map(
    ([kind, times]) => `${kind} ${times.toLocaleString('en')}`,
  );
  return [
    `${counted(report.chargers, 'charger')}, ${report.online.toLocaleString('en')} online at the end`,
    `connections: ${[`${opened.toLocaleString('en')} opened`, `${lost.toLocaleString('en')} lost`, `${unreachable.toLocaleString('en')} without an answer`, ...refusals].join(', ')}`,
    `calls: ${report.answered.toLocaleString('en')} answered of ${report.wanted.toLocaleString('en')} wanted; ${counted(report.commands, 'command')} obeyed`,
    ...(faults.length > 0 ? [`faults: ${faults.join(', ')}`] : []),
    '',
    `${'action'.padEnd(32)} answered  errors   p50 ms   p95 ms   p99 ms`,
    ...report.actions.map(actionRow),
    '',
    ...conformanceLines(report.conformance),
    generatorLine(report.generator),
    ...report.thresholds.map(
      ({ limit, measured, kept }) =>
        `${kept ? 'kept  ' : 'MISSED'}  ${limit}  (${measuredText(limit, measured)})`,
    ),
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

function actionRow({ action, answered, errors, p50Ms, p95Ms, p99Ms }: ActionTraffic): string {
  const latencies = [p50Ms, p95Ms, p99Ms].map((ms) => ms.toFixed(1).padStart(9)).join('');
  return `${action.padEnd(32)}${answered.toLocaleString('en').padStart(9)}${errors.toLocaleString('en').padStart(8)}${latencies}`;
}

function measuredText(limit: string, measured: number | null): string {
  if (measured === null) return 'never answered';
  return limit.endsWith('%') ? `${(measured * 100).toFixed(2)} %` : `${measured.toFixed(1)} ms`;
}

function generatorLine({ lateP99Ms, waitingShare, isBound }: StrainReport): string {
  const waiting =
    waitingShare === null ? '' : `, waited for a processor ${(waitingShare * 100).toFixed(1)} % of the time`;
  const measured = `timers late by ${lateP99Ms.toFixed(1)} ms at p99${waiting}`;
  return isBound
    ? `GENERATOR-BOUND: ${measured}; the latencies are not the CSMS's alone`
    : `the generator kept up: ${measured}`;
}

/** What was counted up to the line before. */
let last = { wanted: 0, answered: 0, opened: 0 };

/** A line each second: who is online, handshakes and calls of that second, latencies and errors so far. */
export function printProgress(
  { chargers, online, wanted, isSecure, traffic, strain }: FleetProgress,
  inPlace: boolean,
): void {
  const { answered, p50Ms, p95Ms, p99Ms } = traffic.total();
  const { opened } = traffic;
  const parts = [
    `${online} of ${counted(chargers, 'charger')} online`,
    ...(isSecure ? [`${opened - last.opened} TLS handshakes/s`] : []),
    `${wanted - last.wanted} calls/s asked, ${answered - last.answered} answered`,
    `p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    ...errorsOf(traffic),
  ];
  last = { wanted, answered, opened };
  const line = parts.join('; ') + (strain.isBound ? '  GENERATOR-BOUND' : '');
  process.stderr.write(inPlace ? `\r\x1b[2K${line}` : `${line}\n`);
}

/** What went wrong so far, by kind; nothing when all went well. */
function errorsOf(traffic: Traffic): string[] {
  const { refused, unreachable, lost } = traffic;
  const kinds: [string, number][] = [
    ...[...refused].map(([status, times]): [string, number] => [`refused with ${status}`, times]),
    ['without an answer', unreachable],
    ['lost', lost],
    ['calls answered by an error', traffic.total().errors],
  ];
  const found = kinds.filter(([, times]) => times > 0).map(([kind, times]) => `${times} ${kind}`);
  return found.length === 0 ? [] : [found.join(', ')];
}
