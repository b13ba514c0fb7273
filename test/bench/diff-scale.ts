// npm run bench:diff-scale [-- FRAMES...]: how long the real binary takes to compare two recordings, and how much memory, on one core.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeFleet } from '../support/fleet-recording.ts';

const root = resolve(import.meta.dirname, '../..');
const binary = join(root, 'node_modules/.bin/chargetape');
const sizes = process.argv.slice(2).map(Number);
const work = mkdtempSync(join(tmpdir(), 'chargetape-bench-scale-'));

/** Shapes of a recording of so many frames: a fleet, whose sessions have 200 frames each, and one charger that never stops. */
const shapes = [
  { name: 'many sessions', sessionsOf: (frames: number) => Math.max(1, Math.round(frames / 200)) },
  { name: 'one session', sessionsOf: () => 1 },
];

try {
  console.log('shape           frames a side  sessions     file   seconds  frames/s   peak memory  findings');
  for (const { name, sessionsOf } of shapes)
    for (const frames of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000])
      measure(name, frames, sessionsOf(frames));
} finally {
  rmSync(work, { recursive: true, force: true });
}

function measure(name: string, frames: number, sessions: number): void {
  const [baseline, candidate] = [join(work, 'baseline.db'), join(work, 'run.db')];
  const shape = { sessions, frames: Math.round(frames / sessions) };
  writeFleet({ ...shape, file: baseline, uuid: 'bench-capture', interval: 300 });
  writeFleet({ ...shape, file: candidate, uuid: 'bench-run', runOf: 'bench-capture', interval: 60 });
  const begun = performance.now();
  const { stdout, stderr } = spawnSync(
    '/usr/bin/taskset',
    ['-c', '0', '/usr/bin/time', '-f', '%M', binary, 'diff', baseline, candidate, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const seconds = (performance.now() - begun) / 1000;
  const { findings, summary } = JSON.parse(stdout);
  const peakMb = Number(stderr.trim().split('\n').at(-1)) / 1024;
  const row = [
    name.padEnd(14),
    String(frames).padStart(14),
    String(summary.sessionsCompared).padStart(9),
    `${Math.round(statSync(candidate).size / 1e6)} MB`.padStart(8),
    seconds.toFixed(1).padStart(9),
    String(Math.round((2 * frames) / seconds)).padStart(9),
    `${Math.round(peakMb)} MB`.padStart(13),
    String(findings.length).padStart(9),
  ];
  console.log(row.join(' '));
  for (const file of [baseline, candidate]) rmSync(file);
}
