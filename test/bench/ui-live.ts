// npm run bench:ui-live: a recorder at 5,000 calls a second with and without a screen that follows its recording, in turns; the recorder
// alone on core 0, all else on core 1. Needs gcc.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BINARY, startRecorder } from '../support/binary.ts';
import { Terminal } from '../support/terminal.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECS ?? 5);
const RATE = Number(process.env.RATE ?? 5_000);
const CONNECTIONS = 500;
/** Clock ticks a second of /proc/PID/stat. */
const TICKS = 100;

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'chargetape-bench-'));
const load = join(folder, 'wsload');
execFileSync('gcc', ['-O2', '-o', load, new URL('wsload.c', import.meta.url).pathname]);

const figures = { without: [] as Figures[], with: [] as Figures[] };
interface Figures {
  rate: number;
  p99: number;
  /** p99 of what the recorder itself added, ms. */
  added: number;
  cpu: number;
  redraws: number;
}

try {
  for (let round = 0; round < ROUNDS; round++) {
    figures.without.push(await measure(round, false));
    figures.with.push(await measure(round, true));
  }
  report();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(round: number, isWatched: boolean): Promise<Figures> {
  const port = 9100 + (round % 2);
  const csms = spawn('taskset', ['-c', '1', load, 'csms', String(port)], { stdio: 'ignore' });
  const file = join(folder, `r${round}-${isWatched}.db`);
  const recorder = await startRecorder(`ws://127.0.0.1:${port}`, file, { args: ['--admin', '127.0.0.1:0'] });
  pin(recorder.pid, 0);
  const terminal = isWatched
    ? new Terminal(BINARY, ['ui', file, '--follow'], { columns: 120, rows: 40 })
    : null;
  await terminal?.shows(/growing/);
  if (terminal) pin(terminal.pid, 1);
  const [cpuBefore, chunksBefore] = [terminal ? cpuOf(terminal.pid) : 0, terminal?.chunks.length ?? 0];
  const beganMs = performance.now();
  const args = ['-c', '1', load, 'load', '127.0.0.1', String(recorder.port), 'ocpp'];
  const { stdout } = await run('taskset', [...args, String(CONNECTIONS), String(SECONDS), String(RATE)]);
  const added = await addedLatency(recorder.admin);
  const seconds = (performance.now() - beganMs) / 1000;
  const said = (name: string) => Number(new RegExp(`"${name}":([-0-9.]+)`).exec(stdout)?.[1] ?? Number.NaN);
  const drawn =
    terminal?.chunks.slice(chunksBefore).filter(({ text }) => text.includes('\u001b[?2026h')).length ?? 0;
  const figures = {
    ...{ rate: said('per_s'), p99: said('p99_ms'), added },
    cpu: terminal ? (cpuOf(terminal.pid) - cpuBefore) / seconds : 0,
    redraws: drawn / seconds,
  };
  await terminal?.close();
  await recorder.stop();
  csms.kill();
  await once(csms, 'exit');
  return figures;
}

/** Keeps a process, its threads and its children on one core. */
function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  for (const child of children.split(' ').filter(Boolean)) pin(Number(child), core);
}

/** 99th percentile of the time that the recorder held frames back, ms, as its exposition tells it: within a bucket by its share. */
async function addedLatency(admin: string): Promise<number> {
  const exposition = await (await fetch(`${admin}/metrics`)).text();
  const buckets = [
    ...exposition.matchAll(/^chargetape_added_latency_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm),
  ];
  const total = Number(buckets.at(-1)?.[2]);
  let [fromMs, below] = [0, 0];
  for (const [, le, count] of buckets) {
    const [toMs, upTo] = [Number(le) * 1000, Number(count)];
    if (upTo >= total * 0.99) return fromMs + ((toMs - fromMs) * (total * 0.99 - below)) / (upTo - below);
    [fromMs, below] = [toMs, upTo];
  }
  return Number.NaN;
}

/** Seconds of processor time that a process, its threads and its children have taken. */
function cpuOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const own = (Number(fields[11]) + Number(fields[12])) / TICKS;
  return children.reduce((sum, child) => sum + cpuOf(Number(child)), own);
}

function report(): void {
  const median = (values: number[]) =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const of = (which: Figures[], name: keyof Figures) => median(which.map((one) => one[name]));
  const line = (what: string, value: number, note: string) =>
    console.log(`${what.padEnd(34)} ${value.toFixed(2).padStart(10)}  ${note}`);
  for (const name of ['rate', 'p99', 'added'] as const) {
    const [without, watched] = [of(figures.without, name), of(figures.with, name)];
    const spread = figures.without.map((one) => one[name]);
    line(
      `${name} without the screen`,
      without,
      `from ${Math.min(...spread).toFixed(2)} to ${Math.max(...spread).toFixed(2)}`,
    );
    line(`${name} with the screen`, watched, `ratio ${(watched / without).toFixed(3)}`);
  }
  line('screen: share of a core', of(figures.with, 'cpu'), 'bar 0.30');
  line('screen: redraws a second', of(figures.with, 'redraws'), 'bar 10');
}
