import { useInput, useWindowSize } from 'ink';
import { createElement, type ReactNode, useEffect, useReducer } from 'react';
import { keyNames } from './keys.ts';
import { Paint } from './paint.ts';
import type { Whole } from './whole.ts';

/** The interface on a terminal: its lines painted, and its keys handed on. */
export function App({ whole }: { whole: Whole }): ReactNode {
  const { columns, rows } = useWindowSize();
  const [, draw] = useReducer((times: number) => times + 1, 0);
  useEffect(() => {
    const stop = whole.onRedraw(draw);
    return () => {
      stop();
    };
  }, [whole]);
  useInput((input, key) => {
    for (const name of keyNames(input, key)) whole.press(name);
  });
  whole.resize({ columns, rows });
  return createElement(Paint, { lines: whole.lines(), columns, rows });
}
