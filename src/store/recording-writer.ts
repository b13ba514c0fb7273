import { randomUUID } from 'node:crypto';
import type { Entry, Gap, Recorder, Recording, Session } from '../session/recording.ts';
import { Ending } from './ending.ts';
import { Hold } from './hold.ts';
import { FORMAT } from './migrations.ts';
import { Queue } from './queue.ts';
import { createFile } from './recording-file.ts';
import { type Fault, isLasting, type Trouble, type TroubleCode, troubleOf } from './trouble.ts';
import { WRITER_THREAD, WriterHandle } from './writer-handle.ts';
import { type FromWriter, Progress } from './writer-protocol.ts';

/** What a new recording says of itself; the rest of its head is filled in. */
export type RecordingHead = Pick<Recording, 'kind' | 'toolVersion' | 'label' | 'upstream' | 'source'>;

/** Bounds of a recorder. */
export interface RecordingOptions {
  /** How long a callback of `whenOnRecord` is kept back at most, ms. Default 250. */
  maxHoldMs?: number;
  /** Payload bytes that may wait to be committed. Default 64 MB. */
  maxQueuedBytes?: number;
  /** Entries that may wait to be committed. Default 200,000. */
  maxQueuedEntries?: number;
  /** How long `close` waits for a locked file, ms. Default 10,000. */
  closeTimeoutMs?: number;
  /** Ids that were given out before, by the recording that this one continues. */
  lastIds?: { id: number; connection: number };
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

/** What a recorder has been through since it was made. */
export interface RecorderCounters {
  /** Times the hold ran out. */
  expiries: number;
  /** Rows that were forwarded before their commit. */
  lateFrames: number;
  /** Frames that are missing, in gaps. */
  missingFrames: number;
  /** Gaps put on record, or waiting to be. */
  gaps: number;
  /** Frames waiting to be committed, now. */
  queuedFrames: number;
  /** Size of the write-ahead log when it was last looked at. */
  walBytes: number;
}

/** Gaps that are remembered for whoever watches. */
const NEWEST_GAPS = 20;

/** The head of a recording that begins now, in this process. */
export function newRecording(head: RecordingHead): Recording {
  return {
    ...head,
    uuid: randomUUID(),
    part: 1,
    format: FORMAT,
    startedAtUs: Date.now() * 1000,
    startedMonoUs: Math.round(performance.now() * 1000),
    endedAtUs: null,
  };
}

/** Makes a recording's file and starts its writer thread. OUT_EXISTS, CANNOT_WRITE, NETWORK_FILE_SYSTEM. */
export async function createRecording(
  path: string,
  head: RecordingHead,
  options: RecordingOptions = {},
): Promise<RecordingWriter> {
  const recording = newRecording(head);
  createFile(path, recording);
  const writer = new RecordingWriter(path, recording, options);
  await writer.ready;
  return writer;
}

/**
 * Puts entries on record through the writer thread:
 *
 *     record -> batch of this event-loop turn -> writer thread: COMMIT -> acknowledgement -> whenOnRecord's callbacks
 *                  full? a gap instead                                      late? the hold lets them go
 */
export class RecordingWriter implements Recorder {
  readonly recording: Recording;
  readonly path: string;
  readonly #queue: Queue;
  readonly #hold: Hold;
  readonly #thread: WriterHandle;
  readonly #progress = new Progress();
  readonly #ending: Ending;
  readonly #sessions = new Map<string, Session>();
  readonly #listeners: ((trouble: Trouble) => void)[] = [];
  readonly #meter: RecorderMeter | undefined;
  readonly #counters = { expiries: 0, lateFrames: 0, missingFrames: 0, gaps: 0, walBytes: 0 };
  readonly #newestGaps: Gap[] = [];
  readonly #post = () => this.#postBatch();
  #lastId: number;
  #lastConnection: number;
  #isPostDue = false;
  #isFull = false;
  #fault: Fault | null = null;
  #isGone = false;
  #closed: Promise<void> | null = null;

