import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { openViewer } from '../store/viewer.ts';
import type { Recorder } from '../ui/screens/live.ts';
import { AdminWatch } from './admin-watch.ts';
import { newRecordingPath } from './new-recording.ts';
import { isTerminal } from './output.ts';
import { recordingDeeds } from './recording-deeds.ts';
import { stepBack } from './step-back.ts';
import { StopSignal } from './stop-signal.ts';

/** In the environment of a recorder that an interface has started. */
const ATTENDED = 'CHARGETAPE_ATTENDED';

/** What a recorder tells the interface that started it. */
export interface Listening {
  url: string;
  upstream: string;
  file: string;
  admin: string | null;
  pid: number;
}

/** Whether `record` is to be an interface with the recorder as its child. */
export function isAttendable({ plain, json }: { plain?: true; json?: true }): boolean {
  return json === undefined && process.env[ATTENDED] === undefined && isTerminal(plain);
}

/** Tells the interface that started this recorder, if one did, that it listens. */
export function tellListening(listening: Listening): void {
  if (process.env[ATTENDED] !== undefined) process.send?.(listening);
}

/**
 * `record` on a terminal: starts the recorder in a process group of its own, so that Ctrl-Z, a closed terminal or the death of the
 * interface never reach it, and shows its chargers. What it prints goes to a log beside the recording: a pipe that nobody reads any
 * more would hold it up.
 */
export async function recordAttended(options: { out?: string; admin?: string }): Promise<number> {
  const out = options.out ?? newRecordingPath('capture');
  const log = `${out.replace(/\.db$/, '')}.log`;
  const isNewLog = !existsSync(log);
  const more = [
    ...(options.out === undefined ? ['--out', out] : []),
    ...(options.admin === undefined ? ['--admin', '127.0.0.1:0'] : []),
  ];
  const child = startRecorder(log, more);
  const listening = await listeningOf(child);
  if (typeof listening === 'number') {
    process.stderr.write(readFileSync(log, 'utf8'));
    if (isNewLog) rmSync(log, { force: true });
    return listening;
  }
  child.disconnect();
  child.unref();
  stepBack();
  process.stdout.write(`recorder's pid ${listening.pid}, its log ${log}\n${reattachText(listening.file)}\n`);
  return attend(child, listening, log);
}

/** How to come back to a recorder. */
function reattachText(file: string): string {
  return `come back with: chargetape ui ${file} --follow`;
}

function goesOnText({ pid, file }: Listening): string {
  return `the recorder goes on: pid ${pid}; stop it with kill ${pid}\n${reattachText(file)}\n`;
}

async function attend(child: ChildProcess, listening: Listening, log: string): Promise<number> {
  const { pid, url, upstream, file, admin } = listening;
  const watch = admin === null ? null : new AdminWatch(admin);
  const signal = new StopSignal();
  let wish: 'stop' | 'leave' | null = null;
  const recorder: Recorder & { stop(): void; leave(): void } = {
    ...{ pid, url, upstream },
    ended: () => (child.exitCode === null && child.signalCode === null ? null : 'the recorder has ended'),
    fault: () => watch?.fault ?? null,
    stop: () => {
      wish = 'stop';
    },
    leave: () => {
      wish = 'leave';
    },
  };
  const viewer = await openViewer(file, { follow: true });
  try {
    const { showTour } = await import('../ui/tour.ts');
    await showTour({ recording: { viewer, deeds: recordingDeeds(file) }, recorder });
  } catch (error) {
    process.stdout.write(goesOnText(listening));
    throw error;
  } finally {
    watch?.close();
    await viewer.close();
    signal.release();
  }
  if (wish === 'stop') return stopRecorder(child, pid, log);
  if (recorder.ended() !== null) return ended(child, log);
  process.stdout.write(goesOnText(listening));
  return signal.exitCode ?? 0;
}

/** Ends the recorder cleanly and says what it has recorded. */
async function stopRecorder(child: ChildProcess, pid: number, log: string): Promise<number> {
  child.ref();
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    process.kill(pid, 'SIGTERM');
    await exited;
  }
  return ended(child, log);
}

function ended(child: ChildProcess, log: string): number {
  const said = readFileSync(log, 'utf8').trimEnd().split('\n');
  process.stdout.write(`${said.at(-1) ?? ''}\n`);
  return child.exitCode ?? 3;
}

function startRecorder(log: string, more: readonly string[]): ChildProcess {
  const file = openSync(log, 'a');
  try {
    const [script = '', ...args] = process.argv.slice(1);
    return spawn(process.execPath, [...process.execArgv, script, ...args, ...more], {
      detached: true,
      stdio: ['ignore', file, file, 'ipc'],
      env: { ...process.env, [ATTENDED]: '1' },
    });
  } finally {
    closeSync(file);
  }
}

/** What the recorder tells when it listens, or its exit code when it could not. */
function listeningOf(child: ChildProcess): Promise<Listening | number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (message) => resolve(message as Listening));
    child.once('exit', (code) => resolve(code ?? 3));
  });
}
