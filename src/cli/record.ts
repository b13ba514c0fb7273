import { Command, Option } from 'commander';
import type { ControlFrames } from '../proxy/tap.ts';
import { parseMilliseconds } from './arguments.ts';
import { isAttendable, recordAttended, tellListening } from './attended-record.ts';
import { type DrainOptions, drainOf, withDrainOptions } from './drain-options.ts';
import { restrainGarbageCollection } from './garbage-collection.ts';
import { handedOverSocket } from './handed-over.ts';
import { restrainHelperThreads } from './helper-threads.ts';
import { newRecordingPath } from './new-recording.ts';
import { outliveReaders } from './output.ts';
import { pseudonymsOf } from './pseudonym-key.ts';
import { RecordLog } from './record-log.ts';
import { startRecorder } from './recorder.ts';
import {
  limitsOf,
  type RotationOptions,
  retentionOf,
  runOnRotate,
  withRotationOptions,
} from './rotation-options.ts';
import type { Run } from './run.ts';
import { type StandingOptions, withStandingOptions } from './standing-options.ts';
import { StopSignal } from './stop-signal.ts';
import { type TlsOptions, withTlsOptions } from './tls-options.ts';

interface RecordOptions extends TlsOptions, StandingOptions, RotationOptions, DrainOptions {
  upstream: string;
  listen: string;
  out?: string;
  label?: string;
  maxHold: number;
  admin?: string;
  strict?: true;
  controlFrames: ControlFrames;
  pseudonymise?: true;
  keyFile?: string;
  maxLoopDelay: number;
  maxCommitDelay: number;
  log?: string;
  json?: true;
  plain?: true;
}

/** `chargetape record`: the proxy between chargers and their CSMS, until a signal ends it. */
export function recordCommand(run: Run): Command {
  const command = new Command('record')
    .description('record the traffic between chargers and their CSMS')
    .requiredOption('--upstream <url>', 'the CSMS, such as wss://csms.example:8443')
    .option('--listen <host:port>', 'where chargers connect; port 0 chooses a free one', '127.0.0.1:9000')
    .option('--out <file>', 'the recording; never overwritten (default: a new file in ./recordings)')
    .option('--label <text>', 'a note that the recording keeps, such as the release of the CSMS')
    .option('--max-hold <ms>', 'how long a frame may wait to be on record', parseMilliseconds, 250)
    .option(
      '--strict',
      'no record, no traffic: end connections and refuse new ones while nothing can be recorded',
    )
    .option(
      '--max-loop-delay <ms>',
      'switch recording off while the event loop is this late; 0 for never',
      parseMilliseconds,
      1000,
    )
    .option(
      '--max-commit-delay <ms>',
      'switch recording off while a commit takes this long; 0 for never',
      parseMilliseconds,
      60_000,
    )
    .addOption(
      new Option('--control-frames <what>', 'pings and pongs: a row each, only counted, or left out')
        .choices(['all', 'summary', 'off'])
        .default('all'),
    )
    .option('--pseudonymise', 'record tags, SIM cards and addresses under other names (with --key-file)')
    .option('--key-file <file>', 'the key of the pseudonyms; the same on all recorders of a fleet')
    .option('--admin <host:port>', 'where health, metrics and state are served; port 0 chooses a free one')
    .option('--log <file>', 'also write one JSON object an event to this file; SIGHUP opens it again')
    .option('--json', 'print one JSON object a line')
    .option('--plain', 'print lines even on a terminal');
  for (const addTo of [withTlsOptions, withStandingOptions, withRotationOptions, withDrainOptions])
    addTo(command);
  return command.action((options: RecordOptions) =>
    run(() => (isAttendable(options) ? recordAttended(options) : record(options))),
  );
}

async function record(options: RecordOptions): Promise<number> {
  outliveReaders();
  restrainGarbageCollection();
  restrainHelperThreads();
  const log = new RecordLog(options);
  const print = log.tell;
  const stop = new StopSignal();
  const recorder = await startRecorder({
    upstream: options.upstream,
    listen: options.listen,
    out: options.out ?? newRecordingPath('capture'),
    label: options.label,
    maxHoldMs: options.maxHold,
    admin: options.admin,
    tls: options,
    standing: options,
    controlFrames: options.controlFrames,
    pseudonyms: pseudonymsOf(options),
    isStrict: options.strict === true,
    overload: { loopDelayMs: options.maxLoopDelay, commitDelayMs: options.maxCommitDelay },
    socket: handedOverSocket(),
    drain: drainOf(options),
    limits: limitsOf(options),
    retention: retentionOf(options),
    onPart(file) {
      print({ kind: 'part', file });
      if (options.onRotate === undefined) return;
      runOnRotate(options.onRotate, file, (sentence) =>
        print({ kind: 'trouble', code: 'ON_ROTATE_FAILED', sentence }),
      );
    },
    log: print,
  });
  process.on('SIGHUP', () => {
    recorder.reload();
    log.reopen();
  });
  process.on('SIGUSR2', () => recorder.toggle());
  const { url, upstream, file, admin } = recorder;
  if (options.upstreamInsecure) print({ kind: 'insecure', upstream });
  const listening = { url, upstream, file, admin, pid: process.pid };
  print({ kind: 'listening', ...listening });
  tellListening(listening);
  await stop.stopped;
  print({ kind: 'stopped', file, ...(await recorder.stop()) });
  if (!(await log.end())) process.exit(0);
  return 0;
}
