import { LoopDelays, MeasuredDelays } from '../proxy/delay-window.ts';
import type { ChargerTally } from '../proxy/fleet.ts';
import { Metrics } from '../proxy/metrics.ts';
import type { RunningProxy } from '../proxy/proxy.ts';
import type { ChargerQuery, ChargerState, RecorderState, StateAnswer } from '../proxy/state.ts';
import type { RecorderMeter, RecordingWriter } from '../store/recording-writer.ts';
import { TOOL_VERSION } from './version.ts';

/** What is observed of a running recorder: its proxy, its recording and how long things take. */
export interface Observed {
  proxy: RunningProxy;
  recorder: RecordingWriter;
  url: string;
  upstream: string;
}

/** Keeps what the admin port and the switch need to know of a recorder; costs two numbers a commit. */
export class Observatory {
  /** To be told how long things take. */
  readonly meter: RecorderMeter;
  readonly #loop = new LoopDelays();
  readonly #commit = new MeasuredDelays();
  readonly #hold = new MeasuredDelays();
  readonly #metrics = new Metrics(() => this.state());
  readonly #startedAtUs = Date.now() * 1000;
  #observed: Observed | null = null;

  constructor() {
    this.meter = {
      committed: (ms) => {
        this.#commit.add(ms);
        this.#metrics.committed(ms);
      },
      waited: (ms) => {
        this.#hold.add(ms);
        this.#metrics.held(ms);
      },
    };
  }

  /** From here on there is something to observe. */
  observe(observed: Observed): void {
    this.#observed = observed;
  }

  /** How the recorder is, now. */
  state(): RecorderState {
    const { proxy, recorder, url, upstream } = this.#seen();
    const { uuid, part } = recorder.recording;
    const { fault, newestGaps, counters } = recorder;
    const { open, connections, frames, bytes, refusals, faults, turnedAway, unrecorded, overLimit } =
      proxy.stats();
    const { known, connected } = proxy.fleet;
    return {
      atUs: Date.now() * 1000,
      startedAtUs: this.#startedAtUs,
      pid: process.pid,
      version: TOOL_VERSION,
      url,
      upstream,
      recording: {
        uuid,
        file: recorder.path,
        part,
        isOn: proxy.recording.isOn,
        fault,
        ...counters,
        newestGaps,
      },
      traffic: {
        ...{ isAccepting: proxy.isAccepting(), isDraining: proxy.isDraining() },
        ...{ open, connections, frames, bytes, refusals, faults, turnedAway, unrecorded, overLimit },
      },
      chargers: { known, connected },
      delays: { loop: this.#loop.lately, commit: this.#commit.lately, hold: this.#hold.lately },
    };
  }

  /** Some of the chargers. */
  page(query: ChargerQuery): StateAnswer['page'] {
    const { chargers, next } = this.#seen().proxy.fleet.page(query);
    return { chargers: chargers.map(chargerState), next };
  }

  /** Switches recording, as an operator wants it. */
  setRecording(isOn: boolean): void {
    const { recording } = this.#seen().proxy;
    if (isOn) recording.turnOn('by an operator');
    else recording.turnOff('operator', 'by an operator');
  }

  exposition(): Promise<{ type: string; text: string }> {
    return this.#metrics.exposition();
  }

  stop(): void {
    for (const delays of [this.#loop, this.#commit, this.#hold]) delays.stop();
  }

  #seen(): Observed {
    if (this.#observed === null) throw new Error('nothing is observed yet');
    return this.#observed;
  }
}

function chargerState({ session, transactions, ...tally }: ChargerTally): ChargerState {
  const { id, identity, endpoint, vendor, model, firmware } = session;
  return {
    session: id,
    identity,
    endpoint,
    vendor,
    model,
    firmware,
    ...tally,
    charging: transactions?.size ?? 0,
  };
}
