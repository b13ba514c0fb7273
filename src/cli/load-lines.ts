import type { LoadReport } from '../load/report.ts';
import type { Strain, StrainReport } from '../load/strain.ts';
import type { ActionTraffic, Traffic } from '../load/traffic.ts';

/** How a CSMS bore a load, as lines: by action, what the generator itself was, and what was asked for. */
export function loadLines({ actions, generator, thresholds }: LoadReport): string[] {
  return [
    `${'action'.padEnd(32)} answered  errors   p50 ms   p95 ms   p99 ms`,
    ...actions.map(actionRow),
    '',
    generatorLine(generator),
    ...thresholds.map(
      ({ limit, measured, kept }) =>
        `${kept ? 'kept  ' : 'MISSED'}  ${limit}  (${measuredText(limit, measured)})`,
    ),
  ];
}

/** What became of the attempts to connect, as one line. */
export function connectionsLine({ opened, lost, unreachable, refused }: LoadReport['connections']): string {
  const parts = [
    `${opened.toLocaleString('en')} opened`,
    `${lost.toLocaleString('en')} lost`,
    `${unreachable.toLocaleString('en')} without an answer`,
    ...Object.entries(refused).map(
      ([status, times]) => `${times.toLocaleString('en')} refused with ${status}`,
    ),
  ];
  return `connections: ${parts.join(', ')}`;
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

/** A load at this moment. */
export interface LoadMoment {
  traffic: Traffic;
  strain: Strain;
  /** Whether the chargers come in over TLS. */
  isSecure: boolean;
}

/** The live line of a load: handshakes and calls since the line before, latencies and errors so far. */
export class LoadLine {
  #last = { wanted: 0, answered: 0, opened: 0, atMs: performance.now() };

  /** The line, to be written once a second or so. */
  next({ traffic, strain, isSecure }: LoadMoment): string {
    const { answered, p50Ms, p95Ms, p99Ms } = traffic.total();
    const { opened, wanted } = traffic;
    const last = this.#last;
    this.#last = { wanted, answered, opened, atMs: performance.now() };
    const seconds = Math.max(1, Math.round((this.#last.atMs - last.atMs) / 1000));
    const rate = (now: number, before: number) => Math.round((now - before) / seconds);
    const { lateP99Ms, isBound } = strain.report();
    const parts = [
      ...(isSecure ? [`${rate(opened, last.opened)} TLS handshakes/s`] : []),
      `${wanted > 0 ? `${rate(wanted, last.wanted)} calls/s asked, ` : 'calls/s: '}${rate(answered, last.answered)} answered`,
      `p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
      `timers late by ${lateP99Ms.toFixed(1)} ms`,
      ...errorsOf(traffic),
    ];
    return parts.join('; ') + (isBound ? '  GENERATOR-BOUND' : '');
  }
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
