import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromWriter, ToWriter, WriterData } from './writer-protocol.ts';

/** The module the writer thread runs: this folder's, as source or as built. */
export const WRITER_THREAD = new URL(`./writer-thread${extname(import.meta.url)}`, import.meta.url);

const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 30_000;

/** What the handle tells its owner. */
export interface WriterHooks {
  told(message: Exclude<FromWriter, { ready: true }>): void;
  /** The thread is gone, with what it had not acknowledged; another one will be started. */
  died(reason: string): void;
  /** A new thread is there. */
  restarted(): void;
}

/** The main thread's end of the writer thread: starts it, and starts it again when it dies, sooner or later as it lives. */
export class WriterHandle {
  readonly #module: URL;
  #data: WriterData;
  readonly #hooks: WriterHooks;
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | null = null;
  #deaths = 0;
  #stopped = false;
  #onReady: () => void = () => undefined;
  /** Settles when the first thread runs, or has died: whoever makes a recorder waits for it. */
  readonly ready = new Promise<void>((resolve) => {
    this.#onReady = resolve;
  });

  constructor(module: URL, data: WriterData, hooks: WriterHooks) {
    this.#module = module;
    this.#data = data;
    this.#hooks = hooks;
    this.#start();
  }

  /** Whether there is a thread to post to. */
  get isUp(): boolean {
    return this.#worker !== null;
  }

  /** A thread that is started from now on goes on with this part. */
  follows(path: string, recording: WriterData['recording']): void {
    this.#data = { ...this.#data, path, recording };
  }

  /** Sends a message; the buffers named in `transfer` are the thread's afterwards. */
  post(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  /** Lets go of the thread; does not wait for one that hangs in a system call. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#worker?.unref();
    this.#worker?.terminate().catch(() => undefined);
    this.#worker = null;
  }

  #start(): void {
    let reason = 'it ended';
    const worker = new Worker(this.#module, { workerData: this.#data });
    this.#worker = worker;
    worker.on('message', (message: FromWriter) => {
      if ('ready' in message) return this.#onReady();
      if ('acked' in message) this.#deaths = 0;
      // Its exit may follow in the same turn, before anybody who waits for this word could stop it.
      if ('closed' in message) this.#stopped = true;
      if (this.#worker === worker) this.#hooks.told(message);
    });
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => {
      if (this.#worker === worker && !this.#stopped) this.#died(reason);
    });
  }

  #died(reason: string): void {
    this.#worker = null;
    this.#onReady();
    this.#hooks.died(reason);
    this.#timer = setTimeout(
      () => {
        this.#start();
        this.#hooks.restarted();
      },
      Math.min(FIRST_RESTART_MS * 2 ** this.#deaths++, LAST_RESTART_MS),
    );
  }
}
