import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { Comparison } from '../../diff/finding.ts';
import { startProxy } from '../../proxy/proxy.ts';
import { replay } from '../../replay/replay.ts';
import { openRecording } from '../../store/reader.ts';
import { createRecording, type RecordingHead } from '../../store/recording-writer.ts';
import { formatAddress, parseServerUrl } from '../../wire/url.ts';
import { RULES } from '../accept.ts';
import {
  type ComparisonOptions,
  compareFiles,
  requireOutputs,
  showComparison,
  surroundingsFor,
  withComparisonOptions,
} from '../comparison.ts';
import { newRecordingPath } from '../new-recording.ts';
import type { Run } from '../run.ts';
import { StopSignal } from '../stop-signal.ts';
import { TOOL_VERSION } from '../version.ts';
import { CHARGERS, driveCapturedChargers } from './captured-chargers.ts';
import { PLANTED, startReleaseCsms } from './release-csms.ts';

/** How many times faster than they were the captured chargers are driven through the recorder. */
const DRIVE_SPEED = 10;

/** `chargetape demo`: the whole road in one command: record release 1, replay against release 2, findings. */
export function demoCommand(run: Run): Command {
  const command = new Command('demo').description(
    'record real chargers, replay them against a next release, and see what it breaks',
  );
  command.option(
    '--serve <port>',
    'only start release 2 of its CSMS on this port, until a signal; 0 chooses a free one',
    parsePort,
  );
  return withComparisonOptions(command).action(({ serve, ...options }: DemoOptions) =>
    run(() => (serve === undefined ? demo(options) : serveRelease2(serve))),
  );
}

interface DemoOptions extends ComparisonOptions {
  serve?: number;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port;
  throw new InvalidArgumentError('Give a port, or 0 for a free one.');
}

/** Release 2 of the demo's CSMS, to replay against. */
async function serveRelease2(port: number): Promise<number> {
  const stop = new StopSignal({ atHangUp: true });
  const csms = await startReleaseCsms({ release: 2, port });
  process.stdout.write(`release 2 of the demo's CSMS is at ${csms.url}: replay against it, Ctrl-C ends it\n`);
  await stop.stopped;
  await csms.close();
  return 0;
}

async function demo(options: ComparisonOptions): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  requireOutputs(options);
  const capture = newRecordingPath('demo-capture');
  const run = newRecordingPath('demo-run');
  say('1  Chargers meet release 1 of a small CSMS, with the recorder between them.');
  for (const charger of CHARGERS) say(`     ${charger}`);
  await recordRelease1(capture);
  say(`     recorded into ${capture}`);
  say('2  The recorded chargers meet release 2, which somebody changed.');
  await replayAgainstRelease2(capture, run);
  say(`     the run is in ${run}`);
  say('3  What release 2 does differently:');
  say('');
  const comparison = await compareFiles(capture, run);
  const surroundings = await surroundingsFor(options, comparison, capture, run);
  await showComparison(comparison, options, { baseline: capture, candidate: run }, surroundings);
  const asPlanted = isAsPlanted(comparison);
  say('');
  say(
    asPlanted
      ? `These are the ${PLANTED.length} changes that were planted in release 2, and no other.`
      : 'These are NOT the changes that were planted in release 2: this is a bug of Chargetape.',
  );
  say('Look around:');
  say(`     chargetape list ${capture}`);
  say(`     chargetape diff ${capture} ${run}`);
  say('Replay it yourself, in two terminals:');
  say('     chargetape demo --serve 8180');
  const rules = existsSync(RULES) ? ` --rules ${RULES}` : '';
  say(`     chargetape replay ${capture} --target ws://127.0.0.1:8180${rules}`);
  return asPlanted ? 0 : 3;
}

async function recordRelease1(capture: string): Promise<void> {
  const csms = await startReleaseCsms({ release: 1, port: 0 });
  const recorder = await createRecording(capture, head('capture', csms.url, 'release 1', null));
  const upstream = { server: parseServerUrl(csms.url) };
  const proxy = await startProxy({
    listen: { host: '127.0.0.1', port: 0 },
    upstream,
    recorder,
    log: () => {},
  });
  const { host, port } = proxy.address;
  await driveCapturedChargers(`ws://${formatAddress(host, port)}`, DRIVE_SPEED);
  await proxy.close();
  await recorder.close();
  await csms.close();
}

async function replayAgainstRelease2(capture: string, run: string): Promise<void> {
  const csms = await startReleaseCsms({ release: 2, port: 0 });
  const reader = await openRecording(capture);
  const recorder = await createRecording(run, head('run', csms.url, 'release 2', reader.recording.uuid));
  await replay({ reader, recorder, target: parseServerUrl(csms.url), speed: 1, time: 'shift' });
  await recorder.close();
  reader.close();
  await csms.close();
}

function head(
  kind: 'capture' | 'run',
  upstream: string,
  label: string,
  source: string | null,
): RecordingHead {
  return { kind, toolVersion: TOOL_VERSION, label, upstream, source };
}

/** Whether the findings are exactly those planted, each once. */
function isAsPlanted({ verdict, findings }: Comparison): boolean {
  const told = ({ kind, action, path }: { kind: string; action: string | null; path: string }) =>
    `${kind} ${action} ${path}`;
  const found = findings.map(told).sort();
  return verdict === 'different' && found.join('\n') === PLANTED.map(told).sort().join('\n');
}
