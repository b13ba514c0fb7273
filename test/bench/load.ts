// Measures the load generator on core 0 against `wsload csms` on core 1; needs gcc and taskset.
// node test/bench/load.ts [CHARGERS 9500] [SECONDS 20] [ROUNDS 3]
// Memory: resident kB a charger, from two fleets of which one is half as large, both at 2,000 calls a second or more.
// Rates: a recording replayed with clones at speed max, beside the same with nothing on record, as many bare ws clients, and as many chargers
// of ocpp-ws-cli's load-test, in interleaved rounds.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createRecording } from '../../src/store/recording-writer.ts';
import { BINARY, shellEnvironment } from '../support/binary.ts';
import { scriptedSession } from '../support/scripted-session.ts';

const [chargers = 9_500, seconds = 20, rounds = 3] = process.argv.slice(2).map(Number);
const here = new URL('.', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'chargetape-load-'));
const wsload = join(folder, 'wsload');
execFileSync('gcc', ['-O2', '-o', wsload, join(here, 'wsload.c')]);

/** Calls a second that a steady fleet makes at least. */
const STEADY = 2_000;
/** Chargers that call as fast as they are answered, sessions that they are clones of, and calls of each. */
const CLOSED = 500;
const SESSIONS = 50;
const CALLS = 200;

/** How long the load test of ocpp-ws-cli runs, ms: it has no end of its own. */
const LOAD_TEST_MS = 8_000;
const OCPP = join(here, '../../node_modules/.bin/ocpp');

/** A CSMS on core 1 whose chargers beat so often, s; and the calls that it counted. */
async function withCsmsTold<Result>(
  interval: number,
  use: (port: number) => Promise<Result>,
): Promise<{ result: Result; calls: number }> {
  const args = ['-c', '1', wsload, 'csms', '0', String(interval)];
  const csms = spawn('taskset', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: csms.stdout });
  const [first] = await once(lines, 'line');
  const result = await use(JSON.parse(first).port);
  csms.kill('SIGTERM');
  const [last] = await once(lines, 'line');
  return { result, calls: JSON.parse(last).calls };
}

async function withCsms<Result>(interval: number, use: (port: number) => Promise<Result>): Promise<Result> {
  return (await withCsmsTold(interval, use)).result;
}

