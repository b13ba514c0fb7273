import type { LayerName, ScreenName } from './screen-names.ts';

/** What a key can ask for. */
export type Command =
  | ('up' | 'down' | 'pageUp' | 'pageDown' | 'first' | 'last' | 'left' | 'right')
  | ('open' | 'back' | 'next' | 'previous' | 'divergence' | 'pane' | 'raw' | 'order')
  | ('filter' | 'follow' | 'copy' | 'copyCommand' | 'export' | 'report')
  | ('accept' | 'acceptAll' | 'reject' | 'skip' | 'undo')
  | ('live' | 'session' | 'replay' | 'findings' | 'summary')
  | ('help' | 'palette' | 'quit' | 'interrupt' | 'suspend');

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
  /** Screens and pages on which it works. */
  on: readonly (ScreenName | LayerName)[];
}

const LISTS = ['live', 'session', 'findings'] as const;
const SCREENS = [...LISTS, 'message', 'replay', 'finding'] as const;
const PAGES = ['help', 'summary'] as const;
const EVERYWHERE = [...SCREENS, ...PAGES] as const;

/** The one key table: the handler, the footer, the help, the palette and the README read it. */
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
    command: 'left',
    keys: ['left', 'h'],
    label: '← h',
    does: 'back to the left, or the example before',
    on: ['live', 'session', 'message', 'finding'],
  },
  {
    command: 'right',
    keys: ['right', 'l'],
    label: '→ l',
    does: 'further to the right, or the next example',
    on: ['live', 'session', 'message', 'finding'],
  },
  {
    command: 'open',
    keys: ['return'],
    label: 'Enter',
    does: 'into what is selected',
    short: 'open',
    on: ['live', 'session', 'findings', 'finding', 'replay'],
  },
  {
    command: 'back',
    keys: ['escape', 'backspace'],
    label: 'Esc',
    does: 'out of it: back, or the filter away',
    short: 'back',
    on: [...SCREENS, ...PAGES],
  },
  {
    command: 'filter',
    keys: ['/'],
    label: '/',
    does: 'filter; the expression stays and can be edited',
    short: 'filter',
    on: LISTS,
  },
  {
    command: 'next',
    keys: ['n'],
    label: 'n',
    does: 'next finding, or next trouble',
    short: 'next',
    on: ['session', 'message', 'findings', 'finding'],
  },
  {
    command: 'previous',
    keys: ['N', 'p'],
    label: 'N p',
    does: 'previous finding, or previous trouble',
    on: ['session', 'message', 'findings', 'finding'],
  },
  {
    command: 'divergence',
    keys: ['d'],
    label: 'd',
    does: 'first divergence',
    short: 'first',
    on: ['session', 'findings', 'finding'],
  },
  {
    command: 'accept',
    keys: ['a'],
    label: 'a',
    does: 'accept this finding, with a reason',
    short: 'accept',
    on: ['findings', 'finding'],
  },
  {
    command: 'reject',
    keys: ['r'],
    label: 'r',
    does: 'reject it: it stays, and is no longer accepted',
    short: 'reject',
    on: ['findings', 'finding'],
  },
  {
    command: 'skip',
    keys: ['s'],
    label: 's',
    does: 'skip it: decide later',
    short: 'skip',
    on: ['findings', 'finding'],
  },
  {
    command: 'undo',
    keys: ['u'],
    label: 'u',
    does: 'undo the last decision',
    short: 'undo',
    on: ['findings', 'finding'],
  },
  {
    command: 'acceptAll',
    keys: ['A'],
    label: 'A',
    does: 'accept all that are shown, but for the high ones',
    on: ['findings'],
  },
  {
    command: 'order',
    keys: ['s'],
    label: 's',
    does: 'sort: worst first, by name, newest first, busiest first',
    short: 'sort',
    on: ['live'],
  },
  {
    command: 'pane',
    keys: ['tab'],
    label: 'Tab',
    does: 'the other pane',
    short: 'pane',
    on: ['session', 'finding'],
  },
  {
    command: 'raw',
    keys: ['v'],
    label: 'v',
    does: 'exact text or laid-out JSON',
    short: 'raw',
    on: ['session', 'message', 'finding'],
  },
  {
    command: 'follow',
    keys: ['f'],
    label: 'f',
    does: 'follow what is new; any move upwards ends it',
    short: 'follow',
    on: ['live', 'session', 'replay'],
  },
  {
    command: 'copy',
    keys: ['y'],
    label: 'y',
    does: 'copy the message or finding',
    short: 'copy',
    on: SCREENS,
  },
  {
    command: 'copyCommand',
    keys: ['Y'],
    label: 'Y',
    does: 'copy a command that shows the same',
    on: SCREENS,
  },
  {
    command: 'export',
    keys: ['e'],
    label: 'e',
    does: 'write what is selected to a file: a cut, a text, JSON',
    short: 'export',
    on: ['live', 'session', 'message', 'findings', 'finding'],
  },
  {
    command: 'report',
    keys: ['o'],
    label: 'o',
    does: 'write the HTML report',
    short: 'report',
    on: ['findings', 'finding'],
  },
  { command: 'live', keys: ['1'], label: '1', does: 'the chargers', on: SCREENS },
  { command: 'session', keys: ['2'], label: '2', does: 'the ladder of one charger', on: SCREENS },
  { command: 'replay', keys: ['3'], label: '3', does: 'the replay', on: SCREENS },
  { command: 'findings', keys: ['4'], label: '4', does: 'the findings', on: SCREENS },
  {
    command: 'summary',
    keys: ['i'],
    label: 'i',
    does: 'what was compared, and what was not',
    short: 'summary',
    on: ['findings', 'finding', ...PAGES],
  },
  {
    command: 'palette',
    keys: [':', 'ctrl-p'],
    label: ': Ctrl-P',
    does: 'every action by its name',
    on: EVERYWHERE,
  },
  {
    command: 'help',
    keys: ['?'],
    label: '?',
    does: 'the keys of this screen',
    short: 'help',
    on: EVERYWHERE,
  },
  {
    command: 'quit',
    keys: ['q'],
    label: 'q',
    does: 'quit; asks only while recording or replaying',
    short: 'quit',
    on: EVERYWHERE,
  },
  {
    command: 'suspend',
    keys: ['ctrl-z'],
    label: 'Ctrl-Z',
    does: 'to the shell; fg comes back',
    on: EVERYWHERE,
  },
  { command: 'interrupt', keys: ['ctrl-c'], label: 'Ctrl-C', does: 'quit as on SIGINT', on: EVERYWHERE },
];

/** The command of a key on a screen or page; null when it has none there. */
export function commandOf(name: string, on: ScreenName | LayerName): Command | null {
  return KEYS.find((key) => key.keys.includes(name) && key.on.includes(on))?.command ?? null;
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
  '\u0010': 'ctrl-p',
  '\u0015': 'ctrl-u',
  '\u0017': 'ctrl-w',
  '\u001a': 'ctrl-z',
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
