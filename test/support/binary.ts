import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '../..');

/** The binary as `npm ci` links it, or another build of it. */
export const BINARY = process.env.CHARGETAPE_BINARY ?? resolve(root, 'node_modules/.bin/chargetape');

/** Environment of a user's shell: no CI, and the checkout's Node first. */
export function shellEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { CI: _ci, NODE_OPTIONS: _options, ...rest } = process.env;
  return { ...rest, PATH: `${resolve(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`, ...extra };
}

/** What a command printed and how it ended. */
export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs the real binary to its end. */
export async function chargetape(
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  const running = start(args, options);
  return running.finished;
}

/** A command that goes on until it is told to stop. */
export interface Running {
  child: ChildProcess;
  finished: Promise<Finished>;
  /** Resolves with the first line of standard output that passes, from the beginning of the output on. */
  line(passes: (line: string) => boolean): Promise<string>;
}

/** How the binary is started: from this folder, with these variables too, as this user. */
interface StartOptions {
  cwd?: string;
  env?: Record<string, string>;
  uid?: number;
}

/** Starts the real binary. */
export function start(args: string[], options: StartOptions = {}): Running {
  const child = spawn(BINARY, args, {
    cwd: options.cwd,
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
    env: shellEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const wake of waiting) wake();
  });
  const finished = once(child, 'close').then(([code, signal]) => {
    ended = true;
    for (const wake of waiting) wake();
    return { code, signal, stdout: lines.map((line) => `${line}\n`).join(''), stderr };
  });
  const line = (passes: (line: string) => boolean): Promise<string> =>
    new Promise((found, reject) => {
      let next = 0;
      const look = (): void => {
        for (; next < lines.length; next++) {
          const text = lines[next] ?? '';
          if (!passes(text)) continue;
          waiting.delete(look);
          found(text);
          return;
        }
        if (ended)
          reject(new Error(`chargetape ${args.join(' ')} ended first: ${lines.join('\n')}\n${stderr}`));
      };
      waiting.add(look);
      look();
    });
  return { child, finished, line };
}

/** A recorder that listens on a free port of the loopback. */
export interface RunningRecorder extends Running {
  /** Where chargers connect: `ws://127.0.0.1:PORT`. */
  url: string;
  port: number;
  file: string;
  /** The admin port's URL, when the arguments ask for one. */
  admin: string;
  /** The recorder's own process, which may be a child of the started one. */
  pid: number;
  /** SIGTERM, and its clean end. */
  stop(): Promise<Finished>;
}

/** Starts `chargetape record` and waits until it listens. */
export async function startRecorder(
  upstream: string,
  out: string,
  options: StartOptions & { args?: string[] } = {},
): Promise<RunningRecorder> {
  const args = ['record', '--upstream', upstream, '--listen', '127.0.0.1:0', '--out', out, '--json'];
  const running = start([...args, ...(options.args ?? [])], options);
  const listening = JSON.parse(await running.line((line) => line.includes('"listening"')));
  return {
    ...running,
    url: listening.url,
    port: Number(new URL(listening.url).port),
    file: listening.file,
    admin: listening.admin,
    pid: listening.pid,
    stop: () => {
      running.child.kill('SIGTERM');
      return running.finished;
    },
  };
}
