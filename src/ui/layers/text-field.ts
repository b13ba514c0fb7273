import { cellWidth } from '../cells.ts';
import type { Line } from '../line.ts';
import { fitText } from '../line.ts';

/** One line of text that is being typed. */
export class TextField {
  text: string;
  cursor: number;

  constructor(text = '') {
    this.text = text;
    this.cursor = text.length;
  }

  /** Takes a key; false when it is none for a text. */
  press(key: string): boolean {
    const moved = this.#moved(key);
    if (moved !== null) this.cursor = moved;
    else if (key === 'backspace') this.#replace(this.#before(), this.cursor, '');
    else if (key === 'ctrl-u') this.#replace(0, this.cursor, '');
    else if (key === 'ctrl-w')
      this.#replace(this.text.slice(0, this.cursor).search(/\S*\s*$/), this.cursor, '');
    else if ([...key].length === 1) this.#replace(this.cursor, this.cursor, key);
    else return false;
    return true;
  }

  /** Puts a text instead of a part. */
  put(from: number, to: number, text: string): void {
    this.#replace(from, to, text);
  }

  /** The text with its cursor, the end of it when it is too long. */
  line(columns: number): Line {
    const before = this.text.slice(0, this.cursor);
    const at = [...this.text.slice(this.cursor)][0] ?? ' ';
    const after = this.text.slice(
      this.cursor + (at === ' ' && this.cursor >= this.text.length ? 0 : at.length),
    );
    const room = Math.max(1, columns - 2);
    const shown = cellWidth(before) > room ? `…${[...before].slice(-(room - 1)).join('')}` : before;
    return [
      { text: shown },
      { text: at, mark: true },
      { text: fitText(after, Math.max(0, room - cellWidth(shown) - 1)).trimEnd() },
    ];
  }

  #moved(key: string): number | null {
    if (key === 'left') return this.#before();
    if (key === 'right') return this.cursor + ([...this.text.slice(this.cursor)][0]?.length ?? 0);
    if (key === 'home' || key === 'ctrl-a') return 0;
    return key === 'end' || key === 'ctrl-e' ? this.text.length : null;
  }

  #before(): number {
    return this.cursor - ([...this.text.slice(0, this.cursor)].at(-1)?.length ?? 0);
  }

  #replace(from: number, to: number, text: string): void {
    this.text = this.text.slice(0, from) + text + this.text.slice(to);
    this.cursor = from + text.length;
  }
}
