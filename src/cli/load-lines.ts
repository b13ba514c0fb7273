import type { LoadReport } from '../load/report.ts';
import type { Strain, StrainReport } from '../load/strain.ts';
import type { ActionTraffic, Traffic } from '../load/traffic.ts';

/** How a CSMS bore a load, as lines: by action, what the generator itself was, and what was asked for. */
export function loadLines({ actions, generator, thresholds }: LoadReport): string[] {
  return [
    ...actionTable(actions),
    '',
    generatorLine(generator),
    ...thresholds.map(
      ({ limit, measured, kept }) =>
        `${kept ? 'kept  ' : 'MISSED'}  ${limit}  (${measuredText(limit, measured)})`,
    ),
  ];
}

function actionTable(actions: readonly ActionTraffic[]): string[] {
  return [
    `${'action'.padEnd(32)} answered  errors    late   p50 ms   p95 ms   p99 ms`,
    ...actions.map(actionRow),
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

function actionRow({ action, answered, errors, late, p50Ms, p95Ms, p99Ms }: ActionTraffic): string {
  const counts = [errors, late].map((count) => count.toLocaleString('en').padStart(8)).join('');
  const latencies = [p50Ms, p95Ms, p99Ms].map((ms) => ms.toFixed(1).padStart(9)).join('');
  return `${action.padEnd(32)}${answered.toLocaleString('en').padStart(9)}${counts}${latencies}`;
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

/** A load while it goes on: handshakes and calls since it was looked at last, latencies and errors so far. */
export class LiveLoad {
  #last = { wanted: 0, answered: 0, opened: 0, atMs: performance.now() };

  /** As one line, for a log. */
  line(moment: LoadMoment): string {
    const { p50Ms, p95Ms, p99Ms } = moment.traffic.total();
    const latencies = `p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
    const [rates, ...others] = this.#parts(moment);
    return [rates, latencies, ...others].join('; ');
  }

  /** As lines for a terminal, with latencies by action. */
  lines(moment: LoadMoment): string[] {
    return [this.#parts(moment).join('; '), '', ...actionTable(moment.traffic.actions())];
  }

  #parts({ traffic, strain, isSecure }: LoadMoment): string[] {
    const { answered, late } = traffic.total();
    const { opened, wanted } = traffic;
    const last = this.#last;
    this.#last = { wanted, answered, opened, atMs: performance.now() };
    const seconds = Math.max(1, Math.round((this.#last.atMs - last.atMs) / 1000));
    const rate = (now: number, before: number) => Math.round((now - before) / seconds);
    const { lateP99Ms, isBound } = strain.report();
    const asked = wanted > 0 ? `${rate(wanted, last.wanted)} calls/s asked, ` : 'calls/s: ';
    return [
      `${asked}${rate(answered, last.answered)} answered`,
      ...(isSecure ? [`${rate(opened, last.opened)} TLS handshakes/s`] : []),
      `timers late by ${lateP99Ms.toFixed(1)} ms`,
      ...(late > 0 ? [`${late} late starts`] : []),
      ...errorsOf(traffic),
      ...(isBound ? ['GENERATOR-BOUND'] : []),
    ];
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
