import { Command } from 'commander';
import { type FleetProgress, runFleet } from '../charge/fleet.ts';
import { readProfile } from '../charge/profile-file.ts';
import { USUAL_HABITS } from '../charge/visits.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import { passwordsOf } from '../replay/credentials.ts';
import { createRecording } from '../store/recording-writer.ts';
import { formatAddress, parseServerUrl } from '../wire/url.ts';
import { collect, parseDuration, parseTimes } from './arguments.ts';
import { newRecordingPath } from './new-recording.ts';
import { counted } from './output.ts';
import { guardTarget } from './replay-options.ts';
import type { Run } from './run.ts';
import { StopSignal } from './stop-signal.ts';
import { TOOL_VERSION } from './version.ts';

interface ChargeOptions {
  target: string;
  profile: string[];
  count: number;
  /** µs. */
  duration?: number;
  ramp: number;
  seed: number;
  out?: string;
  label?: string;
  allowTarget?: string[];
  confirmTarget?: string;
}

/** `chargetape charge`: virtual chargers without a recording, each by its vendor's profile. */
export function chargeCommand(run: Run): Command {
  return new Command('charge')
    .description('let virtual chargers live against a CSMS, each by its vendor’s profile')
    .requiredOption('--target <url>', 'the CSMS, such as ws://127.0.0.1:8180/ocpp')
    .requiredOption('--profile <name>', 'a make of charger, or the file of one; may be repeated', collect)
    .option('--count <chargers>', 'how many chargers', parseTimes, 1)
    .option('--duration <time>', 'how long, such as 20m (default: until a signal)', parseDuration)
    .option('--ramp <time>', 'over how long they arrive', parseDuration, 0)
    .option('--seed <number>', 'same seed, same traffic', Number, 1)
    .option('--out <file>', 'the run; never overwritten (default: a new file in ./recordings)')
    .option('--label <text>', 'a note that the run keeps')
    .option('--allow-target <host[:port]>', 'a test system that may be dialled; may be repeated', collect)
    .option('--confirm-target <host>', 'the target typed out: dial it whatever the safety check says')
    .action((options: ChargeOptions) => run(() => charge(options)));
}

async function charge(options: ChargeOptions): Promise<number> {
  const target = parseServerUrl(options.target);
  const profiles = options.profile.map(readProfile);
  await guardTarget(target, null, options);
  const out = options.out ?? newRecordingPath('charge');
  const upstream = `ws://${formatAddress(target.host, target.port)}${target.path}`;
  const head = {
    kind: 'run',
    toolVersion: TOOL_VERSION,
    label: options.label ?? null,
    upstream,
    source: null,
  } as const;
  const recorder = await createRecording(out, head);
  const stop = new StopSignal();
  try {
    const last = await runFleet({
      profiles,
      protocol: protocolFor('ocpp1.6'),
      count: options.count,
      seed: options.seed,
      target,
      recorder,
      passwords: passwordsOf([], process.env.CHARGETAPE_PASSWORD ?? null),
      habits: USUAL_HABITS,
      rampMs: options.ramp / 1000,
      ...(options.duration !== undefined && { durationMs: options.duration / 1000 }),
      signal: stop.signal,
      onProgress: (progress) => process.stderr.write(`${progressLine(progress)}\n`),
    });
    for (const line of summaryLines(last)) process.stdout.write(`${line}\n`);
  } finally {
    stop.release();
    await recorder.close();
  }
  process.stdout.write(`the run is ${out}\n`);
  return stop.exitCode ?? 0;
}

function progressLine({ chargers, online, traffic }: FleetProgress): string {
  return `${online} of ${counted(chargers, 'charger')} online, ${traffic.calls} calls, ${traffic.answers} answered, ${traffic.commands} commands`;
}

function summaryLines(progress: FleetProgress): string[] {
  const rows = progress.traffic
    .actions()
    .map(({ action, answered, errors, p50Ms, p95Ms, p99Ms }) =>
      [
        action.padEnd(30),
        String(answered).padStart(9),
        String(errors).padStart(7),
        ...[p50Ms, p95Ms, p99Ms].map((ms) => ms.toFixed(1).padStart(9)),
      ].join(''),
    );
  return [
    progressLine(progress),
    `${'action'.padEnd(30)} answered errors   p50 ms   p95 ms   p99 ms`,
    ...rows,
  ];
}
