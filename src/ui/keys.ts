import type { Command, Screen } from './state.ts';

/** One row of the key table. */
export interface KeyBinding {
  command: Command;
  /** Names as `keyNames` gives them. */
  keys: readonly string[];
  /** How the keys are written on the screen. */
  label: string;
  /** What the help says. */
  does: string;
  /** What the footer says; keys without are only in the help. */
  short?: string;
  /** Screens on which it works. */
  on: readonly Screen[];
}

const EVERYWHERE: readonly Screen[] = ['list', 'detail', 'summary', 'help'];
const FINDINGS: readonly Screen[] = ['list', 'detail'];
const PAGES: readonly Screen[] = ['detail', 'summary', 'help'];

/** The one key table: the handler, the footer and the help read it. */
export const KEYS: readonly KeyBinding[] = [
  { command: 'up', keys: ['up', 'k'], label: '↑ k', does: 'one line up', on: EVERYWHERE },
  { command: 'down', keys: ['down', 'j'], label: '↓ j', does: 'one line down', on: EVERYWHERE },
  { command: 'pageUp', keys: ['pageUp', 'ctrl-b'], label: 'PgUp', does: 'one page up', on: EVERYWHERE },
  {
    command: 'pageDown',
    keys: ['pageDown', 'ctrl-f', ' '],
    label: 'PgDn Space',
    does: 'one page down',
    on: EVERYWHERE,
  },
  { command: 'first', keys: ['home', 'g'], label: 'g Home', does: 'to the beginning', on: EVERYWHERE },
  { command: 'last', keys: ['end', 'G'], label: 'G End', does: 'to the end', on: EVERYWHERE },
  {
    command: 'open',
    keys: ['return'],
    label: 'Enter',
    does: 'the two payloads of this finding',
    short: 'payloads',
    on: ['list'],
  },
  { command: 'back', keys: ['escape', 'backspace'], label: 'Esc', does: 'back', short: 'back', on: PAGES },
  { command: 'next', keys: ['n'], label: 'n', does: 'next finding', short: 'next', on: FINDINGS },
  {
    command: 'previous',
    keys: ['N', 'p'],
    label: 'N p',
    does: 'previous finding',
    short: 'previous',
    on: FINDINGS,
  },
  {
    command: 'raw',
    keys: ['tab'],
    label: 'Tab',
    does: 'exact text or laid-out JSON',
    short: 'raw/pretty',
    on: ['detail'],
  },
  {
    command: 'nextExample',
    keys: ['right', 'l'],
    label: '→ l',
    does: 'next example of this finding',
    on: ['detail'],
  },
  { command: 'previousExample', keys: ['left', 'h'], label: '← h', does: 'previous example', on: ['detail'] },
  {
    command: 'summary',
    keys: ['i'],
    label: 'i',
    does: 'what was compared, and what was not',
    short: 'summary',
    on: EVERYWHERE,
  },
  { command: 'help', keys: ['?'], label: '?', does: 'this help', short: 'help', on: EVERYWHERE },
  { command: 'quit', keys: ['q'], label: 'q', does: 'quit', short: 'quit', on: EVERYWHERE },
  { command: 'interrupt', keys: ['ctrl-c'], label: 'Ctrl-C', does: 'quit as on SIGINT', on: EVERYWHERE },
];

/** The command of a key on a screen; null when it has none there. */
export function commandOf(name: string, screen: Screen): Command | null {
  return KEYS.find((key) => key.keys.includes(name) && key.on.includes(screen))?.command ?? null;
}

/** What Ink tells of a key press, as far as the table needs it. */
type InkKey = Partial<Record<(typeof NAMED)[number][0], boolean>> & { ctrl?: boolean };

const NAMED = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageUp'],
  ['pageDown', 'pageDown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'return'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
] as const;

const TYPED: Record<string, string> = {
  '\r': 'return',
  '\n': 'return',
  '\t': 'tab',
  '\u0003': 'ctrl-c',
  '\u001b': 'escape',
  '\u007f': 'backspace',
};

/** Names of the keys in one read of the terminal: a slow line delivers several typed characters at once. */
export function keyNames(input: string, key: InkKey): string[] {
  const named = NAMED.find(([flag]) => key[flag]);
  if (named) return [named[1]];
  if (key.ctrl) return [`ctrl-${input}`];
  return [...input].map((character) => TYPED[character] ?? character);
}
