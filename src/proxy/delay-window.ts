import { createHistogram, monitorEventLoopDelay, type RecordableHistogram } from 'node:perf_hooks';

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>;

/** How long something took lately, ms. */
export interface Delays {
  p50: number;
  p99: number;
  max: number;
}

/** Delays are told of the last whole window of this length, ms. */
const WINDOW_MS = 5_000;
const LOOP_RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** Percentiles of the last window; it goes on by itself and keeps no process alive. */
class DelayWindow<H extends IntervalHistogram | RecordableHistogram> {
  protected readonly histogram: H;
  readonly #baseMs: number;
  readonly #timer: NodeJS.Timeout;
  #lately: Delays = { p50: 0, p99: 0, max: 0 };

  constructor(histogram: H, baseMs: number, windowMs: number) {
    this.histogram = histogram;
    this.#baseMs = baseMs;
    this.#timer = setInterval(() => this.#turn(), windowMs).unref();
  }

  /** Of the last whole window. */
  get lately(): Delays {
    return this.#lately;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #turn(): void {
    const ms = (ns: number) => Math.max(0, ns / NS_PER_MS - this.#baseMs);
    const { histogram } = this;
    const isEmpty = histogram.count === 0;
    this.#lately = isEmpty
      ? { p50: 0, p99: 0, max: 0 }
      : { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) };
    histogram.reset();
  }
}

/** Delays that somebody measures and adds. */
export class MeasuredDelays extends DelayWindow<RecordableHistogram> {
  constructor() {
    super(createHistogram(), 0, WINDOW_MS);
  }

  add(ms: number): void {
    this.histogram.record(Math.max(1, Math.round(ms * NS_PER_MS)));
  }
}

/** How much later than it should the event loop comes round: all traffic waits as long. */
export class LoopDelays extends DelayWindow<IntervalHistogram> {
  constructor(windowMs = WINDOW_MS) {
    super(monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS }), LOOP_RESOLUTION_MS, windowMs);
    this.histogram.enable();
  }

  override stop(): void {
    super.stop();
    this.histogram.disable();
  }
}
