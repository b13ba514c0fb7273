import { KEYS, type KeyBinding } from '../keys.ts';
import { type Line, lineWidth } from '../line.ts';
import type { Screen } from '../state.ts';

/** The keys worth knowing on this screen, and how far the window has come; what does not fit is left to the help. */
export function footerLine(screen: Screen, position: string, columns: number): Line {
  const end = position === '' ? '' : `${position} `;
  const keys = fitting(screen, columns - 1 - end.length);
  const parts: Line = [{ text: ' ' }, ...keys.flatMap(keyLine)];
  const gap = Math.max(0, columns - lineWidth(parts) - end.length);
  return [...parts, { text: ' '.repeat(gap) }, { text: end, tone: 'quiet' }];
}

/** Keys that fit, in the order of the table; help and quit before any other. */
function fitting(screen: Screen, columns: number): KeyBinding[] {
  const candidates = KEYS.filter((key) => key.short !== undefined && key.on.includes(screen));
  const kept = new Set<KeyBinding>();
  let free = columns;
  for (const key of [...candidates.filter(isVital), ...candidates.filter((each) => !isVital(each))]) {
    free -= lineWidth(keyLine(key));
    if (free < 0) break;
    kept.add(key);
  }
  return candidates.filter((key) => kept.has(key));
}

function isVital(key: KeyBinding): boolean {
  return key.command === 'help' || key.command === 'quit';
}

function keyLine(key: KeyBinding): Line {
  return [
    { text: key.label.split(' ')[0] ?? '', tone: 'accent', strong: true },
    { text: ` ${key.short}  `, tone: 'quiet' },
  ];
}
