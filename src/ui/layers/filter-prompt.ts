import { completionsOf, type Known } from '../../filter/completion.ts';
import { parseFilter } from '../../filter/filter.ts';
import { cellWidth } from '../cells.ts';
import { fit, type Line, line } from '../line.ts';
import type { Desk, Layer, ScreenFilter, Size } from '../screen.ts';
import { TextField } from './text-field.ts';

const PROMPT = ' filter: ';

/** The filter's expression while it is typed: completed with Tab, its mistake shown at its place. */
export class FilterPrompt implements Layer {
  readonly name = 'filter';
  readonly isPage = false;
  readonly #desk: Desk;
  readonly #filter: ScreenFilter;
  readonly #field: TextField;
  #known: Known = {};
  #cycle: { options: readonly string[]; next: number; from: number; to: number } | null = null;

  constructor(desk: Desk, filter: ScreenFilter) {
    this.#desk = desk;
    this.#filter = filter;
    this.#field = new TextField(filter.text);
    void filter.known().then((known) => {
      this.#known = known;
      desk.redraw();
    });
  }

  lines({ columns }: Size): Line[] {
    const parsed = parseFilter(this.#field.text, this.#filter.vocabulary);
    const options = this.#options();
    const input: Line = [
      { text: PROMPT, tone: 'accent', strong: true },
      ...this.#field.line(columns - cellWidth(PROMPT)),
    ];
    // A word that can be completed is no mistake yet.
    const hint =
      parsed.ok || options.length > 0 ? optionsLine(options) : this.#mistakeLine(parsed.at, parsed.message);
    return [fit(hint, columns), fit(input, columns)];
  }

  press(key: string): void {
    if (key === 'escape') this.#desk.lift();
    else if (key === 'return') this.#enter();
    else if (key === 'tab') this.#complete();
    else if (this.#field.press(key)) this.#cycle = null;
  }

  #enter(): void {
    const { text } = this.#field;
    const parsed = parseFilter(text, this.#filter.vocabulary);
    if (!parsed.ok) {
      this.#field.cursor = Math.min(parsed.at, text.length);
      return;
    }
    this.#desk.lift();
    this.#filter.apply(text.trim(), parsed.filter);
  }

  #complete(): void {
    const known = this.#cycle;
    const { from, to, options } =
      known ?? completionsOf(this.#field.text, this.#field.cursor, this.#filter.vocabulary, this.#known);
    const next = known?.next ?? 0;
    const option = options[next % Math.max(1, options.length)];
    if (option === undefined) return;
    this.#field.put(from, to, option);
    const isOnly = options.length === 1;
    this.#cycle = isOnly ? null : { options, next: next + 1, from, to: from + option.length };
  }

  #options(): readonly string[] {
    const { text, cursor } = this.#field;
    return this.#cycle?.options ?? completionsOf(text, cursor, this.#filter.vocabulary, this.#known).options;
  }

  /** The mistake under a sign at its place. */
  #mistakeLine(at: number, message: string): Line {
    const place = cellWidth(PROMPT) + cellWidth(this.#field.text.slice(0, at));
    return [{ text: ' '.repeat(Math.min(place, 40)) }, { text: `▾ ${message}`, tone: 'medium' }];
  }
}

function optionsLine(options: readonly string[]): Line {
  if (options.length === 0) return line(' Enter applies it, Esc leaves it as it was', { tone: 'quiet' });
  return line(` Tab: ${options.slice(0, 12).join('  ')}`, { tone: 'quiet' });
}
