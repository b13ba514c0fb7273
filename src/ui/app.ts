import { useApp, useInput, useWindowSize } from 'ink';
import { createElement, type ReactNode, useMemo, useReducer } from 'react';
import type { Comparison } from '../diff/finding.ts';
import { commandOf, keyNames } from './keys.ts';
import { Paint } from './paint.ts';
import { type Command, reduce, START, type State, shownScreen } from './state.ts';
import { View } from './view.ts';

/** What a read of the terminal asks for, decided on the state as it is when each key's turn comes. */
interface Keys {
  names: string[];
  view: View;
}

/** The findings of a comparison: the list and, on Enter, both payloads. `onInterrupt` is called for Ctrl-C. */
export function App({
  comparison,
  onInterrupt,
}: {
  comparison: Comparison;
  onInterrupt: () => void;
}): ReactNode {
  const { columns, rows } = useWindowSize();
  const { exit } = useApp();
  const view = useMemo(() => new View(comparison, { columns, rows }), [comparison, columns, rows]);
  const [state, press] = useReducer(pressKeys, START);
  useInput((input, key) => {
    const names = keyNames(input, key);
    const asks = (command: Command) => names.some((name) => commandOf(name, shownScreen(state)) === command);
    if (asks('interrupt')) onInterrupt();
    else if (asks('quit')) exit();
    else press({ names, view });
  });
  return createElement(Paint, { lines: view.lines(state), columns, rows });
}

function pressKeys(state: State, { names, view }: Keys): State {
  return names.reduce((before, name) => {
    const command = commandOf(name, shownScreen(before));
    return command === null ? before : reduce(before, command, view);
  }, state);
}
