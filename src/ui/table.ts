import { fitText, type Line, type Span } from './line.ts';

/** One column of a table. */
export interface Column<T> {
  heading: string;
  /** Columns of the terminal; the one that grows takes what is left. */
  width: number;
  grows?: true;
  /** Numbers stand to the right. */
  right?: true;
  /** Columns with a higher number go first where the terminal is too narrow. */
  rank: number;
  cell(row: T): Span;
}

/** The columns that fit, in their order, with their widths. */
export function fittingColumns<T>(columns: readonly Column<T>[], width: number): Column<T>[] {
  let kept = [...columns];
  const needed = () => kept.reduce((sum, column) => sum + column.width + 1, 1);
  while (needed() > width && kept.length > 1) {
    const least = kept.reduce((worst, column) => (column.rank > worst.rank ? column : worst));
    kept = kept.filter((column) => column !== least);
  }
  const free = Math.max(0, width - needed());
  return kept.map((column) => (column.grows ? { ...column, width: column.width + free } : column));
}

/** The headings of a table. */
export function headingLine<T>(columns: readonly Column<T>[]): Line {
  const cells = columns.map(({ heading, width, right }) => aligned(heading, width, right));
  return [{ text: ` ${cells.join(' ')}`, tone: 'quiet' }];
}

/** One row of a table; the selected one is inverse, with a sign for those who see no inverse. */
export function rowLine<T>(columns: readonly Column<T>[], row: T, isSelected: boolean): Line {
  const cells = columns.flatMap(({ cell, width, right }): Span[] => {
    const { text, ...look } = cell(row);
    const span = { text: aligned(text, width, right), ...look };
    return [{ text: ' ' }, span];
  });
  if (!isSelected) return cells;
  const text = cells.map((span) => span.text).join('');
  return [{ text: `▸${text.slice(1)}`, mark: true }];
}

function aligned(text: string, width: number, right: true | undefined): string {
  if (!right) return fitText(text, width);
  const fitted = fitText(text, width);
  const trimmed = fitted.trimEnd();
  return ' '.repeat(fitted.length - trimmed.length) + trimmed;
}
