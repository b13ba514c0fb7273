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

/** Children are spread, not listed: a row has no identity but its place. */
function paintLine(spans: Line): ReactNode {
  const content = spans.length === 0 ? [' '] : spans.map(paintSpan);
  return createElement(
    Box,
    { height: 1, flexShrink: 0 },
    createElement(Text, { wrap: 'truncate' }, ...content),
  );
}

function paintSpan(span: Span): ReactNode {
  return createElement(Text, look(span), span.text);
}
