import type { Comparison } from '../diff/finding.ts';
import { type Line, line } from './line.ts';
import { detailBody, detailHead } from './screens/finding-detail.ts';
import { findingListLines, listRows } from './screens/finding-list.ts';
import { footerLine } from './screens/footer.ts';
import { helpLines, summaryLines } from './screens/pages.ts';
import { type Room, type State, shownScreen } from './state.ts';

/** Columns and rows of the terminal. */
export interface Size {
  columns: number;
  rows: number;
}

/** A page that scrolls under a head that does not. */
interface Page {
  head: Line[];
  body: Line[];
  /** Rows of the window over `body`. */
  rows: number;
}

/** One comparison on a terminal of one size: what the state can move in, and the lines that show it. */
export class View implements Room {
  readonly #comparison: Comparison;
  readonly #size: Size;
  readonly #pages = new Map<string, Page>();

  constructor(comparison: Comparison, size: Size) {
    this.#comparison = comparison;
    this.#size = size;
  }

  get findings(): number {
    return this.#comparison.findings.length;
  }

  get listRows(): number {
    return listRows(this.#comparison, this.#size.columns, this.#size.rows - 1);
  }

  examples(state: State): number {
    return this.#comparison.findings[state.selected]?.examples.length ?? 0;
  }

  page(state: State): { lines: number; rows: number } {
    const { body, rows } = this.#page(state);
    return { lines: body.length, rows };
  }

  /** The whole screen, exactly as many lines as the terminal has rows. */
  lines(state: State): Line[] {
    const { columns, rows } = this.#size;
    const screen = shownScreen(state);
    const content = screen === 'list' ? this.#listContent(state) : this.#pageContent(state);
    const filled = Array.from({ length: Math.max(0, rows - 1) }, (_, row) => content.lines[row] ?? line(''));
    return [...filled, footerLine(screen, content.position, columns)];
  }

  #listContent(state: State): { lines: Line[]; position: string } {
    const lines = findingListLines(this.#comparison, state, this.#size.columns, this.#size.rows - 1);
    return { lines, position: '' };
  }

  #pageContent(state: State): { lines: Line[]; position: string } {
    const { head, body, rows } = this.#page(state);
    const last = Math.max(0, body.length - rows);
    const top = Math.min(state.overlay ? state.overlayScroll : state.scroll, last);
    const position = last === 0 ? '' : `${top + 1}–${Math.min(top + rows, body.length)}/${body.length}`;
    return { lines: [...head, ...body.slice(top, top + rows)], position };
  }

  /** The page of a state, laid out once: a payload of 64 kB takes some milliseconds. */
  #page(state: State): Page {
    const key = JSON.stringify([state.overlay, state.screen, state.selected, state.example, state.raw]);
    const known = this.#pages.get(key);
    if (known) return known;
    const { head, body } = this.#layOut(state);
    const page = { head, body, rows: Math.max(1, this.#size.rows - 1 - head.length) };
    this.#pages.clear();
    this.#pages.set(key, page);
    return page;
  }

  #layOut(state: State): { head: Line[]; body: Line[] } {
    const { columns } = this.#size;
    if (state.overlay === 'help') return { head: [], body: helpLines(state.screen) };
    if (state.overlay === 'summary') return { head: [], body: summaryLines(this.#comparison, columns) };
    const finding = this.#comparison.findings[state.selected];
    if (finding === undefined) return { head: [], body: [] };
    return {
      head: detailHead(finding, state, this.findings, columns),
      body: detailBody(finding, state, columns),
    };
  }
}
