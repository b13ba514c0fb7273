import { cellWidth, splitAt } from './cells.ts';
import type { Tone } from './theme.ts';

/** A run of text in one look. */
export interface Span {
  text: string;
  tone?: Tone;
  /** Bold. */
  strong?: boolean;
  /** Inverse: what changed, or what is selected. */
  mark?: boolean;
}

/** One row of the screen. Screens are pure functions to lines; one component paints them. */
export type Line = readonly Span[];

/** A line of one look. */
export function line(text: string, look: Omit<Span, 'text'> = {}): Line {
  return [{ ...look, text }];
}

/** Columns that a line takes. */
export function lineWidth(spans: Line): number {
  return spans.reduce((width, span) => width + cellWidth(span.text), 0);
}

/** A line cut (with an ellipsis) or padded to exactly so many columns. */
export function fit(spans: Line, width: number): Line {
  const free = width - lineWidth(spans);
  if (free === 0) return spans;
  if (free > 0) return [...spans, { text: ' '.repeat(free) }];
  if (width <= 0) return [];
  const kept = beginning(spans, width - 1);
  const gap = width - 1 - lineWidth(kept);
  return [...kept, { text: `…${' '.repeat(Math.max(0, gap))}`, tone: 'quiet' }];
}

function beginning(spans: Line, width: number): Line {
  const kept: Span[] = [];
  let free = width;
  for (const span of spans) {
    const [head, rest] = splitAt(span.text, free);
    if (head !== '') kept.push({ ...span, text: head });
    if (rest !== '') break;
    free -= cellWidth(head);
  }
  return kept;
}

/** A text cut or padded to exactly so many columns. */
export function fitText(text: string, width: number): string {
  return fit(line(text), width)
    .map((span) => span.text)
    .join('');
}

/** Breaks a line into as many as it needs at this width, at any character; at least one. */
export function wrap(spans: Line, width: number): Line[] {
  const rows: Span[][] = [[]];
  let free = Math.max(width, 2);
  for (const span of spans) {
    let rest = span.text;
    while (rest !== '') {
      const [head, tail] = splitAt(rest, free);
      if (head !== '') rows.at(-1)?.push({ ...span, text: head });
      free -= cellWidth(head);
      rest = tail;
      if (rest === '') break;
      rows.push([]);
      free = Math.max(width, 2);
    }
  }
  return rows;
}

/** Breaks prose at blanks, and words longer than a line anywhere. */
export function wrapWords(text: string, width: number): string[] {
  const rows: string[] = [''];
  for (const word of text.split(' ')) {
    const last = rows.at(-1) ?? '';
    const joined = last === '' ? word : `${last} ${word}`;
    if (cellWidth(joined) <= width) {
      rows[rows.length - 1] = joined;
      continue;
    }
    const parts = wrap(line(word), width).map((row) => row.map((span) => span.text).join(''));
    if (last === '') rows.pop();
    rows.push(...parts);
  }
  return rows;
}
