import { compareRecordings } from '../diff/compare-recordings.ts';
import type { Comparison, Finding } from '../diff/finding.ts';
import type { LiveReplay } from '../replay/replay.ts';
import type { Reader, Recorder, Session } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import type { FindingDeeds } from '../ui/deeds.ts';
import type { ReplayStatus, ReplayWatch } from '../ui/replay-watch.ts';
import { LatencyTally } from '../view/latency-tally.ts';
import { monoNowUs } from '../wire/clock.ts';
import type { Onlooker } from './replay-run.ts';

/** How often the screen is told, ms, and how often sessions that are over are compared. */
const TELL_MS = 200;
const COMPARE_MS = 1500;
/** Seconds that the charts reach back. */
const SECONDS = 120;

/** What passed in one second of the run. */
interface Second {
  sent: number;
  latency: LatencyTally;
}

/** A run as its screen watches it: what is put on record is counted on its way, and sessions that are over are compared at once. */
export class RunWatch implements ReplayWatch, Onlooker {
  readonly target: string;
  readonly recording: string;
  readonly out: string;
  isOver = false;
  readonly #askedSpeed: number | null;
  readonly #stop: () => void;
  readonly #listeners = new Set<() => void>();
  readonly #seconds: Second[] = [];
  readonly #latency = new LatencyTally();
  readonly #compared = new Set<string>();
  readonly #ticker: NodeJS.Timeout;
  #findings: Finding[] = [];
  #comparing: Promise<void> | null = null;
  #comparedMs = 0;
  #live: LiveReplay | null = null;
  #endedUs: number | null = null;
  #phase: string | null = null;
  #tellCompared: (comparison: Comparison, deeds: FindingDeeds) => void = () => undefined;

  constructor(
    {
      target,
      recording,
      out,
      speed,
    }: { target: string; recording: string; out: string; speed: number | 'max' },
    stop: () => void,
  ) {
    this.target = target;
    this.recording = recording;
    this.out = out;
    this.#askedSpeed = speed === 'max' ? null : speed;
    this.#stop = stop;
    this.#ticker = setInterval(() => this.#tick(), TELL_MS);
  }

  started(live: LiveReplay): void {
    this.#live = live;
  }

