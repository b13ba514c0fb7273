import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** Neighbouring cells of one look. */
export interface Run {
  row: number;
  column: number;
  text: string;
  /** Columns that it takes. */
  span: number;
  /** Of the terminal's palette; null for its own. */
  colour: number | null;
  isBold: boolean;
  isDim: boolean;
  isInverse: boolean;
}

/** A program in a real pseudo-terminal, and the screen it has drawn. */
export class Terminal {
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly #pty: ReturnType<typeof spawn>;
  readonly #waiting = new Set<() => void>();
  /** What the program has written, piece by piece, and when (ms). */
  readonly chunks: { ms: number; text: string }[] = [];
  #isWhole = true;
  #drawn: Promise<void> = Promise.resolve();
  readonly exited: Promise<{ exitCode: number; signal: number }>;

  constructor(
    file: string,
    args: string[],
    size: { columns: number; rows: number },
    env: NodeJS.ProcessEnv = {},
    cwd?: string,
  ) {
    const { columns: cols, rows } = size;
    this.#screen = new xterm.Terminal({ cols, rows, allowProposedApi: true });
    // Ink prints only the last frame where CI is set, whatever its value.
    const { CI: _, NO_COLOR: __, ...rest } = process.env;
    const everything = { ...rest, TERM: 'xterm-256color', ...env };
    this.#pty = spawn(file, args, {
      name: 'xterm-256color',
      cols,
      rows,
      env: everything,
      ...(cwd !== undefined && { cwd }),
    });
    let isDrawing = false;
    this.#pty.onData((data) => {
      this.chunks.push({ ms: performance.now(), text: data });
      // Between these two (synchronized output, mode 2026) the screen is half drawn.
      const [begin, end] = [data.lastIndexOf('\u001b[?2026h'), data.lastIndexOf('\u001b[?2026l')];
      if (begin !== end) isDrawing = begin > end;
      const isWhole = !isDrawing;
      this.#drawn = this.#drawn.then(() => this.#draw(data, isWhole));
    });
    this.exited = new Promise((resolve) =>
      this.#pty.onExit(({ exitCode, signal }) => {
        void this.#drawn.then(() => resolve({ exitCode, signal: signal ?? 0 }));
      }),
    );
  }

  /** One piece after the other, so that who waited for what a piece shows has looked before the next changes it. */
  #draw(data: string, isWhole: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#screen.write(data, () => {
        this.#isWhole = isWhole;
        if (isWhole) for (const look of this.#waiting) look();
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** All that the program has written, control sequences included. */
  get raw(): string {
    return this.chunks.map(({ text }) => text).join('');
  }

  /** Whether the screen is whole: no frame is half written. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether the alternate screen is shown, as in an editor. */
  get isAlternate(): boolean {
    return this.#screen.buffer.active.type === 'alternate';
  }

  /** The rows of the screen, without blanks at their ends. */
  rows(): string[] {
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, row) => {
      return (active.getLine(active.viewportY + row)?.translateToString(true) ?? '').trimEnd();
    });
  }

  /** What is on the screen and how it looks: runs of one look, by their place. */
  cells(): { columns: number; rows: number; cells: Run[] } {
    const { active } = this.#screen.buffer;
    const { cols: columns, rows } = this.#screen;
    const cells: Run[] = [];
    for (let row = 0; row < rows; row++) {
      const line = active.getLine(active.viewportY + row);
      let last: Run | null = null;
      for (let column = 0; column < columns; column++) {
        const cell = line?.getCell(column);
        if (!cell || cell.getWidth() === 0) continue;
        const look = {
          colour: cell.isFgDefault() ? null : cell.getFgColor(),
          isBold: cell.isBold() !== 0,
          isDim: cell.isDim() !== 0,
          isInverse: cell.isInverse() !== 0,
        };
        const text = cell.getChars() || ' ';
        const isSame =
          last !== null &&
          Object.entries(look).every(([key, value]) => last?.[key as keyof typeof look] === value);
        if (last !== null && isSame) {
          last.text += text;
          last.span += cell.getWidth();
        } else {
          last = { row, column, text, span: cell.getWidth(), ...look };
          cells.push(last);
        }
      }
    }
    return { columns, rows, cells };
  }

  /** Types keys as a person would. */
  press(keys: string): void {
    this.#pty.write(keys);
  }

  resize(size: { columns: number; rows: number }): void {
    this.#screen.resize(size.columns, size.rows);
    this.#pty.resize(size.columns, size.rows);
  }

  /** Resolves when the screen shows this; fails with the screen's text when the program ends before. */
  async shows(what: RegExp): Promise<string[]> {
    const isShown = () => this.#isWhole && what.test(this.rows().join('\n'));
    let look = () => {};
    const shown = new Promise<boolean>((resolve) => {
      look = () => {
        if (isShown()) resolve(true);
      };
      this.#waiting.add(look);
      look();
    });
    const ended = this.exited.then(isShown);
    const found = await Promise.race([shown, ended]);
    this.#waiting.delete(look);
    if (!found) throw new Error(`The program ended without showing ${what}:\n${this.rows().join('\n')}`);
    return this.rows();
  }

  /** Ends the program if it still runs. */
  async close(): Promise<void> {
    try {
      this.#pty.kill('SIGKILL');
    } catch {
      // It has ended already.
    }
    await this.exited;
    this.#screen.dispose();
  }
}
