import { visible } from '../../session/visible.ts';
import { type Line, line, wrap } from '../line.ts';

/** Beyond this, a text is not laid out: it would take longer than a key may. */
const MAX_LAID_OUT = 1 << 20;

/** A message's text, as JSON laid out or exactly as it was sent, wrapped to so many columns. */
export function payloadLines(text: string, isRaw: boolean, columns: number): Line[] {
  const laidOut = isRaw ? null : laidOutText(text);
  const lines = (laidOut ?? text).split(/\r?\n/);
  return lines.flatMap((one) => wrap(coloured(visible(one), laidOut !== null), columns));
}

function laidOutText(text: string): string | null {
  if (text.length > MAX_LAID_OUT) return null;
  try {
    // Numbers are shown as they were written: only the white space changes.
    JSON.parse(text);
  } catch {
    return null;
  }
  return indented(text);
}

/** JSON text with line breaks and indentation; every token stays as it was. */
function indented(text: string): string {
  let out = '';
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const isOpening = token === '{' || token === '[';
    if (token === '}' || token === ']') {
      depth--;
      out = /[{[]\s*$/.test(out) ? out.trimEnd() : `${out}\n${'  '.repeat(depth)}`;
      out += token;
    } else if (token === ',') out += `,\n${'  '.repeat(depth)}`;
    else if (token === ':') out += ': ';
    else if (isOpening) {
      depth++;
      out += `${token}\n${'  '.repeat(depth)}`;
    } else out += token;
  }
  return out;
}

/** Names of fields apart from their values. */
function coloured(text: string, isJson: boolean): Line {
  const [, indent = '', name, rest] = isJson ? (/^(\s*)("(?:[^"\\]|\\.)*")(:.*)$/s.exec(text) ?? []) : [];
  if (name === undefined || rest === undefined) return line(text);
  return [{ text: indent }, { text: name, tone: 'accent' }, { text: rest }];
}
