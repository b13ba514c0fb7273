import { type Field, fieldOf, type Vocabulary } from './vocabulary.ts';

/** What the filter's text may go on with at the cursor. */
export interface Completion {
  /** The part of the text that an option replaces. */
  from: number;
  to: number;
  options: readonly string[];
}

/** Values of fields that a vocabulary cannot list, such as the actions of this recording. */
export type Known = Readonly<Record<string, readonly string[]>>;

const MAX_OPTIONS = 50;
const WORDS = ['and', 'or', 'not'];

/** Options for the word at the cursor: names of fields and operators, or values of the field before it. */
export function completionsOf(
  text: string,
  cursor: number,
  vocabulary: Vocabulary,
  known: Known,
): Completion {
  const from = text.slice(0, cursor).search(/[^\s()]*$/);
  const word = text.slice(from, cursor);
  const [, name = '', operator = '', said = ''] = /^([a-z]+)(!=|>=|<=|[:=<>])(.*)$/i.exec(word) ?? [];
  const field = operator === '' ? undefined : fieldOf(vocabulary, name);
  if (!field) {
    const names = vocabulary.fields.map((one) => `${one.name}:`);
    return { from, to: cursor, options: startingWith([...names, ...(from > 0 ? WORDS : ['not'])], word) };
  }
  const last = said.slice(said.lastIndexOf(',') + 1);
  return { from: cursor - last.length, to: cursor, options: startingWith(valuesOf(field, known), last) };
}

function valuesOf(field: Field, known: Known): readonly string[] {
  return (field.choices ?? known[field.name] ?? []).map(quoted);
}

/** A value as it must be written: in quotes when it has a blank or the like. */
function quoted(value: string): string {
  return /^[^\s()",]+$/.test(value) ? value : JSON.stringify(value);
}

function startingWith(options: readonly string[], word: string): string[] {
  const lower = word.toLowerCase();
  const fits = options.filter((option) => option.toLowerCase().startsWith(lower) && option !== word);
  return fits.slice(0, MAX_OPTIONS);
}
