/** What a head reader made of the bytes so far. `bytes` are all bytes it was given, in one piece. */
export type HeadResult =
  | { kind: 'more' }
  | { kind: 'head'; head: string; bytes: Buffer; rest: Buffer }
  | { kind: 'not-http' | 'too-long'; bytes: Buffer };

const MAX_HEAD = 64 * 1024;
const MAX_FIRST_WORD = 64;
const MORE: HeadResult = { kind: 'more' };
const CR = 13;
const LF = 10;
const SPACE = 32;

/**
 * Finds the end of a request or response head in passing bytes (RFC 9112 §2.1): a blank line, ended by CRLF or LF,
 * at most 64 kB. Tells early when the bytes cannot be HTTP. Leading blank lines are tolerated (§2.2).
 */
export class HeadReader {
  readonly #isFirstWord: (word: string) => boolean;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes of the current line; null before the first line that is not blank. */
  #line: number | null = null;
  #firstWord: string | null = '';
  #firstLineRead = false;

  constructor(kind: 'request' | 'response') {
    this.#isFirstWord = kind === 'request' ? isMethodStart : isVersionStart;
  }

  /** Takes the next bytes. After anything but `more` the reader is done. */
  push(chunk: Buffer): HeadResult {
    this.#chunks.push(chunk);
    const before = this.#length;
    this.#length += chunk.length;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#firstWord !== null && !this.#readFirstWord(byte)) return this.#give('not-http');
      if (byte === LF) {
        if (this.#line === 0) return this.#complete(before + i + 1);
        if (this.#line !== null) {
          if (!this.#firstLineRead && !this.#isFirstLine(before + i)) return this.#give('not-http');
          this.#line = 0;
        }
      } else if (byte !== CR) this.#line = (this.#line ?? 0) + 1;
      if (before + i + 1 >= MAX_HEAD) return this.#give('too-long');
    }
    return MORE;
  }

  /** Bytes taken so far, for a direction that ends in the middle of its head. */
  pending(): Buffer {
    return this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
  }

  #readFirstWord(byte: number): boolean {
    if (this.#line === null && (byte === CR || byte === LF)) return true;
    if (byte === SPACE && this.#firstWord !== '') {
      this.#firstWord = null;
      return true;
    }
    this.#firstWord += String.fromCharCode(byte);
    return this.#isFirstWord(this.#firstWord ?? '');
  }

  #isFirstLine(end: number): boolean {
    this.#firstLineRead = true;
    const line = this.pending().toString('latin1', 0, end).trim();
    return line.startsWith('HTTP/') || /[ \t]HTTP\/\d(?:\.\d)?$/.test(line);
  }

  #complete(length: number): HeadResult {
    const bytes = this.pending();
    return {
      kind: 'head',
      head: bytes.toString('latin1', 0, length),
      bytes: bytes.subarray(0, length),
      rest: bytes.subarray(length),
    };
  }

  #give(kind: 'not-http' | 'too-long'): HeadResult {
    return { kind, bytes: this.pending() };
  }
}

function isMethodStart(word: string): boolean {
  return word.length <= MAX_FIRST_WORD && /^[A-Za-z][!#$%&'*+.^_`|~0-9A-Za-z-]*$/.test(word);
}

function isVersionStart(word: string): boolean {
  return word.length <= 5 ? 'HTTP/'.startsWith(word) : /^HTTP\/[\d.]{1,4}$/.test(word);
}
