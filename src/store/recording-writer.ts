import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ChargetapeError } from '../errors.ts';
import type { Entry, Gap, Recorder, Recording, Session } from '../session/recording.ts';
import { redactUrl } from '../session/redaction.ts';
import { Ending } from './ending.ts';
import { Hold } from './hold.ts';
import { Housekeeper } from './housekeeping.ts';
import { FORMAT } from './migrations.ts';
import { type NextPart, namedParts, ONE_PART, type PartLimits } from './parts.ts';
import { Queue } from './queue.ts';
import { type RecorderCounters, RecorderHealth } from './recorder-health.ts';
import { createFile } from './recording-file.ts';
import type { Retention } from './retention.ts';
import { type Fault, type Trouble, troubleOf } from './trouble.ts';
import { WRITER_THREAD, WriterHandle } from './writer-handle.ts';
import { type FromWriter, Progress } from './writer-protocol.ts';

/** What a new recording says of itself; the rest of its head is filled in. */
export type RecordingHead = Pick<Recording, 'kind' | 'toolVersion' | 'label' | 'upstream' | 'source'> &
  Partial<Pick<Recording, 'shard' | 'pseudonymKey'>>;

/** Bounds of a recorder. */
export interface RecordingOptions {
  /** How long a callback of `whenOnRecord` is kept back at most, ms. Default 250. */
  maxHoldMs?: number;
  /** Entries are collected for this long before they go to the writer, ms; for one turn of the event loop when not given. */
  collectMs?: number;
  /** Keeps callbacks back until they are on record, however long that takes. */
  isStrict?: boolean;
  /** Payload bytes that may wait to be committed. Default 64 MB. */
  maxQueuedBytes?: number;
  /** Entries that may wait to be committed. Default 200,000. */
  maxQueuedEntries?: number;
  /** How long `close` waits for a locked file, ms. Default 10,000. */
  closeTimeoutMs?: number;
  /** Ids that were given out before, by the recording that this one continues. */
  lastIds?: { id: number; connection: number };
  /** When another part is begun; one part when not given. */
  limits?: PartLimits;
  /** What is removed from its folder; nothing when not given. */
  retention?: Retention;
  /** Told how long things take. */
  meter?: RecorderMeter;
  /** Module of the writer thread. */
  writerThread?: URL;
}

/** Is told how long things take, ms: a commit, and the wait of a batch's first callback. Must be quick. */
export interface RecorderMeter {
  committed(ms: number): void;
  waited(ms: number): void;
}

/** The head of a recording that begins now, in this process; a secret in the URL of the CSMS stays out of it. */
export function newRecording(head: RecordingHead): Recording {
  return {
    shard: null,
    pseudonymKey: null,
    ...head,
    upstream: head.upstream === null ? null : redactUrl(head.upstream),
    uuid: randomUUID(),
    part: 1,
    format: FORMAT,
    startedAtUs: Date.now() * 1000,
    startedMonoUs: Math.round(performance.now() * 1000),
    endedAtUs: null,
    framesBefore: 0,
    continued: false,
  };
}

/** Makes a recording's file and starts its writer thread. OUT_EXISTS, CANNOT_WRITE, NETWORK_FILE_SYSTEM. */
export async function createRecording(
  path: string,
  head: RecordingHead,
  options: RecordingOptions = {},
): Promise<RecordingWriter> {
  const recording = newRecording(head);
  refuseParts(path);
  createFile(path, recording);
  const writer = new RecordingWriter(path, recording, options);
  await writer.begin();
  return writer;
}

/** The parts of another recording stand where this one's would. */
function refuseParts(path: string): void {
  if (!existsSync(dirname(path))) return;
  const [other] = namedParts(path).filter(({ part }) => part > 1);
  if (other) throw new ChargetapeError('OUT_EXISTS', `${other.path} exists, a part of another recording.`);
}

/**
 * Puts entries on record through the writer thread:
 *
 *     record -> batch of this event-loop turn -> writer thread: COMMIT -> acknowledgement -> whenOnRecord's callbacks
 *                  full? a gap instead                                      late? the hold lets them go
 */
