import { styleText } from 'node:util';
import { Box, Text } from 'ink';
import { createElement, type ReactNode } from 'react';
import type { Line, Span } from './line.ts';
import { look } from './theme.ts';

/** Paints lines on a screen of this size; what is too long is cut, never wrapped. */
export function Paint({
  lines,
  columns,
  rows,
}: {
  lines: readonly Line[];
  columns: number;
  rows: number;
}): ReactNode {
  const box = { flexDirection: 'column', width: columns, height: rows, overflow: 'hidden' } as const;
  return createElement(Box, box, ...lines.map(paintLine));
}

/**
 * Children are spread, not listed: a row has no identity but its place. A row is one text with its styles written into it: an element
 * for each span would be laid out, measured and compared by itself, with every key.
 */
function paintLine(spans: Line): ReactNode {
  const text = spans.map(paintSpan).join('');
  return createElement(
    Box,
    { height: 1, flexShrink: 0 },
    createElement(Text, { wrap: 'truncate' }, text === '' ? ' ' : text),
  );
}

function paintSpan(span: Span): string {
  const styles = look(span);
  return styles.length === 0 ? span.text : styleText(styles, span.text, { validateStream: false });
}