function onCore0(command: string, args: string[]) {
  return spawn('taskset', ['-c', '0', command, ...args], {
    env: shellEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

interface Fleet {
  online: number;
  callsPerSecond: number;
  residentKb: number;
  generator: { isBound: boolean; lateP99Ms: number; waitingShare: number | null };
}

/** A fleet that has arrived and lives on for `seconds`; its memory is the median of the last half. */
function steadyFleet(count: number): Promise<Fleet> {
  const interval = Math.floor(count / STEADY);
  return withCsms(interval, async (port) => {
    const out = join(folder, `steady-${count}-${Date.now()}.db`);
    const where = ['--target', `ws://127.0.0.1:${port}`, '--out', out];
    const life = ['--count', String(count), '--arrival-rate', '1000', '--duration', `${seconds}s`];
    const who = ['--profile', 'keba-m20', '--no-people', '--plain', '--json'];
    const child = onCore0(BINARY, ['charge', ...where, ...life, ...who]);
    const sizes: number[] = [];
    const look = setInterval(() => sizes.push(residentKb(child.pid!)), 500);
    const report = (await json(child.stdout)) as { online: number; generator: Fleet['generator'] };
    clearInterval(look);
    const late = sizes.filter((kb) => kb > 0).slice(-seconds);
    const lastUs = Math.round((seconds * 1e6) / 2);
    const callsPerSecond = answeredIn(out, lastUs) / (lastUs / 1e6);
    return { ...report, callsPerSecond, residentKb: median(late) };
  });
}

function residentKb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Answers on record in the last so many µs of a run before its chargers left. */
function answeredIn(file: string, us: number): number {
  const database = new Database(file, { readonly: true });
  const sql = `WITH last (us) AS (SELECT max(mono_us) FROM frame WHERE message_type = 'callResult')
    SELECT count(*) FROM frame, last WHERE message_type = 'callResult' AND mono_us > last.us - ?`;
  const found = database.prepare(sql).pluck().get(us) as number;
  database.close();
  return found;
}

async function record(file: string): Promise<void> {
  const head = { kind: 'capture', toolVersion: 'bench', label: null, upstream: null, source: null } as const;
  const recorder = await createRecording(file, head);
  for (let charger = 0; charger < SESSIONS; charger++) {
    const lines = ['0 open', '5 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}'];
    lines.push('10 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}');
    for (let call = 0; call < CALLS; call++) {
      lines.push(`${20 + call * 10} > ${METER_VALUES}`, `${25 + call * 10} < {}`);
    }
    const script = scriptedSession(lines.join('\n'), `CP${charger}`, charger + 1);
    recorder.record({ kind: 'session', session: script.session });
    for (const event of script.events) {
      if (event.kind === 'frame') recorder.record({ kind: 'frame', frame: event.frame });
      else recorder.record({ kind: 'connection', connection: event.connection });
    }
  }
  await recorder.close();
}

const METER_VALUES =
  'MeterValues {"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1234"}]}]}';

/** Calls answered each second from the first to the last answer, all on record. */
function replayRate(recording: string, round: number): Promise<number> {
  return withCsms(300, async (port) => {
    const out = join(folder, `max-${round}.db`);
    const where = ['--target', `ws://127.0.0.1:${port}`, '--out', out, '--no-diff', '--no-cleanup'];
    const child = onCore0(BINARY, [
      ...['replay', recording, ...where, '--speed', 'max', '--json'],
      ...['--clones', String(CLOSED / SESSIONS)],
    ]);
    child.stdout.resume();
    await once(child, 'close');
    const database = new Database(out, { readonly: true });
    const sql = `SELECT count(*) AS answers, max(mono_us) - min(mono_us) AS us FROM frame WHERE message_type = 'callResult'`;
    const { answers, us } = database.prepare(sql).get() as { answers: number; us: number };
    database.close();
    if (answers !== CLOSED * (CALLS + 1)) throw new Error(`only ${answers} answers are on record`);
    return answers / (us / 1e6);
  });
}

/** What a script of this folder measures on core 0 against a CSMS of its own. */
function rateOf(script: string, argsFor: (url: string) => string[]): Promise<number> {
  return withCsms(300, async (port) => {
    const args = [join(here, script), ...argsFor(`ws://127.0.0.1:${port}`)];
    const { callsPerSecond } = (await json(onCore0(process.execPath, args).stdout)) as {
      callsPerSecond: number;
    };
    return callsPerSecond;
  });
}

/** Calls each second of ocpp-ws-cli's load test, whose chargers boot and beat as often as the CSMS says: each second, which is the most. */
async function loadTestRate(): Promise<number> {
  let began = 0;
  const { calls } = await withCsmsTold(1, async (port) => {
    const where = ['-e', `ws://127.0.0.1:${port}`, '-c', String(CLOSED), '-r', '1'];
    // It asks where its report is to go, unless it was told.
    const child = onCore0(OCPP, ['load-test', ...where, '--report', 'json', '--report-dir', folder]);
    const closed = once(child, 'close');
    child.stdout.resume();
    began = performance.now();
    await setTimeout(LOAD_TEST_MS);
    child.kill('SIGKILL');
    await closed;
  });
  if (calls < CLOSED) throw new Error('the load test of ocpp-ws-cli did not begin');
  return calls / ((performance.now() - began) / 1000);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const half = await steadyFleet(Math.floor(chargers / 2));
const whole = await steadyFleet(chargers);
const kb = (whole.residentKb - half.residentKb) / (chargers - Math.floor(chargers / 2));
for (const [count, fleet] of [
  [Math.floor(chargers / 2), half],
  [chargers, whole],
] as const) {
  const { online, callsPerSecond, residentKb: resident, generator } = fleet;
  const bound = `${generator.isBound ? 'bound' : 'not bound'}, timers late by ${generator.lateP99Ms.toFixed(1)} ms at p99`;
  console.log(
    `${count} chargers: ${online} online, ${Math.round(callsPerSecond)} calls/s answered, ${Math.round(resident / 1024)} MB; generator ${bound}`,
  );
}
console.log(`a charger takes ${kb.toFixed(1)} kB`);

const recording = join(folder, 'closed.db');
await record(recording);
const sides: readonly [name: string, measure: (round: number) => Promise<number>][] = [
  ['replay --speed max --clones, all on record', (round) => replayRate(recording, round)],
  [
    'the same with nothing on record',
    () => rateOf('unrecorded-replay.ts', (url) => [recording, url, String(CLOSED / SESSIONS)]),
  ],
  ['bare ws clients', () => rateOf('bare-clients.mjs', (url) => [url, String(CLOSED), String(CALLS)])],
  ['ocpp-ws-cli load-test, one beat a second', loadTestRate],
];
const measured = sides.map(() => [] as number[]);
for (let round = 0; round < rounds; round++) {
  for (const [index, [, measure]] of sides.entries()) measured[index]!.push(await measure(round));
}
rmSync(folder, { recursive: true });
const rates = measured.map(median);
const [replay = 0, unrecorded = 0, bare = 0] = rates;
console.log(`| ${CLOSED} chargers, as fast as they are answered | calls/s | of the bare clients |`);
console.log('| --- | --- | --- |');
for (const [index, [name]] of sides.entries()) {
  console.log(`| ${name} | ${Math.round(rates[index]!)} | ${(rates[index]! / bare).toFixed(2)} |`);
}
console.log(`with everything on record ${(replay / unrecorded).toFixed(2)} of the rate without`);

const bars = [
  ['all chargers online', whole.online === chargers],
  ['2,000 calls/s answered', whole.callsPerSecond >= STEADY * 0.99],
  ['at most 30 kB a charger', kb <= 30],
  ['at least 12,000 calls/s at speed max', replay >= 12_000],
  ['at least 0.6 of the rate with nothing on record', replay >= 0.6 * unrecorded],
] as const;
for (const [bar, holds] of bars) console.log(`${holds ? 'holds' : 'FAILS'}: ${bar}`);
if (bars.some(([, holds]) => !holds)) process.exitCode = 1;