export class RecordingWriter implements Recorder {
  #recording: Recording;
  #path: string;
  readonly #queue: Queue;
  readonly #hold: Hold;
  readonly #thread: WriterHandle;
  readonly #progress = new Progress();
  readonly #ending: Ending;
  readonly #sessions = new Map<string, Session>();
  readonly #partListeners: ((path: string) => void)[] = [];
  readonly #health = new RecorderHealth();
  readonly #housekeeper: Housekeeper;
  readonly #meter: RecorderMeter | undefined;
  readonly #collectMs: number;
  readonly #post = () => this.#postBatch();
  #lastId: number;
  #lastConnection: number;
  #isPostDue = false;
  #isFull = false;
  /** The file was deleted, moved or replaced, and no other part is there yet. */
  #isLost = false;
  #isGone = false;
  #closed: Promise<void> | null = null;

  constructor(path: string, recording: Recording, options: RecordingOptions) {
    const { maxHoldMs = 250, maxQueuedBytes = 64 << 20, maxQueuedEntries = 200_000 } = options;
    const { closeTimeoutMs = 10_000, writerThread = WRITER_THREAD, limits = ONE_PART } = options;
    const { id = 0, connection = 0 } = options.lastIds ?? {};
    this.#path = path;
    this.#collectMs = options.collectMs ?? 0;
    this.#meter = options.meter;
    this.#recording = recording;
    this.#lastId = id;
    this.#lastConnection = connection;
    this.#ending = new Ending(closeTimeoutMs);
    this.#queue = new Queue({ maxQueuedBytes, maxQueuedEntries });
    const isStrict = options.isStrict ?? false;
    this.#hold = new Hold(
      maxHoldMs,
      {
        acked: () => Math.max(this.#progress.acked, this.#queue.acked),
        released: (upTo) => this.#release(upTo),
        waited: (ms) => this.#meter?.waited(ms),
        ranOut: () => this.#ranOut(maxHoldMs, isStrict),
        failed: (error) =>
          this.#health.tell('NOT_RECORDED', `A callback of the recorder failed: ${String(error)}`),
      },
      isStrict,
    );
    this.#thread = new WriterHandle(
      writerThread,
      { path, recording, limits, progress: this.#progress.buffer },
      {
        told: (message) => this.#told(message),
        died: (reason) => this.#died(reason),
        restarted: () => this.#restarted(),
      },
    );
    this.#housekeeper = new Housekeeper(options.retention ?? null, {
      current: () => this.#path,
      tell: (code, sentence) => this.#health.tell(code, sentence),
      finished: (part) => {
        for (const listener of this.#partListeners) listener(part);
      },
    });
  }

  /** Settles when the writer thread runs. */
  async begin(): Promise<void> {
    await this.#thread.ready;
    this.#housekeeper.begin();
  }

  /** The head of the part that is being written. */
  get recording(): Recording {
    return this.#recording;
  }

  /** The file that is being written. */
  get path(): string {
    return this.#path;
  }

  /** What the recorder has been through so far. */
  get counters(): RecorderCounters {
    return { ...this.#health.counters, queuedFrames: this.#queue.frames };
  }

  /** What keeps it from recording, now; null when all is well. */
  get fault(): Fault | null {
    return this.#health.fault;
  }

  /** How long the oldest frame has been waiting for its commit, ms. */
  get oldestWaitMs(): number {
    return this.#queue.oldestWaitMs;
  }

  /** The last gaps, oldest first. */
  get newestGaps(): readonly Gap[] {
    return this.#health.newestGaps;
  }

  /** Calls back with each event of the recorder's health. */
  onTrouble(listener: (trouble: Trouble) => void): void {
    this.#health.listen(listener);
  }

  /** Calls back with the path of each part that is finished while the recording goes on. */
  onPart(listener: (path: string) => void): void {
    this.#partListeners.push(listener);
  }

  nextId(): number {
    return ++this.#lastId;
  }

  nextConnectionId(): number {
    return ++this.#lastConnection;
  }

  session(identity: string, endpoint: string): Session {
    const key = `${endpoint}/${identity}`;
    const known = this.#sessions.get(key);
    if (known) return known;
    const facts = { vendor: null, model: null, firmware: null, replays: null };
    const session: Session = { id: this.#sessions.size + 1, identity, endpoint, ...facts };
    this.record({ kind: 'session', session });
    return session;
  }

  record(entry: Entry): void {
    if (this.#closed !== null || this.#isGone) return;
    const fault = this.#queue.add(entry);
    if (fault !== null) this.#missing([fault]);
    else if (entry.kind === 'gap' && !this.#queue.isFull) this.#missing([entry.gap]);
    else if (entry.kind === 'session') this.#remember(entry.session);
    if (this.#queue.isFull && !this.#isFull) this.#becomeFull();
    if (this.#isPostDue) return;
    this.#isPostDue = true;
    if (this.#collectMs > 0) setTimeout(this.#post, this.#collectMs).unref();
    else setImmediate(this.#post);
  }

  whenOnRecord(done: () => void): void {
    this.#hold.wait(this.#queue.newest, done);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#endThread();
    const whole = !this.#isGone && (await this.#ending.wait());
    this.#thread.stop();
    this.#isGone = true;
    this.#hold.open();
    await this.#housekeeper.end();
    if (!whole)
      this.#health.tell(
        'NOT_FINISHED',
        `${this.path} could not be ended cleanly; keep it with its -wal file.`,
      );
  }

  #endThread(): void {
    if (!this.#thread.isUp) return;
    this.#missing(this.#queue.readmit());
    this.#postNow();
    const close = { endedAtUs: Date.now() * 1000, timeoutMs: this.#ending.timeoutMs };
    this.#thread.post({ close });
  }

  #remember(session: Session): void {
    this.#sessions.set(`${session.endpoint}/${session.identity}`, session);
  }

  #postBatch(): void {
    this.#isPostDue = false;
    if (this.#thread.isUp && this.#queue.isWorthPosting) this.#postNow();
  }

  #postNow(): void {
    const batch = this.#queue.take();
    this.#thread.post({ batch }, [batch.bytes]);
  }

  #told(message: Exclude<FromWriter, { ready: true }>): void {
    if ('acked' in message) {
      this.#health.counters.lateFrames += message.late;
      this.#health.counters.walBytes = message.walBytes ?? this.#health.counters.walBytes;
      this.#meter?.committed(message.tookMs);
      this.#missing(message.refused);
      this.#queue.acknowledge(message.acked);
      this.#settle();
    } else if ('trouble' in message) {
      const { code, sentence } = troubleOf(this.path, message.trouble);
      this.#health.tell(code, sentence);
    } else if ('gone' in message) {
      this.#isLost = true;
      this.#health.tell('FILE_GONE', `${this.path} was deleted, moved or replaced: another part is begun.`);
    } else if ('next' in message) {
      this.#goesOn(message.next);
    } else if ('stuck' in message) {
      this.#health.tell(
        'NO_NEXT_PART',
        `Another part cannot be begun after ${this.path}: ${message.stuck.message}`,
      );
    } else {
      this.#ending.told(message);
    }
  }

  /** Another part is being written; the one before it is finished apart. */
  #goesOn({ path, recording, closed, lost }: NextPart): void {
    this.#path = path;
    this.#recording = recording;
    this.#isLost = false;
    this.#thread.follows(path, recording);
    this.#health.tell('NEXT_PART', `Part ${recording.part} is ${path}.`);
    if (lost) this.#missing([lost]);
    if (closed) this.#housekeeper.finish(closed);
    if (this.#queue.isCaughtUp) this.#health.recover(path);
  }

  /** After an acknowledgement, or with a new thread: lets callbacks go, and queues what was withheld. */
  #settle(): void {
    this.#hold.release(this.#queue.acked);
    if (this.#queue.isCaughtUp) {
      this.#hold.shut();
      this.#missing(this.#queue.readmit());
      this.#isFull = false;
      if (!this.#isLost) this.#health.recover(this.#path);
    }
    if (!this.#isPostDue) this.#postBatch();
  }

  #restarted(): void {
    this.#settle();
    if (this.#closed !== null) this.#endThread();
  }

  #died(reason: string): void {
    this.#queue.acknowledge(this.#progress.acked);
    this.#queue.abandon(`The writer of the recorder ended: ${reason}`);
    this.#health.tell(
      'WRITER_DIED',
      `The writer of ${this.path} ended (${reason}); frames go on without a record.`,
    );
    this.#hold.release(this.#queue.acked);
  }

  #release(upTo: number): void {
    if (upTo > this.#progress.released) this.#progress.released = upTo;
  }

  #ranOut(maxHoldMs: number, isStrict: boolean): void {
    this.#health.counters.expiries++;
    this.#health.tell(
      'HOLD_EXPIRED',
      `${this.path} was not written for ${maxHoldMs} ms: ${isStrict ? 'nothing passes' : 'frames go on before they are on record'}.`,
    );
  }

  #becomeFull(): void {
    this.#isFull = true;
    this.#health.tell(
      'QUEUE_FULL',
      `Too much waits to be written to ${this.path}: frames go on without a record.`,
    );
  }

  #missing(gaps: readonly Gap[]): void {
    this.#health.missing(gaps, this.#path);
  }
}
