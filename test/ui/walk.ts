import { KEYS } from '../../src/ui/keys.ts';
import type { ScreenName } from '../../src/ui/screen-names.ts';
import type { Terminal } from '../support/terminal.ts';

/** What a terminal sends for the keys that are no characters. */
const BYTES: Record<string, string> = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  return: '\r',
  escape: '\u001b',
  backspace: '\u007f',
  tab: '\t',
  'ctrl-b': '\u0002',
  'ctrl-c': '\u0003',
  'ctrl-f': '\u0006',
  'ctrl-p': '\u0010',
  'ctrl-z': '\u001a',
};

/** A key that has shown nothing for so long will not, ms. */
const PATIENCE_MS = 10_000;

/** Presses keys on the screens of a real terminal, and knows which it has pressed where. */
export class Walk {
  readonly #terminal: Terminal;
  readonly #pressed = new Set<string>();
  screen: ScreenName;

  constructor(terminal: Terminal, screen: ScreenName) {
    this.#terminal = terminal;
    this.screen = screen;
  }

  /** Presses a key on the present screen and waits until the terminal shows what it should. */
  async key(name: string, shows: RegExp, to: ScreenName = this.screen): Promise<void> {
    this.#pressed.add(`${this.screen} ${name}`);
    this.#terminal.press(BYTES[name] ?? name);
    await this.#shows(`${name} on ${this.screen}`, shows);
    this.screen = to;
  }

  /** Types into a prompt, where keys are no commands. */
  async type(text: string, shows: RegExp): Promise<void> {
    this.#terminal.press(text);
    await this.#shows(`typing ${JSON.stringify(text)}`, shows);
  }

  /** Waits until the terminal shows this. */
  async sees(what: RegExp): Promise<void> {
    await this.#shows('the screen', what);
  }

  /** Waits until what is on the screen was the same for some frames: late answers of the reading thread have come then. */
  async settles(): Promise<void> {
    for (let before = '', same = 0; same < 3; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = this.#terminal.rows().join('\n');
      same = now === before && this.#terminal.isWhole ? same + 1 : 0;
      before = now;
    }
  }

  /** Fails with what is on the screen, long before the test's own time is over. */
  async #shows(what: string, shows: RegExp): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      const fail = () =>
        reject(new Error(`${what} does not show ${shows}:\n${this.#terminal.rows().join('\n')}`));
      timer = setTimeout(fail, PATIENCE_MS);
    });
    try {
      await Promise.race([this.#terminal.shows(shows), patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The pages and prompts that lie over every screen: `help` is the title of its keys. */
  async pages(help: RegExp): Promise<void> {
    for (const [name, shows] of [
      ['?', help],
      [':', /do:/],
      ['ctrl-p', /do:/],
    ] as const) {
      await this.key(name, shows);
      await this.type(BYTES.escape ?? '', /(a accept|y copy) .*q quit/);
    }
  }

  /** Each key that moves, on a list or page that is longer than the screen; ends where it began. */
  async moves(): Promise<void> {
    await this.sees(/\d\/[\d,]+$/);
    for (const [forth, back] of [
      ['down', 'up'],
      ['j', 'k'],
      ['pageDown', 'pageUp'],
      [' ', 'ctrl-b'],
      ['ctrl-f', 'pageUp'],
      ['end', 'home'],
      ['G', 'g'],
    ] as const) {
      const first = this.position();
      await this.key(forth, otherThan(first));
      await this.key(back, at(first));
    }
  }

  /** Where the window stands, as the footer says. */
  position(): string {
    return /(\S+\/\S+)$/.exec(this.#terminal.rows().at(-1) ?? '')?.[1] ?? '';
  }

  /** Keys of these screens that were not pressed on them, but for some. */
  missing(screens: readonly ScreenName[], except: readonly string[] = []): string[] {
    return screens
      .flatMap((screen) =>
        KEYS.filter((key) => key.on.includes(screen)).flatMap((key) =>
          key.keys.map((name) => `${screen} ${name}`),
        ),
      )
      .filter((one) => !this.#pressed.has(one) && !except.includes(one.split(' ').slice(1).join(' ')));
  }
}

function at(position: string): RegExp {
  return new RegExp(`(?<![\\d,])${position.replace(/[/.+*]/g, '\\$&')}$`);
}

function otherThan(position: string): RegExp {
  return new RegExp(`^(?!(?:.|\\n)*(?<![\\d,])${position.replace(/[/.+*]/g, '\\$&')}$)(?:.|\\n)*\\/[\\d,]+$`);
}