  constructor(path: string, recording: Recording, options: RecordingOptions) {
    const { maxHoldMs = 250, maxQueuedBytes = 64 << 20, maxQueuedEntries = 200_000 } = options;
    const { closeTimeoutMs = 10_000, writerThread = WRITER_THREAD } = options;
    const { id = 0, connection = 0 } = options.lastIds ?? {};
    this.path = path;
    this.#meter = options.meter;
    this.recording = recording;
    this.#lastId = id;
    this.#lastConnection = connection;
    this.#ending = new Ending(closeTimeoutMs);
    this.#queue = new Queue({ maxQueuedBytes, maxQueuedEntries });
    this.#hold = new Hold(maxHoldMs, {
      acked: () => Math.max(this.#progress.acked, this.#queue.acked),
      released: (upTo) => this.#release(upTo),
      waited: (ms) => this.#meter?.waited(ms),
      ranOut: () => this.#ranOut(maxHoldMs),
      failed: (error) => this.#tell('NOT_RECORDED', `A callback of the recorder failed: ${String(error)}`),
    });
    this.#thread = new WriterHandle(writerThread, path, this.#progress, {
      told: (message) => this.#told(message),
      died: (reason, forGood) => this.#died(reason, forGood),
      restarted: () => this.#restarted(),
    });
  }

  /** Settles when the writer thread runs. */
  get ready(): Promise<void> {
    return this.#thread.ready;
  }

  /** What the recorder has been through so far. */
  get counters(): RecorderCounters {
    return { ...this.#counters, queuedFrames: this.#queue.frames };
  }

  /** What keeps it from recording, now; null when all is well. */
  get fault(): Fault | null {
    return this.#fault;
  }

  /** The last gaps, oldest first. */
  get newestGaps(): readonly Gap[] {
    return this.#newestGaps;
  }

  /** Calls back with each event of the recorder's health. */
  onTrouble(listener: (trouble: Trouble) => void): void {
    this.#listeners.push(listener);
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
    if (fault !== null) this.#countGaps([fault]);
    else if (entry.kind === 'gap' && !this.#queue.isFull) this.#countGaps([entry.gap]);
    else if (entry.kind === 'session') this.#remember(entry.session);
    if (this.#queue.isFull && !this.#isFull) this.#becomeFull();
    if (this.#isPostDue) return;
    this.#isPostDue = true;
    setImmediate(this.#post);
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
    if (!whole)
      this.#tell('NOT_FINISHED', `${this.path} could not be ended cleanly; keep it with its -wal file.`);
  }

  #endThread(): void {
    if (!this.#thread.isUp) return;
    this.#countGaps(this.#queue.readmit());
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
    this.#thread.post({ batch }, [batch.numbers.buffer, batch.payloads.buffer]);
  }

  #told(message: Exclude<FromWriter, { ready: true }>): void {
    if ('acked' in message) {
      this.#counters.lateFrames += message.late;
      this.#counters.walBytes = message.walBytes ?? this.#counters.walBytes;
      this.#meter?.committed(message.tookMs);
      this.#countGaps(message.refused);
      this.#queue.acknowledge(message.acked);
      this.#settle();
    } else if ('trouble' in message) {
      const { code, sentence } = troubleOf(this.path, message.trouble);
      this.#tell(code, sentence);
    } else if ('gone' in message) {
      this.#tell('FILE_GONE', `${this.path} was deleted or moved: what is recorded from now on is lost.`);
    } else {
      this.#ending.told(message);
    }
  }

  /** After an acknowledgement, or with a new thread: lets callbacks go, and queues what was withheld. */
  #settle(): void {
    this.#hold.release(this.#queue.acked);
    if (this.#queue.isCaughtUp) {
      this.#hold.shut();
      this.#countGaps(this.#queue.readmit());
      this.#isFull = false;
      this.#recover();
    }
    this.#postBatch();
  }

  #recover(): void {
    if (this.#fault === null) return;
    this.#fault = null;
    this.#tell('RECOVERED', `${this.path} is written again, and nothing waits.`);
  }

  #restarted(): void {
    this.#settle();
    if (this.#closed !== null) this.#endThread();
  }

  #died(reason: string, forGood: boolean): void {
    this.#queue.acknowledge(this.#progress.acked);
    this.#queue.abandon(`The writer of the recorder ended: ${reason}`);
    this.#tell('WRITER_DIED', `The writer of ${this.path} ended (${reason}); frames go on without a record.`);
    this.#hold.release(this.#queue.acked);
    if (!forGood) return;
    this.#isGone = true;
    this.#ending.told({ closed: { whole: false } });
    this.#hold.open();
  }

  #release(upTo: number): void {
    if (upTo > this.#progress.released) this.#progress.released = upTo;
  }

  #ranOut(maxHoldMs: number): void {
    this.#counters.expiries++;
    this.#tell(
      'HOLD_EXPIRED',
      `${this.path} was not written for ${maxHoldMs} ms: frames go on before they are on record.`,
    );
  }

  #becomeFull(): void {
    this.#isFull = true;
    this.#tell('QUEUE_FULL', `Too much waits to be written to ${this.path}: frames go on without a record.`);
  }

  #countGaps(gaps: readonly Gap[]): void {
    if (gaps.length === 0) return;
    const frames = gaps.reduce((sum, gap) => sum + gap.frames, 0);
    this.#counters.gaps += gaps.length;
    this.#newestGaps.push(...gaps.map((gap) => ({ ...gap })));
    this.#newestGaps.splice(0, this.#newestGaps.length - NEWEST_GAPS);
    this.#counters.missingFrames += frames;
    if (frames === 0) return;
    this.#tell('NOT_RECORDED', `${frames} frames are missing from ${this.path}: ${gaps[0]!.reason}`);
  }

  #tell(code: TroubleCode, sentence: string): void {
    if (isLasting(code)) this.#fault = { code, sentence, sinceUs: this.#fault?.sinceUs ?? Date.now() * 1000 };
    for (const listener of this.#listeners) listener({ code, sentence });
  }
}
