/** What is changed in a request head before it goes to the CSMS. */
export interface HeadEdits {
  /** Path that stands before the charger's own; `''` for none. */
  basePath: string;
  /** New value of the Host header; null to leave it. */
  host: string | null;
  /** Whether headers of this name (lower case, `_` as `-`) are left out. */
  drops: (name: string) => boolean;
  /** Headers that stand at the end. */
  adds: readonly (readonly [name: string, value: string])[];
}

/** The head (latin1) with its edits; every line that no edit is about stays byte for byte, order and line ends included. */
export function editHead(head: string, edits: HeadEdits): string {
  const lines = head.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const first = lines.findIndex((line) => line.trim() !== '');
  const kept: string[] = [];
  let dropped = false;
  lines.forEach((line, index) => {
    const isFolded = /^[ \t]/.test(line) && line.trim() !== '';
    if (index <= first) kept.push(index === first ? withBasePath(line, edits.basePath) : line);
    else if (!isFolded) {
      const name = nameOf(line);
      dropped = name !== '' && edits.drops(name);
      if (!dropped) kept.push(name === 'host' && edits.host !== null ? withValue(line, edits.host) : line);
    } else if (!dropped) kept.push(line);
  });
  return withHeaders(kept.join(''), edits.adds);
}

/** Puts the base path before a target in origin form, and before the path of one in absolute form (RFC 9112 §3.2). */
function withBasePath(line: string, basePath: string): string {
  if (basePath === '') return line;
  return line.replace(
    /^([^ \t]+[ \t]+(?:[a-z][a-z0-9+.-]*:\/\/[^/ \t?]*)?)(.?)/i,
    (_, start: string, next: string) => `${start}${basePath}${next === '/' ? '/' : `/${next}`}`,
  );
}

function withValue(line: string, value: string): string {
  return line.replace(/^([^:]+:[ \t]*)[^\r\n]*/, (_, name: string) => name + value);
}

function withHeaders(head: string, adds: HeadEdits['adds']): string {
  if (adds.length === 0) return head;
  const lines = adds.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return head.replace(/(\r?\n)(\r?\n)$/, (_, end: string, blank: string) => end + lines + blank);
}

function nameOf(line: string): string {
  const colon = line.indexOf(':');
  return colon < 0 ? '' : line.slice(0, colon).trim().toLowerCase().replaceAll('_', '-');
}
