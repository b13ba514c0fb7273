/** What is on the screen: the list, one finding, or a page laid over either. */
export type Screen = 'list' | 'detail' | 'summary' | 'help';

/** What a key can ask for. `quit` and `interrupt` are the app's to do. */
export type Command =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'open'
  | 'back'
  | 'next'
  | 'previous'
  | 'raw'
  | 'nextExample'
  | 'previousExample'
  | 'summary'
  | 'help'
  | 'quit'
  | 'interrupt';

/** All that the keys change. */
export interface State {
  screen: 'list' | 'detail';
  /** Page laid over the screen; Esc takes it away. */
  overlay: 'summary' | 'help' | null;
  /** Index of the selected finding. */
  selected: number;
  /** First finding in the list's window. */
  top: number;
  /** First line in the window of the detail. */
  scroll: number;
  /** First line in the window of the overlay. */
  overlayScroll: number;
  /** Which example of the finding the detail shows. */
  example: number;
  /** Exact texts instead of laid-out JSON. */
  raw: boolean;
}

/** What the state moves in; asked for with the state that it is about, since it depends on size and content. */
export interface Room {
  findings: number;
  /** Rows of the list's window. */
  listRows: number;
  examples(state: State): number;
  /** Lines of the page that is shown, and rows of its window. */
  page(state: State): { lines: number; rows: number };
}

/** The state at the start. */
export const START: State = {
  screen: 'list',
  overlay: null,
  selected: 0,
  top: 0,
  scroll: 0,
  overlayScroll: 0,
  example: 0,
  raw: false,
};

/** Which screen takes the keys. */
export function shownScreen(state: State): Screen {
  return state.overlay ?? state.screen;
}

/** First row of a window of `rows` over `total` that moves as little as it can and holds `selected`. */
export function windowTop(top: number, selected: number, rows: number, total: number): number {
  const last = Math.max(0, total - rows);
  return clamp(clamp(top, selected - rows + 1, selected), 0, last);
}

/** The state after a command. */
export function reduce(state: State, command: Command, room: Room): State {
  switch (command) {
    case 'up':
      return move(state, () => -1, room);
    case 'down':
      return move(state, () => 1, room);
    case 'pageUp':
      return move(state, (rows) => -Math.max(1, rows - 1), room);
    case 'pageDown':
      return move(state, (rows) => Math.max(1, rows - 1), room);
    case 'first':
      return move(state, () => Number.NEGATIVE_INFINITY, room);
    case 'last':
      return move(state, () => Number.POSITIVE_INFINITY, room);
    case 'open':
      return room.findings === 0 ? state : { ...state, screen: 'detail', scroll: 0, example: 0 };
    case 'back':
      return state.overlay ? { ...state, overlay: null } : { ...state, screen: 'list' };
    case 'next':
      return select(state, state.selected + 1, room);
    case 'previous':
      return select(state, state.selected - 1, room);
    case 'raw':
      return { ...state, raw: !state.raw, scroll: 0 };
    case 'nextExample':
      return showExample(state, state.example + 1, room);
    case 'previousExample':
      return showExample(state, state.example - 1, room);
    case 'summary':
    case 'help':
      return { ...state, overlay: state.overlay === command ? null : command, overlayScroll: 0 };
    default:
      return state;
  }
}

/** Moves what the screen shows: the selection in the list, else the window of the page. */
function move(state: State, by: (rows: number) => number, room: Room): State {
  if (shownScreen(state) === 'list') return select(state, state.selected + by(room.listRows), room);
  const { lines, rows } = room.page(state);
  const last = Math.max(0, lines - rows);
  const from = Math.min(state.overlay ? state.overlayScroll : state.scroll, last);
  const to = clamp(from + by(rows), 0, last);
  return state.overlay ? { ...state, overlayScroll: to } : { ...state, scroll: to };
}

function select(state: State, index: number, room: Room): State {
  const selected = clamp(index, 0, Math.max(0, room.findings - 1));
  if (selected === state.selected) return state;
  const top = windowTop(state.top, selected, room.listRows, room.findings);
  return { ...state, selected, top, scroll: 0, example: 0 };
}

function showExample(state: State, index: number, room: Room): State {
  const example = clamp(index, 0, Math.max(0, room.examples(state) - 1));
  return example === state.example ? state : { ...state, example, scroll: 0 };
}

function clamp(value: number, from: number, to: number): number {
  return Math.max(from, Math.min(to, value));
}
