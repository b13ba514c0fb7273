import { Command } from 'commander';
import { type FleetApi, startFleetApi } from '../charge/api.ts';
import { type FleetOptions, runFleet } from '../charge/fleet.ts';
import type { LivingCharger } from '../charge/living-charger.ts';
import { readProfile } from '../charge/profile-file.ts';
import { USUAL_HABITS } from '../charge/visits.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import { type Shard, shardName } from '../replay/clones.ts';
import { passwordsOf } from '../replay/credentials.ts';
import { checkTarget } from '../replay/target-guard.ts';
import type { Recorder } from '../session/recording.ts';
import { removeFile } from '../store/recording-file.ts';
import { createRecording } from '../store/recording-writer.ts';
import { formatServer, parseListenAddress, parseServerUrl } from '../wire/url.ts';
import { collect, parseDuration, parseShard, parseTimes } from './arguments.ts';
import { ChargeKeys } from './charge-keys.ts';
import { chargeReport, chargeSummary, exitCodeOf, progressPrinter } from './charge-report.ts';
import { restrainGarbageCollection } from './garbage-collection.ts';
import { type LoadOptions, withLoadOptions } from './load-options.ts';
import { newRecordingPath } from './new-recording.ts';
import { requireSockets } from './open-files.ts';
import { isTerminal, jsonLine } from './output.ts';
import { targetCheckOf } from './replay-options.ts';
import { COLLECT_MS } from './replay-run.ts';
import type { Run } from './run.ts';
import { StopSignal } from './stop-signal.ts';
import { type TargetTlsOptions, targetTlsOf, warnOfInsecure, withTargetTlsOptions } from './target-tls.ts';
import { TOOL_VERSION } from './version.ts';

interface ChargeOptions extends TargetTlsOptions, LoadOptions {
  target: string;
  profile: string[];
  count: number;
  /** Times in µs. */
  duration?: number;
  ramp: number;
  arrivalRate?: number;
  pause?: number;
  stay?: number;
  people: boolean;
  shard?: Shard;
  api?: string;
  out?: string;
  label?: string;
  allowTarget?: string[];
  confirmTarget?: string;
  plain?: true;
  json?: true;
}

/** `chargetape charge`: virtual chargers without a recording, each by its vendor's profile. */
export function chargeCommand(run: Run): Command {
  return withFleetOptions(
    new Command('charge')
      .description('let virtual chargers live against a CSMS, each by its vendor’s profile')
      .requiredOption('--target <url>', 'the CSMS, such as ws://127.0.0.1:8180/ocpp')
      .requiredOption('--profile <name>', 'a make of charger, or the file of one; may be repeated', collect)
      .option('--count <chargers>', 'how many chargers', parseTimes, 1)
      .option('--duration <time>', 'how long, such as 20m (default: until a signal)', parseDuration)
      .option('--api <host:port>', 'serve an HTTP API that drives the chargers; port 0 chooses a free one')
      .option('--out <file>', 'the run; never overwritten (default: a new file in ./recordings)')
      .option('--label <text>', 'a note that the run keeps')
      .option('--allow-target <host[:port]>', 'a test system that may be dialled; may be repeated', collect)
      .option('--confirm-target <host>', 'the target typed out: dial it whatever the safety check says')
      .option('--plain', 'plain lines, without keys')
      .option('--json', 'print the result as one JSON object'),
  ).action((options: ChargeOptions) => run(() => charge(options)));
}

function withFleetOptions(command: Command): Command {
  return withTargetTlsOptions(withLoadOptions(command))
    .option('--ramp <time>', 'over how long they arrive, such as 30m', parseDuration, 0)
    .option('--arrival-rate <chargers>', 'how many arrive each second, instead of --ramp', parseTimes)
    .option('--pause <time>', 'mean time between two visits at a connector (default: 15m)', parseDuration)
    .option('--stay <time>', 'mean time that a vehicle charges (default: 30m)', parseDuration)
    .option('--no-people', 'nobody comes: chargers boot, beat and obey')
    .option('--shard <i/n>', 'only every n-th charger, from the i-th', parseShard);
}

