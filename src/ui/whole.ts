import { type Command, commandOf, KEYS } from './keys.ts';
import { FilterPrompt } from './layers/filter-prompt.ts';
import { HelpPage } from './layers/help-page.ts';
import { Palette } from './layers/palette.ts';
import { fit, type Line, line } from './line.ts';
import type { Desk, Layer, Screen, Size } from './screen.ts';
import { footerLine } from './screens/footer.ts';

/** What the interface asks of the terminal that it stands on. */
export interface Outside {
  /** Writes control characters past the screen (OSC 52). */
  write(text: string): void;
  /** SIGINT, as the key says. */
  interrupt(): void;
  /** To the shell, until it brings us back. */
  suspend(): void;
  /** Asked when the reader quits: true to end, false when it asks something first. */
  mayQuit(): boolean;
  /** Ends what is shown. */
  end(): void;
}

/** Which screens the number keys go to: a screen to open, or why there is none. */
export type Goals = Partial<Record<Command, () => Screen | string>>;

/** The whole interface without a terminal: screens on each other, a layer over them, keys in and lines out. */
export class Whole implements Desk {
  readonly #outside: Outside;
  readonly #goals: Goals;
  readonly #screens: Screen[] = [];
  readonly #listeners = new Set<() => void>();
  #layer: Layer | null = null;
  #told: { text: string; isTrouble: boolean } | null = null;
  /** Turns with each repaint: a frame that is equal to the last is not written. */
  #isOdd = false;
  size: Size;

  constructor(outside: Outside, size: Size, goals: Goals = {}) {
    this.#outside = outside;
    this.size = size;
    this.#goals = goals;
  }

  /** The screen that is shown. */
  get screen(): Screen {
    return this.#screens.at(-1)!;
  }

  get layer(): Layer | null {
    return this.#layer;
  }

