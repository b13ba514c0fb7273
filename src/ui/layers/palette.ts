import { type Command, KEYS, type KeyBinding } from '../keys.ts';
import { fit, type Line, line } from '../line.ts';
import { ListWindow } from '../list-window.ts';
import type { Desk, Layer, Size } from '../screen.ts';
import type { ScreenName } from '../screen-names.ts';
import { TextField } from './text-field.ts';

const MAX_ROWS = 12;

/** Every action of a screen by its name; what cannot be done says why. */
export class Palette implements Layer {
  readonly name = 'palette';
  readonly isPage = false;
  readonly #desk: Desk;
  readonly #keys: readonly KeyBinding[];
  readonly #run: (command: Command) => void;
  readonly #refuses: (command: Command) => string | null;
  readonly #field = new TextField();
  readonly #window = new ListWindow();

  constructor(
    desk: Desk,
    screen: ScreenName,
    run: (command: Command) => void,
    refuses: (command: Command) => string | null,
  ) {
    this.#desk = desk;
    this.#keys = KEYS.filter((key) => key.on.includes(screen) && key.command !== 'palette');
    this.#run = run;
    this.#refuses = refuses;
  }

  lines({ columns, rows }: Size): Line[] {
    const found = this.#found();
    const room = Math.max(1, Math.min(MAX_ROWS, rows - 3));
    this.#window.fit(room, found.length);
    const shown = found.slice(this.#window.top, this.#window.top + room);
    const input: Line = [{ text: ' do: ', tone: 'accent', strong: true }, ...this.#field.line(columns - 5)];
    const none = found.length === 0 ? [line('   no action is called so', { tone: 'quiet' })] : [];
    return [
      line('─'.repeat(columns), { tone: 'quiet' }),
      ...shown.map((key) => this.#line(key, columns)),
      ...none,
      fit(input, columns),
    ];
  }

  press(key: string): void {
    const found = this.#found();
    if (key === 'escape') this.#desk.lift();
    else if (key === 'return') {
      const chosen = found[this.#window.selected];
      this.#desk.lift();
      if (chosen) this.#run(chosen.command);
    } else if (key === 'up' || key === 'down') this.#window.move(key, MAX_ROWS, found.length);
    else if (this.#field.press(key)) this.#window.selected = 0;
  }

  #line(key: KeyBinding, columns: number): Line {
    const isSelected = this.#found()[this.#window.selected] === key;
    const refusal = this.#refuses(key.command);
    const text = `${isSelected ? ' ▸ ' : '   '}${key.label.padEnd(12)} ${key.does}${refusal === null ? '' : `  (not now: ${refusal})`}`;
    return fit(line(text, isSelected ? { mark: true } : refusal === null ? {} : { tone: 'quiet' }), columns);
  }

  #found(): readonly KeyBinding[] {
    const words = this.#field.text.toLowerCase().split(/\s+/).filter(Boolean);
    return this.#keys.filter((key) =>
      words.every((word) => `${key.command} ${key.does}`.toLowerCase().includes(word)),
    );
  }
}
