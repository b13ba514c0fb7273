import { commandOf, KEYS } from '../keys.ts';
import type { Line } from '../line.ts';
import { line } from '../line.ts';
import { PageWindow } from '../list-window.ts';
import type { Desk, Layer, Size } from '../screen.ts';
import type { ScreenName } from '../screen-names.ts';
import { SEVERITIES } from '../theme.ts';

const TITLES: Record<ScreenName, string> = {
  live: 'Keys in the list of chargers',
  session: 'Keys in the ladder of a charger',
  message: 'Keys in a message',
  replay: 'Keys in the replay',
  findings: 'Keys in the findings',
  finding: 'Keys in a finding',
};

/** The keys of a screen, from the key table. */
export class HelpPage implements Layer {
  readonly name = 'help';
  readonly isPage = true;
  readonly #desk: Desk;
  readonly #lines: Line[];
  readonly #window = new PageWindow();
  #rows = 1;

  constructor(desk: Desk, screen: ScreenName) {
    this.#desk = desk;
    this.#lines = helpLines(screen);
  }

  get position(): string {
    return this.#window.position(this.#rows, this.#lines.length);
  }

  lines({ rows }: Size): Line[] {
    this.#rows = rows;
    return this.#lines.slice(this.#window.top, this.#window.top + rows);
  }

  press(key: string): void {
    const command = commandOf(key, 'help');
    if (command === 'back' || command === 'help' || command === 'quit') this.#desk.lift();
    else if (command) this.#window.move(command, this.#rows, this.#lines.length);
  }
}

/** The help for a screen. */
export function helpLines(screen: ScreenName): Line[] {
  const keys = KEYS.filter((key) => key.on.includes(screen));
  const signs = Object.entries(SEVERITIES).map(([severity, { sign, tone }]) => [
    { text: `  ${sign.padEnd(14)}`, tone },
    { text: `${severity} severity` },
  ]);
  return [
    line(` ${TITLES[screen]}`, { strong: true }),
    line(''),
    ...keys.map((key) => [
      { text: `  ${key.label.padEnd(14)}`, tone: 'accent' as const },
      { text: key.does },
    ]),
    line(''),
    line(' Signs', { strong: true }),
    line(''),
    ...signs,
    ...(screen === 'finding' || screen === 'findings' ? SIDES : []),
  ];
}

const SIDES: Line[] = [
  [{ text: '  -             ', tone: 'baseline' }, { text: 'only so in the baseline' }],
  [
    { text: '  +             ', tone: 'candidate' },
    { text: 'only so in the candidate; inverse where the finding is' },
  ],
];
