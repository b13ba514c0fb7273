import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Batch } from './batch.ts';
import { PartWriter } from './part-writer.ts';
import { type FromWriter, Progress, type ToWriter, type WriterData } from './writer-protocol.ts';

/** Worker: the only write connection of a recording. Commits, then acknowledges; never gives up on what is queued. */

const { path, recording, limits, progress: buffer } = workerData as WriterData;
const port = parentPort!;
const part = new PartWriter(path, recording, new Progress(buffer), limits);
const queue: Batch[] = [];
const FIRST_RETRY_MS = 25;
const LAST_RETRY_MS = 500;
const LOOK_MS = 500;

let retryMs = FIRST_RETRY_MS;
let retry: NodeJS.Timeout | null = null;
let troubled = '';
let isStuck = false;
/** Size of the WAL, when it was looked at since the last acknowledgement. */
let walBytes: number | null = null;
let closing: { endedAtUs: number; deadline: number } | null = null;

port.on('message', (message: ToWriter) => {
  take(message);
  if (retry === null) work();
});

setInterval(look, LOOK_MS).unref();
tell({ ready: true });

function take(message: ToWriter): void {
  if ('batch' in message) queue.push(message.batch);
  else closing = { endedAtUs: message.close.endedAtUs, deadline: Date.now() + message.close.timeoutMs };
}

function drain(): void {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message);
}

function work(): void {
  retry = null;
  drain();
  try {
    while (queue.length > 0) {
      const { taken, ...report } = part.commit(queue);
      queue.splice(0, taken);
      retryMs = FIRST_RETRY_MS;
      troubled = '';
      look();
      tell({ ...report, walBytes });
      walBytes = null;
      part.tidy();
      drain();
    }
    if (closing) end(closing.endedAtUs);
  } catch (error) {
    complain(error);
    if (closing && Date.now() > closing.deadline) giveUp();
    else retry = setTimeout(work, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }
}

function end(endedAtUs: number): void {
  if (part.look(true)?.isLost) next();
  tell({ finishing: true });
  part.finish(endedAtUs);
  tell({ closed: { whole: true } });
  port.close();
}

function giveUp(): void {
  part.abandon();
  tell({ closed: { whole: false } });
  port.close();
}

/** Looks at the file now and then, and begins another part when one is due. */
function look(): void {
  const seen = part.look();
  if (seen === null) return;
  walBytes = seen.walBytes;
  if (seen.isGone) tell({ gone: true });
  if (seen.isLost || seen.isFull) next();
}

function next(): void {
  try {
    tell({ next: part.next() });
    isStuck = false;
  } catch (error) {
    if (!isStuck) tell({ stuck: { message: error instanceof Error ? error.message : String(error) } });
    isStuck = true;
  }
}

/** Tells of a trouble once, until another takes its place or a commit succeeds. */
function complain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: string }).code ?? 'UNKNOWN';
  if (troubled === code) return;
  troubled = code;
  tell({ trouble: { code, message } });
}

function tell(message: FromWriter): void {
  port.postMessage(message);
}