  /** The run's recorder, seen through. */
  recorder(recorder: Recorder): Recorder {
    const record: Recorder['record'] = (entry) => {
      if (entry.kind === 'frame') this.#frame(entry.frame.sender, entry.frame.latencyUs);
      recorder.record(entry);
    };
    return new Proxy(recorder, {
      get(target, name) {
        if (name === 'record') return record;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  status(): ReplayStatus {
    const live = this.#live;
    const nowUs = this.#endedUs ?? monoNowUs();
    const chargers = (live?.sessions ?? []).map(({ name, progress, outcome }) => ({
      charger: name,
      ...{ steps: progress.of, stepsDone: progress.done },
      state:
        outcome === null
          ? ('playing' as const)
          : outcome.complete
            ? ('complete' as const)
            : ('incomplete' as const),
      reason: outcome?.reason ?? null,
    }));
    const elapsedUs = live ? nowUs - live.startedUs : 0;
    const endsUs = live?.endsUs ?? null;
    const steps = chargers.reduce((sum, one) => sum + one.steps, 0);
    const [p50Us, p99Us] = [live?.lateness.percentile(0.5) ?? null, live?.lateness.percentile(0.99) ?? null];
    return {
      ...{ chargers, steps, stepsDone: chargers.reduce((sum, one) => sum + one.stepsDone, 0), elapsedUs },
      scheduledLeftUs: endsUs === null ? null : endsUs - nowUs,
      askedSpeed: this.#askedSpeed,
      sentPerSecond: this.#seconds.map(({ sent }) => sent),
      askedRate:
        live && endsUs !== null && endsUs > live.startedUs ? steps / ((endsUs - live.startedUs) / 1e6) : null,
      latency: this.#seconds.flatMap(({ latency }) => latency.summary() ?? []),
      latencyOverall: this.#latency.summary(),
      lateness: p50Us === null || p99Us === null || this.#askedSpeed === null ? null : { p50Us, p99Us },
    };
  }

  findings(): readonly Finding[] {
    return this.#findings;
  }

  phase(): string | null {
    return this.#phase;
  }

  stop(): void {
    this.#stop();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onCompared(listener: (comparison: Comparison, deeds: FindingDeeds) => void): void {
    this.#tellCompared = listener;
  }

  /** The run is over; it is compared next. */
  async ended(): Promise<void> {
    this.#endedUs = monoNowUs();
    this.#phase = 'comparing';
    this.#tell();
    await this.#comparing;
  }

  /** The whole is compared: these are the findings. */
  compared(comparison: Comparison, deeds: FindingDeeds): void {
    this.#findings = comparison.findings;
    this.#phase = null;
    this.isOver = true;
    clearInterval(this.#ticker);
    this.#tellCompared(comparison, deeds);
    this.#tell();
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#listeners.clear();
  }

  #frame(sender: 'charger' | 'csms', latencyUs: number | null): void {
    const second = this.#second();
    if (sender === 'charger') {
      second.sent++;
    } else if (latencyUs !== null) {
      second.latency.add(latencyUs);
      this.#latency.add(latencyUs);
    }
  }

  #second(): Second {
    const at = Math.floor((monoNowUs() - (this.#live?.startedUs ?? monoNowUs())) / 1e6);
    const first = Math.max(0, at - SECONDS + 1);
    while (this.#seconds.length < at + 1 - first || this.#seconds.length === 0) {
      this.#seconds.push({ sent: 0, latency: new LatencyTally() });
      if (this.#seconds.length > SECONDS) this.#seconds.shift();
      if (this.#seconds.length === SECONDS) break;
    }
    return this.#seconds.at(-1)!;
  }

  #tick(): void {
    const nowMs = performance.now();
    if (this.#endedUs === null && this.#comparing === null && nowMs - this.#comparedMs > COMPARE_MS) {
      this.#comparedMs = nowMs;
      this.#comparing = this.#compareFinished()
        .catch(() => undefined)
        .finally(() => {
          this.#comparing = null;
        });
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Compares the sessions that are over and were not compared yet. What cannot be read now is compared at the end. */
  async #compareFinished(): Promise<void> {
    const fresh = new Set(
      (this.#live?.sessions ?? []).flatMap(({ name, outcome }) =>
        outcome !== null && !this.#compared.has(name) ? [name] : [],
      ),
    );
    if (fresh.size === 0) return;
    const before = await openRecording(this.recording);
    try {
      const after = await openRecording(this.out);
      try {
        const { findings } = await compareRecordings(onlyOf(before, fresh), onlyOf(after, fresh));
        this.#findings = merged(this.#findings, findings);
        for (const name of fresh) this.#compared.add(name);
      } finally {
        after.close();
      }
    } finally {
      before.close();
    }
  }
}

/** A reader that knows only the sessions of these names. */
function onlyOf(reader: Reader, names: ReadonlySet<string>): Reader {
  const sessions = async function* (): AsyncGenerator<Session> {
    for await (const session of reader.sessions()) {
      if (names.has(`${session.endpoint}/${session.identity}`)) yield session;
    }
  };
  return new Proxy(reader, {
    get(target, name) {
      if (name === 'sessions') return sessions;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Findings of further sessions added to those before: equal ones are one, with the counts of both. */
function merged(before: readonly Finding[], more: readonly Finding[]): Finding[] {
  const byId = new Map(before.map((finding) => [finding.id, finding]));
  for (const finding of more) {
    const known = byId.get(finding.id);
    if (!known) byId.set(finding.id, finding);
    else {
      const sessions = [...new Set([...known.sessions, ...finding.sessions])].sort();
      byId.set(finding.id, { ...known, count: known.count + finding.count, sessions });
    }
  }
  const rank = { high: 0, medium: 1, low: 2 };
  return [...byId.values()].sort((a, b) => rank[a.severity] - rank[b.severity] || b.count - a.count);
}
