import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ChargetapeError } from '../errors.ts';
import type { Filter } from '../filter/filter.ts';
import type { Recording } from '../session/recording.ts';
import type {
  FleetPart,
  FleetQuery,
  LadderPart,
  LadderQuery,
  RowDetail,
  TroubleQuery,
  Viewer,
} from '../view/viewer.ts';
import type { FromViewer, ToViewer, ViewerData } from './viewer-protocol.ts';

const VIEWER_THREAD = new URL(`./viewer-thread${extname(import.meta.url)}`, import.meta.url);

/** Megabytes of heap that the thread may take: what it holds of a recording is bounded by its chargers. */
const MAX_HEAP_MB = 512;

type Failure = Extract<FromViewer, { failed: unknown }>['failed'];

/** Nearly all that the thread makes dies at once: a larger young generation would only be more memory. */
const YOUNG_MB = 8;

interface Waiting {
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

/** Opens a recording to be looked at; `follow` when it is known to be written. As `openRecording` it refuses what is none. */
export async function openViewer(path: string, { follow = false } = {}): Promise<Viewer> {
  const workerData: ViewerData = { path, follow };
  const worker = new Worker(VIEWER_THREAD, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  try {
    const recording = await new Promise<Recording>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (message: FromViewer) => {
        if ('ready' in message) resolve(message.ready);
        else if ('failed' in message) reject(errorOf(message.failed));
      });
    });
    return new ThreadViewer(worker, path, recording);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

/** The main thread's end of a viewer thread. */
class ThreadViewer implements Viewer {
  readonly path: string;
  readonly recording: Recording;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<() => void>();
  #number = 0;
  #isClosed = false;
  #failure: Error | null = null;

  constructor(worker: Worker, path: string, recording: Recording) {
    this.path = path;
    this.recording = recording;
    this.#worker = worker;
    worker.on('message', (message: FromViewer) => this.#hear(message));
    worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
  }

  fleet(query: FleetQuery): Promise<FleetPart> {
    return this.#ask('fleet', query);
  }

  ladder(query: LadderQuery): Promise<LadderPart> {
    return this.#ask('ladder', query);
  }

  ladderPlace(session: number, filter: Filter, id: number): Promise<number | null> {
    return this.#ask('ladderPlace', session, filter, id);
  }

  nextTrouble(query: TroubleQuery): Promise<number | null> {
    return this.#ask('nextTrouble', query);
  }

  detail(session: number, id: number): Promise<RowDetail | null> {
    return this.#ask('detail', session, id);
  }

  sessionNamed(name: string): Promise<number | null> {
    return this.#ask('sessionNamed', name);
  }

  known(): Promise<Record<string, string[]>> {
    return this.#ask('known');
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#waiting.clear();
    await this.#worker.terminate();
  }

  #ask<T>(method: ToViewer['method'], ...args: unknown[]): Promise<T> {
    if (this.#isClosed) return new Promise(() => undefined);
    if (this.#failure) return Promise.reject(this.#failure);
    const number = ++this.#number;
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#worker.postMessage({ number, method, args } satisfies ToViewer);
    }) as Promise<T>;
  }

  #hear(message: FromViewer): void {
    if ('changed' in message) for (const listener of this.#listeners) listener();
    else if ('answer' in message) this.#take(message.number)?.resolve(message.answer);
    else if ('failed' in message) {
      const { number } = message.failed;
      if (number !== null) this.#take(number)?.reject(errorOf(message.failed));
    }
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }

  /** The thread is gone. */
  #fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function errorOf({ code, message }: Failure): Error {
  return code === null ? new Error(message) : new ChargetapeError(code, message);
}
