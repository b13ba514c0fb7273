import { ChargetapeError } from '../errors.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../ocpp/json.ts';

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
  return Object.entries(jsonObject(text, file)).map(([from, to]) => {
    if (typeof to === 'string') return [from, to];
    throw new ChargetapeError('BAD_LIST', `${file} has no text for ${JSON.stringify(from)}.`);
  });
}

/** The JSON object that a list is; empty for any other JSON. BAD_LIST for what is none. */
export function jsonObject(text: string, file: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new ChargetapeError('BAD_LIST', `${file} is not JSON.`, { cause });
  }
  return isObject(value) ? value : {};
}

function csvPairs(text: string, file: string): [string, string][] {
  return csvRows(text, file).map(({ cells, line }) => {
    if (cells.length === 2) return [cells[0]!, cells[1]!];
    throw new ChargetapeError('BAD_LIST', `Line ${line} of ${file} has not two columns.`);
  });
}

/** The lines of a CSV text but empty ones and comments, each with its number. BAD_LIST for a quote that is not closed. */
export function csvRows(text: string, file: string): { cells: string[]; line: number }[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((row, index) => ({ row, line: index + 1 }))
    .filter(({ row }) => row.trim() !== '' && !row.startsWith('#'))
    .map(({ row, line }) => {
      const cells = cellsOf(row);
      if (cells) return { cells, line };
      throw new ChargetapeError('BAD_LIST', `Line ${line} of ${file} has a quote that is not closed.`);
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
