import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RecorderState } from './state.ts';

const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const HOLD_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

type Value = (state: RecorderState) => number;
type Labelled = (state: RecorderState) => Record<string, number>;

/** Metrics with one value, in the order of the exposition. */
const COUNTERS: readonly [name: string, help: string, value: Value][] = [
  ['connections_total', 'TCP connections of chargers.', ({ traffic }) => traffic.connections],
  [
    'turned_away_total',
    'Connections that did not get as far as a request.',
    ({ traffic }) => traffic.turnedAway,
  ],
  [
    'unrecorded_total',
    'Connections that pass unrecorded, as asked for.',
    ({ traffic }) => traffic.unrecorded,
  ],
  ['over_limit_total', 'Connections that were one too many.', ({ traffic }) => traffic.overLimit],
  ['gaps_total', 'Gaps in the recording.', ({ recording }) => recording.gaps],
  [
    'missing_frames_total',
    'Frames that are in no row but in a gap.',
    ({ recording }) => recording.missingFrames,
  ],
  [
    'late_rows_total',
    'Rows that were forwarded before their commit.',
    ({ recording }) => recording.lateFrames,
  ],
  ['hold_expiries_total', 'Times the hold ran out.', ({ recording }) => recording.expiries],
  ['tap_faults_total', 'Times a connection could not be read.', ({ traffic }) => traffic.faults],
];
const GAUGES: readonly [name: string, help: string, value: Value][] = [
  ['connections', 'TCP connections of chargers that are open.', ({ traffic }) => traffic.open],
  ['chargers', 'Chargers with an open WebSocket.', ({ chargers }) => chargers.connected],
  ['recording', 'Whether recording is on and without a fault.', ({ recording }) => isWell(recording)],
  ['accepting', 'Whether new connections are accepted.', ({ traffic }) => Number(traffic.isAccepting)],
  ['queued_frames', 'Frames waiting to be committed.', ({ recording }) => recording.queuedFrames],
  ['wal_bytes', 'Size of the write-ahead log.', ({ recording }) => recording.walBytes],
  ['part', 'Part of the recording that is being written.', ({ recording }) => recording.part],
];

/** Metrics with one value a label. */
const LABELLED_COUNTERS: readonly [name: string, help: string, label: string, values: Labelled][] = [
  ['frames_total', 'Frames that were read, by sender.', 'sender', ({ traffic }) => traffic.frames],
  ['bytes_total', 'Bytes that were received, by sender.', 'sender', ({ traffic }) => traffic.bytes],
  [
    'upstream_failures_total',
    'Handshakes that the CSMS did not accept, by status; 502 and 504 are the recorder’s own.',
    'status',
    ({ traffic }) => traffic.refusals,
  ],
];

function isWell({ isOn, fault }: RecorderState['recording']): number {
  return Number(isOn && fault === null);
}

/** The recorder as Prometheus sees it: counters read from its state at each scrape, and two histograms that are fed as it runs. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #commit: Histogram;
  readonly #hold: Histogram;

  constructor(state: () => RecorderState) {
    const registers = [this.#registry];
    for (const [name, help, value] of COUNTERS) {
      const collect = function (this: Counter) {
        this.reset();
        this.inc(value(state()));
      };
      new Counter({ name: `chargetape_${name}`, help, registers, collect });
    }
    for (const [name, help, value] of GAUGES) {
      const collect = function (this: Gauge) {
        this.set(value(state()));
      };
      new Gauge({ name: `chargetape_${name}`, help, registers, collect });
    }
    for (const [name, help, label, values] of LABELLED_COUNTERS) {
      const collect = function (this: Counter) {
        this.reset();
        for (const [key, value] of Object.entries(values(state()))) this.inc({ [label]: key }, value);
      };
      new Counter({ name: `chargetape_${name}`, help, registers, labelNames: [label], collect });
    }
    new Gauge({
      name: 'chargetape_event_loop_delay_seconds',
      help: 'How late the event loop came round in the last five seconds.',
      labelNames: ['quantile'],
      registers,
      collect() {
        const { p50, p99, max } = state().delays.loop;
        for (const [quantile, ms] of Object.entries({ 0.5: p50, 0.99: p99, 1: max })) {
          this.set({ quantile }, ms / 1000);
        }
      },
    });
    this.#commit = new Histogram({
      name: 'chargetape_commit_seconds',
      help: 'How long a commit took.',
      buckets: COMMIT_SECONDS,
      registers,
    });
    this.#hold = new Histogram({
      name: 'chargetape_added_latency_seconds',
      help: 'How long the first frame of each batch waited to be on record before it was forwarded.',
      buckets: HOLD_SECONDS,
      registers,
    });
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A commit took so long, ms. */
  committed(ms: number): void {
    this.#commit.observe(ms / 1000);
  }

  /** A batch was held back so long, ms. */
  held(ms: number): void {
    this.#hold.observe(ms / 1000);
  }

  /** The exposition, and its media type. */
  async exposition(): Promise<{ type: string; text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
