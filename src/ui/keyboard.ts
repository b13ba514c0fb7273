import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';

const ESC = '\u001b';
/** What may follow Esc while the key is not whole. */
const BEGUN = /^(?:\[[0-9;]*|O)?$/;

/** A slow line may bring the bytes of one key so far apart, ms; the Esc key is told so much later. */
const APART_MS = 50;

/**
 * A terminal's keys, as Ink reads them. What one key sends stays together when a slow line brings it in pieces: Esc, [ and A would
 * mean something else each.
 */
export class Keyboard extends PassThrough {
  readonly isTTY = true;
  readonly #terminal: ReadStream;
  #begun = '';
  #waiting: NodeJS.Timeout | undefined;

  constructor(terminal: ReadStream) {
    super();
    this.#terminal = terminal;
  }

  setRawMode(isRaw: boolean): this {
    this.#terminal.setRawMode(isRaw);
    this.#terminal.off('data', this.#take);
    if (isRaw) this.#terminal.setEncoding('utf8').on('data', this.#take).resume();
    else {
      this.#pass();
      this.#terminal.pause();
    }
    return this;
  }

  ref(): this {
    this.#terminal.ref();
    return this;
  }

  unref(): this {
    this.#terminal.unref();
    return this;
  }

  readonly #take = (text: string | Buffer): void => {
    clearTimeout(this.#waiting);
    this.#begun += String(text);
    const last = this.#begun.lastIndexOf(ESC);
    if (last >= 0 && BEGUN.test(this.#begun.slice(last + 1)))
      this.#waiting = setTimeout(this.#pass, APART_MS);
    else this.#pass();
  };

  readonly #pass = (): void => {
    clearTimeout(this.#waiting);
    if (this.#begun !== '') this.write(this.#begun);
    this.#begun = '';
  };
}