async function charge(options: ChargeOptions): Promise<number> {
  restrainGarbageCollection();
  const target = parseServerUrl(options.target);
  const profiles = options.profile.map(readProfile);
  const listen = options.api === undefined ? null : parseListenAddress(options.api);
  requireSockets(Math.ceil(options.count / (options.shard?.of ?? 1)));
  await checkTarget(targetCheckOf(target, null, options));
  const out = options.out ?? newRecordingPath('charge');
  const upstream = formatServer(target) + target.path;
  warnOfInsecure(options);
  const head = {
    kind: 'run',
    toolVersion: TOOL_VERSION,
    label: options.label ?? null,
    upstream,
    source: null,
    shard: shardName(options.shard),
  } as const;
  const recorder = await createRecording(out, head, { collectMs: COLLECT_MS });
  let hasBegun = false;
  const printProgress = progressPrinter();
  const stop = new StopSignal({ atHangUp: true });
  const surroundings = new Surroundings(options, listen, () => stop.now());
  try {
    const last = await runFleet({
      ...fleetOf(options, recorder),
      profiles,
      target,
      signal: stop.signal,
      onReady: async (chargers) => {
        await surroundings.meet(chargers);
        hasBegun = true;
      },
      onProgress: (progress) => printProgress(progress, surroundings.showsKeys),
    });
    await recorder.close();
    surroundings.close();
    const report = chargeReport(last, options.threshold ?? [], out);
    if (options.json) process.stdout.write(`${jsonLine(report)}\n`);
    else for (const line of chargeSummary(report)) process.stdout.write(`${line}\n`);
    return stop.exitCode ?? exitCodeOf(report);
  } finally {
    stop.release();
    surroundings.close();
    await recorder.close();
    if (!hasBegun) removeFile(out);
  }
}

function fleetOf(
  options: ChargeOptions,
  recorder: Recorder,
): Omit<FleetOptions, 'profiles' | 'target' | 'signal'> {
  const { count, duration, ramp, arrivalRate, pause, stay, people, shard } = options;
  const rampMs = arrivalRate === undefined ? ramp / 1000 : (count / arrivalRate) * 1000;
  const habits = {
    ...USUAL_HABITS,
    ...(pause !== undefined && { pause: pause / 1e6 }),
    ...(stay !== undefined && { stay: stay / 1e6 }),
  };
  return {
    protocol: protocolFor('ocpp1.6'),
    count,
    seed: options.seed,
    recorder,
    access: {
      passwords: passwordsOf([], process.env.CHARGETAPE_PASSWORD ?? null),
      tls: targetTlsOf(options),
    },
    scenario: options.scenario,
    mishaps: options.fault ?? [],
    localAddresses: options.localAddress ?? [],
    rampMs,
    ...(people && { habits }),
    ...(shard && { shard }),
    ...(duration !== undefined && { durationMs: duration / 1000 }),
  };
}

/** What stands beside a fleet: the HTTP API and the keys of a person at the terminal. */
class Surroundings {
  readonly #options: ChargeOptions;
  readonly #listen: { host: string; port: number } | null;
  readonly #quit: () => void;
  #api: FleetApi | null = null;
  #keys: ChargeKeys | null = null;

  constructor(options: ChargeOptions, listen: { host: string; port: number } | null, quit: () => void) {
    this.#options = options;
    this.#listen = listen;
    this.#quit = quit;
  }

  get showsKeys(): boolean {
    return this.#keys !== null;
  }

  /** Opens API and keys for these chargers. CANNOT_LISTEN, PORT_IN_USE. */
  async meet(chargers: readonly LivingCharger[]): Promise<void> {
    if (this.#listen) {
      this.#api = await startFleetApi(this.#listen, chargers);
      process.stderr.write(`the API is at ${this.#api.url}/chargers\n`);
    }
    const isPlain = this.#options.plain ?? this.#options.json;
    if (isTerminal(isPlain) && chargers.length > 0) this.#keys = new ChargeKeys(chargers, this.#quit);
  }

  /** Closes them, once. */
  close(): void {
    this.#api?.close();
    this.#keys?.close();
    this.#api = null;
    this.#keys = null;
  }
}
