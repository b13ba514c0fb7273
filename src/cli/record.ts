import { Command } from 'commander';
import type { ProxyEvent } from '../proxy/event.ts';
import type { TroubleCode } from '../store/trouble.ts';
import { parseMilliseconds } from './arguments.ts';
import { isAttendable, recordAttended, tellListening } from './attended-record.ts';
import type { CertificateNews } from './certificate-files.ts';
import { type DrainOptions, drainOf, withDrainOptions } from './drain-options.ts';
import { handedOverSocket } from './handed-over.ts';
import { newRecordingPath } from './new-recording.ts';
import { counted, jsonLine, outliveReaders } from './output.ts';
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
import { keepYoungGenerationSmall } from './young-generation.ts';

interface RecordOptions extends TlsOptions, StandingOptions, RotationOptions, DrainOptions {
  upstream: string;
  listen: string;
  out?: string;
  label?: string;
  maxHold: number;
  admin?: string;
  strict?: true;
  maxLoopDelay: number;
  maxCommitDelay: number;
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
      500,
    )
    .option(
      '--max-commit-delay <ms>',
      'switch recording off while a commit takes this long; 0 for never',
      parseMilliseconds,
      60_000,
    )
    .option('--admin <host:port>', 'where health, metrics and state are served; port 0 chooses a free one')
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
  keepYoungGenerationSmall();
  const print = options.json ? printJson : printText;
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
  process.on('SIGHUP', () => recorder.reload());
  process.on('SIGUSR2', () => recorder.toggle());
  const { url, upstream, file, admin } = recorder;
  if (options.upstreamInsecure) print({ kind: 'insecure', upstream });
  const listening = { url, upstream, file, admin, pid: process.pid };
  print({ kind: 'listening', ...listening });
  tellListening(listening);
  await stop.stopped;
  print({ kind: 'stopped', file, ...(await recorder.stop()) });
  return 0;
}

/** What `record` says while it runs. */
type RecordEvent =
  | { kind: 'listening'; url: string; upstream: string; file: string; admin: string | null; pid: number }
  | {
      kind: 'stopped';
      file: string;
      connections: number;
      frames: number;
      faults: number;
      missingFrames: number;
      lateFrames: number;
    }
  | ({ kind: 'certificates' } & CertificateNews)
  | { kind: 'insecure'; upstream: string }
  | { kind: 'part'; file: string }
  | { kind: 'trouble'; code: TroubleCode | 'ON_ROTATE_FAILED'; sentence: string }
  | ProxyEvent;

function printJson({ kind, ...event }: RecordEvent): void {
  process.stdout.write(`${jsonLine({ at: new Date().toISOString(), event: kind, ...event })}\n`);
}

function printText(event: RecordEvent): void {
  const time = new Date().toISOString().slice(11, 23);
  for (const line of sentences(event)) process.stdout.write(`${time}  ${line}\n`);
}

function sentences(event: RecordEvent): string[] {
  switch (event.kind) {
    case 'listening':
      return [
        `chargers connect to ${event.url}, which stands before ${event.upstream}`,
        `recording into ${event.file}`,
        ...(event.admin === null ? [] : [`admin port at ${event.admin}`]),
        `recorder's pid ${event.pid}: stop it with Ctrl-C, or kill ${event.pid}`,
      ];
    case 'stopped':
      return [
        `stopped: ${counted(event.connections, 'connection')}, ${counted(event.frames, 'frame')} in ${event.file}` +
          (event.lateFrames > 0 ? `, ${event.lateFrames} of them late` : '') +
          (event.missingFrames > 0
            ? `; missing: ${counted(event.missingFrames, 'frame')}, see its gaps`
            : ''),
      ];
    case 'insecure':
      return [
        `WARNING: --upstream-insecure takes any certificate of ${event.upstream}: whoever stands in between can read and change all traffic`,
      ];
    case 'part':
      return [`${event.file} is finished`];
    case 'certificates':
    case 'trouble':
      return [`${event.code}: ${event.sentence}`];
    case 'opened':
      return [
        `${event.identity} connected${event.subprotocol === null ? ', without a subprotocol' : ` (${event.subprotocol})`}`,
      ];
    case 'refused':
      return [
        `${event.identity} refused with ${event.status}${event.by === 'chargetape' ? ' by the recorder' : ''}`,
      ];
    case 'closed':
      return [
        `${event.identity ?? `connection ${event.connection}`} gone (${event.ending ?? 'open'} by ${event.by ?? 'nobody'})`,
      ];
    case 'turned-away':
      return [`${event.address ?? 'a connection'} turned away: ${event.reason}`];
    case 'http':
      return [`ordinary HTTP: ${event.target}`];
    case 'draining':
      return [`no more chargers are accepted; ${counted(event.connections, 'connection')} to end`];
    case 'recording':
      return [`recording is ${event.isOn ? 'on' : 'off'}: ${event.reason}`];
    case 'fault':
      return [`connection ${event.connection} cannot be read: ${event.message}; it goes on, see the gaps`];
  }
}