  onRedraw(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  redraw(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Draws all of it again, even what has not changed. */
  repaint(): void {
    this.#isOdd = !this.#isOdd;
    this.redraw();
  }

  open(screen: Screen): void {
    this.#screens.push(screen);
    this.#layer = null;
    this.redraw();
  }

  back(): void {
    if (this.#screens.length < 2) return;
    this.#screens.pop()?.close?.();
    this.screen.resume?.();
    this.redraw();
  }

  /** Takes all screens but the first away. */
  backToFirst(): void {
    while (this.#screens.length > 1) this.#screens.pop()?.close?.();
    this.screen.resume?.();
  }

  lay(layer: Layer): void {
    this.#layer = layer;
    this.redraw();
  }

  lift(): void {
    this.#layer = null;
    this.redraw();
  }

  tell(text: string, isTrouble = false): void {
    this.#told = { text, isTrouble };
    this.redraw();
  }

  copy(text: string, what: string): void {
    // Terminals drop longer ones (xterm's own limit is about 100 kB of base64).
    const kept = text.slice(0, 70_000);
    this.#outside.write(`\u001b]52;c;${Buffer.from(kept).toString('base64')}\u0007`);
    this.tell(
      `copied ${what}${kept === text ? '' : ', only its first 70 kB'} (if this terminal allows OSC 52)`,
    );
  }

  quit(): void {
    this.#outside.end();
  }

  resize(size: Size): void {
    this.size = size;
  }

  close(): void {
    for (const screen of this.#screens.splice(0)) screen.close?.();
  }

  /** Takes a key by its name. */
  press(key: string): void {
    this.#told = null;
    if (key === 'ctrl-c') this.#outside.interrupt();
    else if (key === 'ctrl-z') this.#outside.suspend();
    else if (this.#layer) this.#layer.press(key);
    else {
      const command = commandOf(key, this.screen.name);
      if (command) this.do(command);
      else this.#unknown(key);
    }
    this.redraw();
  }

  /** Does what a key or the palette asks for; says why when it cannot. */
  do(command: Command): void {
    const refusal = this.refuses(command);
    if (refusal !== null) {
      this.tell(refusal, true);
      return;
    }
    switch (command) {
      case 'help':
        this.lay(new HelpPage(this, this.screen.name));
        break;
      case 'palette':
        this.lay(
          new Palette(
            this,
            this.screen.name,
            (chosen) => this.do(chosen),
            (one) => this.refuses(one),
          ),
        );
        break;
      case 'filter':
        this.lay(new FilterPrompt(this, this.screen.filter!));
        break;
      case 'interrupt':
        this.#outside.interrupt();
        break;
      case 'suspend':
        this.#outside.suspend();
        break;
      case 'quit':
        if (this.#outside.mayQuit()) this.quit();
        return;
      case 'back':
        if (this.screen.filter && this.screen.filter.text !== '')
          this.screen.filter.apply('', { type: 'all' });
        else this.back();
        return;
      case 'live':
      case 'session':
      case 'replay':
      case 'findings':
        this.#goTo(command);
        break;
      default:
        this.screen.run(command);
        break;
    }
  }

  /** Why a command would do nothing now; null when it would do something. */
  refuses(command: Command): string | null {
    if (command === 'filter') return this.screen.filter ? null : 'this screen has nothing to filter';
    if (command === 'back') {
      const hasFilter = this.screen.filter !== undefined && this.screen.filter.text !== '';
      return hasFilter || this.#screens.length > 1 ? null : 'this is the first screen: q quits';
    }
    if (['help', 'palette', 'interrupt', 'suspend', 'quit'].includes(command)) return null;
    if (['live', 'session', 'replay', 'findings'].includes(command)) {
      if (this.screen.name === command) return 'this is it already';
      const goal = this.#goals[command];
      return goal ? null : NO_GOAL[command as keyof typeof NO_GOAL];
    }
    return this.screen.refuses(command);
  }

  /** The whole screen, exactly as many lines as the terminal has rows. */
  lines(): Line[] {
    const { columns, rows } = this.size;
    const layer = this.#layer;
    const prompt = layer && !layer.isPage ? layer.lines({ columns, rows: rows - 1 }) : [];
    const shownPrompt = prompt.slice(0, Math.max(1, rows - 1));
    const room = { columns, rows: Math.max(0, rows - 1 - shownPrompt.length) };
    const content = layer?.isPage ? layer.lines(room) : this.screen.lines(room);
    const filled = Array.from({ length: room.rows }, (_, row) => content[row] ?? line(''));
    // The footer comes last: where a window stands is known when its lines are.
    const bottom = this.#marked(this.#told ? this.#toldLine(columns) : this.#footer(columns));
    return [...filled, ...shownPrompt, bottom].slice(0, rows).map((each) => fit(each, columns));
  }

  /** The last line with a first blank that is bold at every other repaint: nobody sees it, and the frame is another. */
  #marked([first, ...rest]: Line): Line {
    if (!first?.text.startsWith(' ')) return first ? [first, ...rest] : rest;
    return [{ text: ' ', strong: this.#isOdd }, { ...first, text: first.text.slice(1) }, ...rest];
  }

  #footer(columns: number): Line {
    const layer = this.#layer;
    if (layer && !layer.isPage) return footerLine(layer.name, '', columns, () => true);
    const position = layer ? (layer.position ?? '') : this.screen.position;
    return footerLine(
      layer?.name ?? this.screen.name,
      position,
      columns,
      (one) => layer !== null || this.refuses(one) === null,
    );
  }

  #toldLine(columns: number): Line {
    const { text, isTrouble } = this.#told!;
    return fit([{ text: ` ${isTrouble ? '! ' : ''}${text}`, tone: isTrouble ? 'medium' : 'good' }], columns);
  }

  #goTo(command: Command): void {
    const goal = this.#goals[command]?.();
    if (goal === undefined) return;
    if (typeof goal === 'string') this.tell(goal, true);
    else if (this.#screens.includes(goal)) {
      while (this.screen !== goal) this.#screens.pop()?.close?.();
      this.screen.resume?.();
    } else this.open(goal);
  }

  #unknown(key: string): void {
    const elsewhere = KEYS.find((one) => one.keys.includes(key));
    const name = key === ' ' ? 'Space' : key;
    if (elsewhere) this.tell(`${name} (${elsewhere.does}) does nothing on this screen`, true);
    else if (key.length === 1) this.tell(`${name} does nothing here: ? lists the keys`, true);
  }
}

const NO_GOAL = {
  live: 'there is no recording to show chargers of',
  session: 'select a charger first (1), then Enter',
  replay: 'this is no replay: start one with chargetape replay',
  findings: 'nothing was compared: start with chargetape ui RECORDING CANDIDATE',
} as const;
