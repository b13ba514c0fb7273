// Measures how punctual a replay is: many sessions on one core, against a CSMS on the other that checks every payload's time.
// node test/bench/pace.ts [SESSIONS 1000] [CALLS 200] [SECONDS_BETWEEN_CALLS 60, as meters are usually read]; needs gcc and taskset.
// At speed 60 all calls; at speed 1 the same chargers for 40 s, beside a bare timer loop with the same schedule on the same core.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { createRecording } from '../../src/store/recording-writer.ts';
import { BINARY, shellEnvironment } from '../support/binary.ts';
import { SCRIPT_START_US, scriptedSession } from '../support/scripted-session.ts';

const [sessions = 1_000, calls = 200, secondsBetween = 60] = process.argv.slice(2).map(Number);
const here = new URL('.', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'chargetape-pace-'));
const wsload = join(folder, 'wsload');
execFileSync('gcc', ['-O2', '-o', wsload, join(here, 'wsload.c')]);

/** Chargers whose calls lie `gapMs` apart, each with the time at which it was made; the chargers begin one after the other. */
async function record(file: string, callsEach: number, gapMs: number): Promise<void> {
  const head = { kind: 'capture', toolVersion: 'bench', label: null, upstream: null, source: null } as const;
  const recorder = await createRecording(file, head);
  for (let charger = 0; charger < sessions; charger++) {
    const beginMs = Math.floor((charger * gapMs) / sessions);
    const lines = [`${beginMs} open`];
    for (let turn = 0; turn < callsEach; turn++) {
      const ms = beginMs + 20 + turn * gapMs;
      lines.push(`${ms} ${callOf(charger, turn, ms)}`, `${ms + 10} < ${answerOf(turn)}`);
    }
    const script = scriptedSession(lines.join('\n'), `CP${charger}`, charger + 1);
    recorder.record({ kind: 'session', session: script.session });
    for (const event of script.events) {
      if (event.kind === 'frame') recorder.record({ kind: 'frame', frame: event.frame });
      else recorder.record({ kind: 'connection', connection: event.connection });
    }
    await new Promise<void>((done) => recorder.whenOnRecord(done));
  }
  await recorder.close();
}

function callOf(charger: number, turn: number, ms: number): string {
  const timestamp = new Date(SCRIPT_START_US / 1000 + ms).toISOString();
  if (turn === 0) return '> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}';
  if (turn === 1) {
    return `> StartTransaction {"connectorId":1,"idTag":"TAG${charger}","meterStart":0,"timestamp":"${timestamp}"}`;
  }
  const sampledValue = `[{"value":"${turn}","measurand":"Energy.Active.Import.Register","unit":"Wh"}]`;
  return `> MeterValues {"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"${timestamp}","sampledValue":${sampledValue}}]}`;
}

function answerOf(turn: number): string {
  if (turn === 0) return '{"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}';
  return turn === 1 ? '{"transactionId":7,"idTagInfo":{"status":"Accepted"}}' : '{}';
}

/** Runs a command on one core to its end; gives what it printed. */
async function onCore(core: number, command: string, args: string[]): Promise<string> {
  const child = spawn('taskset', ['-c', String(core), command, ...args], {
    env: shellEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${stdout}`);
  return stdout;
}

interface Seen {
  run: string;
  /** The CSMS's own summary: calls, and how far the latest time in a payload was ahead of its clock, s. */
  csms: { calls: number; ahead_s: number };
}

/** Replays on core 0 against a CSMS on core 1. */
async function replayed(recording: string, name: string, speed: string): Promise<Seen> {
  const child = spawn('taskset', ['-c', '1', wsload, 'csms', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => JSON.parse((await lines.next()).value ?? 'null');
  const { port } = await line();
  const run = join(folder, `${name}.db`);
  const target = ['--target', `ws://127.0.0.1:${port}`, '--out', run];
  console.log(
    await onCore(0, BINARY, ['replay', recording, ...target, '--speed', speed, '--no-diff', '--no-cleanup']),
  );
  child.kill('SIGTERM');
  return { run, csms: await line() };
}

/** Lateness of the charger's calls against the schedule, ms, in the order in which they were due. */
function latenessOf(run: string): number[] {
  const database = new Database(run, { readonly: true });
  const sql = `SELECT mono_us - scheduled_us FROM frame JOIN link ON link.frame = frame.id
    WHERE sender = 'charger' AND message_type = 'call' ORDER BY scheduled_us`;
  const found = database.prepare(sql).pluck().all() as number[];
  database.close();
  return found.map((us) => us / 1000);
}

function told(name: string, lateness: readonly number[]): Record<'p99' | 'firstP99' | 'lastP99', number> {
  const at = (values: readonly number[], share: number) =>
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  const figures = (values: readonly number[]) =>
    `p50 ${at(values, 0.5).toFixed(2)}  p99 ${at(values, 0.99).toFixed(2)}  max ${at(values, 1).toFixed(1)}`;
  const decile = Math.floor(lateness.length / 10);
  console.log(
    `${name}: ${lateness.length} calls, late by ms: ${figures(lateness)}; ` +
      `first decile ${figures(lateness.slice(0, decile))}; last decile ${figures(lateness.slice(-decile))}`,
  );
  return {
    p99: at(lateness, 0.99),
    firstP99: at(lateness.slice(0, decile), 0.99),
    lastP99: at(lateness.slice(-decile), 0.99),
  };
}

const long = join(folder, 'long.db');
const short = join(folder, 'short.db');
await record(long, calls, secondsBetween * 1000);
const fast = await replayed(long, 'fast', '60');
const fastLate = told('speed 60', latenessOf(fast.run));

await record(short, 5, 8_000);
const bare = JSON.parse(
  await onCore(0, process.execPath, [join(here, 'bare-timers.mjs'), String(sessions), '5', '8000']),
) as number[];
const bareLate = told('bare timers', bare);
const real = await replayed(short, 'real', '1');
const realLate = told('speed 1', latenessOf(real.run));
rmSync(folder, { recursive: true });

const bars = [
  ['p99 at speed 60 at most 20 ms', fastLate.p99 <= 20],
  [
    'no drift at speed 60: the last tenth at most 5 ms later than the first',
    fastLate.lastP99 <= fastLate.firstP99 + 5,
  ],
  ['p99 at speed 1 at most 5 ms above bare timers', realLate.p99 <= bareLate.p99 + 5],
  ['no time in the future by more than 1 s', Math.max(fast.csms.ahead_s, real.csms.ahead_s) <= 1],
  ['all calls arrived', fast.csms.calls === sessions * calls && real.csms.calls === sessions * 5],
] as const;
console.log(`latest time in a payload: ${fast.csms.ahead_s} s and ${real.csms.ahead_s} s ahead of the CSMS`);
for (const [bar, holds] of bars) console.log(`${holds ? 'holds' : 'FAILS'}: ${bar}`);
if (bars.some(([, holds]) => !holds)) process.exitCode = 1;
