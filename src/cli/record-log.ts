import { closeSync, fstatSync, openSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import { ChargetapeError } from '../errors.ts';
import { levelOf, type RecordEvent, sentences } from './record-events.ts';

/** Takes lines without ever holding up the event loop. */
interface Sink {
  write(text: string): void;
  /** Writes the rest, and resolves with whether that went well. Nothing is written after it. */
  end(): Promise<boolean>;
  /** Opens a file again by its name. */
  reopen(): void;
  /** Leaves what is not written yet. */
  abandon(): void;
}

/** A log that nobody reads, or a disk that hangs, may make so many bytes wait; beyond them lines are left out. */
const MAX_WAITING = 1 << 20;

/** How long the end waits for a log that nobody reads, ms. */
const PATIENCE_MS = 1_000;

/**
 * Where a recorder says what happens: lines for people or JSON on standard output, and JSON in a file when one is named. Writes never
 * hold up the event loop.
 */
export class RecordLog {
  readonly #output: Sink;
  readonly #file: Sink | null;
  readonly #tellers: ((event: RecordEvent) => void)[];

  /** CANNOT_WRITE when the file cannot be opened. */
  constructor({ json, log }: { json?: true; log?: string }) {
    this.#output = fstatSync(1).isFile() ? fileSink(1) : streamSink(process.stdout);
    this.#file = log === undefined ? null : fileSink(openable(log));
    this.#tellers = [json ? jsonTo(this.#output) : textTo(this.#output)];
    if (this.#file) this.#tellers.push(jsonTo(this.#file));
  }

  readonly tell = (event: RecordEvent): void => {
    for (const teller of this.#tellers) teller(event);
  };

  /** Opens the file again by its name, after it was moved away. */
  reopen(): void {
    this.#file?.reopen();
  }

  /** Waits until all is written; false when nobody has read it, or the disk has not taken it, in time. */
  async end(): Promise<boolean> {
    const sinks = this.#file ? [this.#output, this.#file] : [this.#output];
    const flushed = Promise.all(sinks.map((sink) => sink.end())).then((ends) => ends.every(Boolean));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, false);
    });
    const isWritten = await Promise.race([flushed, patience]);
    clearTimeout(timer);
    if (!isWritten) for (const sink of sinks) sink.abandon();
    return isWritten;
  }
}

/** Files are written by another thread: their disk may hang. */
function fileSink(dest: number | string): Sink {
  const sink = pino.destination({ dest, sync: false, maxLength: MAX_WAITING, mode: 0o600 });
  sink.on('error', () => {});
  return {
    write: (text) => void sink.write(text),
    end: () =>
      new Promise((resolve) => {
        sink.once('close', () => resolve(true)).once('error', () => resolve(false));
        sink.end();
      }),
    reopen: () => sink.reopen(),
    // When the process exits, pino would write the rest for as long as the disk is full.
    abandon: () => sink.destroy(),
  };
}

/** A pipe or a terminal takes what it can; what waits is bounded here. */
function streamSink(stream: NodeJS.WriteStream): Sink {
  return {
    write(text) {
      if (stream.writableLength < MAX_WAITING) stream.write(text);
    },
    end: () => new Promise((resolve) => stream.write('', () => resolve(true))),
    reopen() {},
    abandon() {},
  };
}

/** Says at once when the file cannot be written to. */
function openable(path: string): string {
  try {
    closeSync(openSync(path, 'a', 0o600));
    return path;
  } catch (cause) {
    throw new ChargetapeError('CANNOT_WRITE', `The log ${path} cannot be opened.`, { cause });
  }
}

function jsonTo(sink: Sink): (event: RecordEvent) => void {
  const logger: Logger = pino(
    {
      base: null,
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  return (event) => {
    const { kind, ...rest } = event;
    logger[levelOf(event)]({ event: kind, ...rest });
  };
}

function textTo(sink: Sink): (event: RecordEvent) => void {
  return (event) => {
    const time = new Date().toISOString().slice(11, 23);
    for (const line of sentences(event)) sink.write(`${time}  ${line}\n`);
  };
}
