import { ChargetapeError } from '../errors.ts';
import { isObject, type Json, parseJson } from '../ocpp/json.ts';

/**
 * Reads a list of pairs that a user wrote: CSV with two columns (quotes as in RFC 4180, a header line of these names is skipped,
 * `#` begins a comment line), or a JSON object. `file` names it in errors. Throws BAD_LIST.
 */
export function parsePairs(
  text: string,
  file: string,
  header: readonly [string, string],
): [string, string][] {
  const pairs = /^\s*\{/.test(text) ? jsonPairs(text, file) : csvPairs(text, file);
  const [first] = pairs;
  const isHeader = first?.every((cell, index) => cell.trim().toLowerCase() === header[index]);
  return isHeader ? pairs.slice(1) : pairs;
}

function jsonPairs(text: string, file: string): [string, string][] {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new ChargetapeError('BAD_LIST', `${file} is not JSON.`, { cause });
  }
  const entries = isObject(value) ? Object.entries(value) : [];
  return entries.map(([from, to]) => {
    if (typeof to === 'string') return [from, to];
    throw new ChargetapeError('BAD_LIST', `${file} has no text for ${JSON.stringify(from)}.`);
  });
}

function csvPairs(text: string, file: string): [string, string][] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '' && !line.startsWith('#'))
    .map(({ line, number }) => {
      const cells = cellsOf(line);
      if (cells?.length === 2) return [cells[0]!, cells[1]!];
      throw new ChargetapeError('BAD_LIST', `Line ${number} of ${file} has not two columns.`);
    });
}

/** The cells of a CSV line; null when a quote is not closed. */
function cellsOf(line: string): string[] | null {
  const cells: string[] = [];
  const cell = /\s*(?:"((?:[^"]|"")*)"\s*|([^,"]*))(,|$)/y;
  while (cell.lastIndex <= line.length) {
    const match = cell.exec(line);
    if (match === null) return null;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2]!.trim());
    if (match[3] === '') return cells;
  }
  return null;
}
