import { visible } from '../session/visible.ts';

const ZERO_WIDTH_SPACE = '\u200b';

/** A text as Markdown prose: nothing in it formats, is HTML, names a user or links to an issue. */
export function prose(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]#|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@|#(?=\d)/g, `$&${ZERO_WIDTH_SPACE}`);
}

/** A text as a code span that may stand in a table cell (GFM §4.10: a pipe is escaped there even in code). */
export function code(text: string): string {
  const shown = visible(text).replaceAll('|', '\\|');
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') || shown === '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Lines as a fenced block that no backticks in them can end. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return [fence + language, ...lines, fence];
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
