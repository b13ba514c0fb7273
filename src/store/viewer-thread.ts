import { parentPort, workerData } from 'node:worker_threads';
import { ChargetapeError } from '../errors.ts';
import { reading } from './open-file.ts';
import type { FromViewer, ToViewer, ViewerData } from './viewer-protocol.ts';
import { Viewing } from './viewing.ts';

/** Worker: reads a recording for the screens. SQLite blocks, and here it blocks nobody's keys. */

const { path, follow } = workerData as ViewerData;
const port = parentPort!;

try {
  const viewing = new Viewing(path, follow, () => say({ changed: true }));
  port.on('message', (question: ToViewer) => void answer(viewing, question));
  say({ ready: reading(path, () => viewing.recording()) });
} catch (error) {
  fail(null, error);
}

async function answer(viewing: Viewing, { number, method, args }: ToViewer): Promise<void> {
  try {
    const ask = viewing[method] as (...args: unknown[]) => unknown;
    say({ number, answer: await ask.apply(viewing, args) });
  } catch (error) {
    fail(number, error);
  }
}

function fail(number: number | null, error: unknown): void {
  const code = error instanceof ChargetapeError ? error.code : null;
  say({ failed: { number, code, message: error instanceof Error ? error.message : String(error) } });
}

function say(message: FromViewer): void {
  port.postMessage(message);
}
