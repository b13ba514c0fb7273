import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Batch } from './batch.ts';
import { BatchCommitter } from './batch-committer.ts';
import { FileWatch } from './file-watch.ts';
import { type FromWriter, Progress, type ToWriter, type WriterData } from './writer-protocol.ts';

/** Worker: the only write connection of a recording. Commits, then acknowledges; never gives up on what is queued. */

const { path, progress: buffer } = workerData as WriterData;
const port = parentPort!;
const progress = new Progress(buffer);
const committer = new BatchCommitter(path, progress);
const watch = new FileWatch(path);
const queue: Batch[] = [];
const FIRST_RETRY_MS = 25;
const LAST_RETRY_MS = 500;

let retryMs = FIRST_RETRY_MS;
let retry: NodeJS.Timeout | null = null;
let troubled = '';
let closing: { endedAtUs: number; deadline: number } | null = null;

port.on('message', (message: ToWriter) => {
  take(message);
  if (retry === null) work();
});

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
      const { taken, ...report } = committer.commit(queue);
      queue.splice(0, taken);
      retryMs = FIRST_RETRY_MS;
      troubled = '';
      const look = watch.look();
      tell({ ...report, walBytes: look?.walBytes ?? null });
      if (look?.isGone) tell({ gone: true });
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
  tell({ finishing: true });
  committer.finish(endedAtUs);
  tell({ closed: { whole: true } });
  port.close();
}

function giveUp(): void {
  committer.abandon();
  tell({ closed: { whole: false } });
  port.close();
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
