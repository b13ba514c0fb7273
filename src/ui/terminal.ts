import { constants } from 'node:os';
import { type Instance, render } from 'ink';
import { createElement } from 'react';
import { ChargetapeError } from '../errors.ts';
import { App } from './app.ts';
import { Keyboard } from './keyboard.ts';
import { type Goals, type Outside, Whole } from './whole.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Frames a second at most. A key whose rows come from the reading thread is shown in the second frame after it. */
const MAX_FPS = 60;

/** After a stop, the terminal is the shell's for so long before it is taken back, ms. */
const SUSPENDED_MS = 50;

/** The terminal's size is taken for settled when it was the same for so long, ms. */
const SETTLED_MS = 60;
/** Begins synchronized output (mode 2026), which the end of Ink's next frame ends: terminals that know it never show an empty screen. */
const BEGUN = '\u001b[?2026h';
/** Cursor to the first row, and everything away from there. */
const ERASED = '\u001b[H\u001b[J';

/** What an interface is shown with. */
export interface Showing {
  /** Opens the first screen. */
  begin(whole: Whole): void;
  goals?: Goals;
  /** Asked when the reader quits; true when it may end at once. */
  mayQuit?(whole: Whole): boolean;
  /** Told once the interface can be ended from outside. */
  onShown?(end: () => void): void;
}

/**
 * Shows screens on the terminal until the reader quits. Needs a terminal on stdin and stdout, and gives it back as it was, after a
 * crash too (SCREENS_FAILED). On a signal (Ctrl-C is one) it resolves when the caller listens for that signal, else the process ends
 * with 128 + the signal's number.
 */
export async function showScreens(showing: Showing): Promise<void> {
  // Counted first: Ink and what it stands on listen for signals themselves.
  const heard = new Set<string>(SIGNALS.filter((signal) => process.listenerCount(signal) > 0));
  const terminal = new Terminal(showing);
  const onSignal = (signal: NodeJS.Signals) => {
    terminal.end();
    if (!heard.has(signal)) process.exit(128 + constants.signals[signal]);
  };
  const onCrash = (error: unknown) => terminal.fail(error);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onCrash);
  try {
    await terminal.ended;
  } catch (cause) {
    throw new ChargetapeError('SCREENS_FAILED', `The screens have failed: ${mistakeOf(cause)}.`, { cause });
  } finally {
    process.off('uncaughtException', onCrash);
    for (const signal of SIGNALS) process.off(signal, onSignal);
    terminal.whole.close();
  }
}

/** What went wrong and where, in half a sentence. */
function mistakeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const at = /^ +at (?:.*\()?([^()]+:\d+):\d+\)?$/m.exec(error.stack ?? '')?.[1];
  return `${error.message}${at === undefined ? '' : ` (${at})`}`;
}

/** Ink on a terminal, and the interface in it; it can be put aside and taken up again. */
class Terminal implements Outside {
  readonly whole: Whole;
  readonly ended: Promise<void>;
  readonly #showing: Showing;
  readonly #keyboard = new Keyboard(process.stdin);
  #ink: Instance | null = null;
  #settling: NodeJS.Timeout | undefined;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(showing: Showing) {
    this.#showing = showing;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const size = { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
    this.whole = new Whole(this, size, showing.goals);
    showing.begin(this.whole);
    this.#draw();
    process.stdout.on('resize', this.#resized);
    showing.onShown?.(() => this.end());
  }

  write(text: string): void {
    process.stdout.write(text);
  }

  interrupt(): void {
    process.kill(process.pid, 'SIGINT');
  }

  /** Ends what is shown because of a mistake of our own. */
  fail(error: unknown): void {
    this.#reject(error);
    this.end();
  }

  /** Ends what is shown. */
  end(): void {
    process.stdout.off('resize', this.#resized);
    clearTimeout(this.#settling);
    this.#putAside();
    this.#resolve();
  }

  /**
   * The whole process group stops, as the shell expects it; a recorder has a group of its own and goes on. Time stands still meanwhile, so
   * the timer draws when it is continued; at once, where no shell could ever do that and the signal is ignored.
   */
  suspend(): void {
    this.#putAside();
    setTimeout(() => this.#draw(), SUSPENDED_MS);
    process.kill(0, 'SIGTSTP');
  }

  mayQuit(): boolean {
    return this.#showing.mayQuit?.(this.whole) ?? true;
  }

  readonly #resized = (): void => {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#repaint(), SETTLED_MS);
  };

  /** Ink counts rows from where it left the cursor, and a resize moves that: from the first row on all is drawn anew. */
  #repaint(): void {
    if (!this.#ink) return;
    process.stdout.write(BEGUN);
    this.#ink.clear();
    process.stdout.write(ERASED);
    this.whole.repaint();
  }

  #putAside(): void {
    const ink = this.#ink;
    this.#ink = null;
    ink?.unmount();
    this.#keyboard.setRawMode(false);
  }

  /** Keys are ours before the first frame: Ink sets raw mode after it, and what is typed in between would be written across it. */
  #draw(): void {
    this.#keyboard.setRawMode(true);
    const ink = render(createElement(App, { whole: this.whole }), {
      alternateScreen: true,
      interactive: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      stdin: this.#keyboard as unknown as NodeJS.ReadStream,
      maxFps: MAX_FPS,
    });
    this.#ink = ink;
    ink.waitUntilExit().then(
      () => {
        if (this.#ink === ink) this.#resolve();
      },
      (error: unknown) => this.#reject(error),
    );
  }
}
