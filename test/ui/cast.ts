import { writeFileSync } from 'node:fs';
import type { Terminal } from '../support/terminal.ts';

/** What several terminals showed one after the other, as an asciicast (version 2): text that `asciinema play` shows again. */
export class Cast {
  readonly #lines: string[] = [];
  readonly #size: { columns: number; rows: number };
  #seconds = 0;

  constructor(size: { columns: number; rows: number }) {
    this.#size = size;
  }

  /** A command as a person types it. */
  command(text: string): void {
    this.#event('$ ');
    for (const character of text) {
      this.#seconds += 0.04;
      this.#event(character);
    }
    this.#event('\r\n');
  }

  /** What a command printed. */
  says(text: string): void {
    this.#event(text);
    this.#seconds += 1;
  }

  /** Adds all that a terminal has shown; pauses are cut to what a reader needs. */
  add({ chunks }: Terminal): void {
    let before = chunks[0]?.ms ?? 0;
    for (const { ms, text } of chunks) {
      this.#seconds += Math.min(1.5, (ms - before) / 1000);
      before = ms;
      this.#event(text);
    }
    this.#seconds += 1;
  }

  write(path: string): void {
    const { columns: width, rows: height } = this.#size;
    writeFileSync(path, `${[JSON.stringify({ version: 2, width, height }), ...this.#lines].join('\n')}\n`);
  }

  #event(text: string): void {
    this.#lines.push(JSON.stringify([Number(this.#seconds.toFixed(3)), 'o', text]));
  }
}
