import { type Command, KEYS, type KeyBinding } from '../keys.ts';
import { type Line, lineWidth } from '../line.ts';
import type { LayerName, ScreenName } from '../screen-names.ts';

/** Keys of the layers that take text, which are not in the table. */
const TYPING: Partial<Record<LayerName, readonly [string, string][]>> = {
  filter: [
    ['Enter', 'apply'],
    ['Tab', 'complete'],
    ['Ctrl-U', 'clear'],
    ['Esc', 'leave as it was'],
  ],
  palette: [
    ['Enter', 'do it'],
    ['↑↓', 'choose'],
    ['Esc', 'close'],
  ],
  accept: [
    ['Enter', 'accept'],
    ['↑↓', 'scope'],
    ['Esc', 'leave as it was'],
  ],
  ask: [],
};

/** The keys worth knowing on this screen, and how far the window has come; what does not fit is left to the help. */
export function footerLine(
  on: ScreenName | LayerName,
  position: string,
  columns: number,
  isPossible: (command: Command) => boolean,
): Line {
  const typing = TYPING[on as LayerName];
  const end = position === '' ? '' : `${position} `;
  const keys = typing
    ? typing.map(([label, short]) => keyLine(label, short, true))
    : fitting(on, columns - 1 - end.length).map((key) =>
        keyLine(key.label.split(' ')[0] ?? '', key.short ?? '', isPossible(key.command)),
      );
  const parts: Line = [{ text: ' ' }, ...keys.flat()];
  const gap = Math.max(0, columns - lineWidth(parts) - end.length);
  return [...parts, { text: ' '.repeat(gap) }, { text: end, tone: 'quiet' }];
}

/** Keys that fit, in the order of the table; help and quit before any other. */
function fitting(on: ScreenName | LayerName, columns: number): KeyBinding[] {
  const candidates = KEYS.filter((key) => key.short !== undefined && key.on.includes(on));
  const kept = new Set<KeyBinding>();
  let free = columns;
  for (const key of [...candidates.filter(isVital), ...candidates.filter((each) => !isVital(each))]) {
    free -= lineWidth(keyLine(key.label.split(' ')[0] ?? '', key.short ?? '', true));
    if (free < 0) break;
    kept.add(key);
  }
  return candidates.filter((key) => kept.has(key));
}

function isVital(key: KeyBinding): boolean {
  return key.command === 'help' || key.command === 'quit';
}

function keyLine(label: string, short: string, isPossible: boolean): Line {
  return [
    { text: label, tone: isPossible ? 'accent' : 'quiet', strong: isPossible },
    { text: ` ${short}  `, tone: 'quiet' },
  ];
}
