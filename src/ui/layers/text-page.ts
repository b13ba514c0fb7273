import { commandOf } from '../keys.ts';
import type { Line } from '../line.ts';
import { PageWindow } from '../list-window.ts';
import type { Desk, Layer, Size } from '../screen.ts';

/** A page of text over a screen: what was compared, and what was not. */
export class TextPage implements Layer {
  readonly name = 'summary';
  readonly isPage = true;
  readonly #desk: Desk;
  readonly #make: (columns: number) => Line[];
  readonly #window = new PageWindow();
  #rows = 1;
  #length = 0;

  constructor(desk: Desk, make: (columns: number) => Line[]) {
    this.#desk = desk;
    this.#make = make;
  }

  get position(): string {
    return this.#window.position(this.#rows, this.#length);
  }

  lines({ columns, rows }: Size): Line[] {
    const lines = this.#make(columns);
    this.#rows = rows;
    this.#length = lines.length;
    return lines.slice(this.#window.top, this.#window.top + rows);
  }

  press(key: string): void {
    const command = commandOf(key, 'summary');
    if (command === 'back' || command === 'summary' || command === 'quit') this.#desk.lift();
    else if (command) this.#window.move(command, this.#rows, this.#length);
  }
}
