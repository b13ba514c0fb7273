import { FilterMistake, type Token, tokensOf } from './token.ts';
import { readValue, type Value } from './value.ts';
import { type Field, fieldOf, type Vocabulary } from './vocabulary.ts';

/** How a term compares. `:` and `=` are the same. */
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A filter as it was understood. */
export type Filter =
  | { type: 'all' }
  | { type: 'and' | 'or'; left: Filter; right: Filter }
  | { type: 'not'; operand: Filter }
  | { type: 'term'; field: string; operator: Operator; values: readonly Value[] }
  /** A part of the text, in lower case. */
  | { type: 'text'; text: string };

/** A filter, or where its mistake is (position from 0) and what it is. */
export type Parsed = { ok: true; filter: Filter } | { ok: false; at: number; message: string };

/** Reads a filter: terms `field:value`, words and "strings" of free text, `and`, `or`, `not`, parentheses; terms side by side mean `and`. */
export function parseFilter(text: string, vocabulary: Vocabulary): Parsed {
  try {
    return { ok: true, filter: new Parser(text, vocabulary).whole() };
  } catch (error) {
    if (!(error instanceof FilterMistake)) throw error;
    return { ok: false, at: error.at, message: error.message };
  }
}

/** Longer than any that a person writes, and short enough for whoever walks through it. */
const MOST_TOKENS = 1_000;

class Parser {
  readonly #tokens: Token[];
  readonly #length: number;
  readonly #vocabulary: Vocabulary;
  #next = 0;

  constructor(text: string, vocabulary: Vocabulary) {
    this.#tokens = tokensOf(text);
    this.#length = text.length;
    this.#vocabulary = vocabulary;
  }

  whole(): Filter {
    if (this.#tokens.length === 0) return { type: 'all' };
    const surplus = this.#tokens[MOST_TOKENS];
    if (surplus) throw new FilterMistake(surplus.at, `a filter has at most ${MOST_TOKENS} words and signs`);
    const filter = this.#either();
    const rest = this.#peek;
    if (rest) throw new FilterMistake(rest.at, 'there is no "(" for this ")"');
    return filter;
  }

  get #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #either(): Filter {
    let left = this.#both();
    while (this.#take('or')) left = { type: 'or', left, right: this.#both() };
    return left;
  }

  #both(): Filter {
    let left = this.#one();
    for (;;) {
      const isAnd = this.#take('and');
      const token = this.#peek;
      if (!isAnd && (!token || token.type === ')' || isWord(token, 'or'))) return left;
      left = { type: 'and', left, right: this.#one() };
    }
  }

  #one(): Filter {
    if (this.#take('not')) return { type: 'not', operand: this.#one() };
    const token = this.#peek;
    if (!token) throw new FilterMistake(this.#length, 'something is missing here');
    if (isWord(token, 'and') || isWord(token, 'or') || token.type === ')')
      throw new FilterMistake(token.at, `something is missing before "${token.text}"`);
    this.#next++;
    if (token.type === '(') return this.#group(token);
    if (token.type === 'operator')
      throw new FilterMistake(token.at, `there is no field before "${token.text}"`);
    const operator = this.#peek;
    if (token.type === 'word' && operator?.type === 'operator' && operator.at === token.end) {
      this.#next++;
      return this.#term(token, operator);
    }
    return { type: 'text', text: token.text.toLowerCase() };
  }

  #group(open: Token): Filter {
    const first = this.#peek;
    if (first?.type === ')') throw new FilterMistake(first.at, 'there is nothing in these parentheses');
    const inner = this.#either();
    const close = this.#peek;
    if (close?.type !== ')') throw new FilterMistake(open.at, 'there is no ")" for this "("');
    this.#next++;
    return inner;
  }

  #term(name: Token, operator: Token): Filter {
    const field = fieldOf(this.#vocabulary, name.text);
    if (!field) {
      const known = this.#vocabulary.fields.map((one) => one.name).join(', ');
      throw new FilterMistake(name.at, `there is no field "${name.text}"; fields are ${known}`);
    }
    const sign = operator.text === ':' ? '=' : (operator.text as Operator);
    if (/[<>]/.test(sign) && !field.ordered)
      throw new FilterMistake(operator.at, `${field.name} has no order: use ":" or "!="`);
    const value = this.#peek;
    if (!value || value.at !== operator.end || value.type === ')' || value.type === '(')
      throw new FilterMistake(operator.end, `${field.name} has no value here`);
    this.#next++;
    if (field.name === 'text') return textTerm(sign, value.text);
    return { type: 'term', field: field.name, operator: sign, values: valuesIn(field, value) };
  }

  #take(word: string): boolean {
    const token = this.#peek;
    if (!token || !isWord(token, word)) return false;
    this.#next++;
    return true;
  }
}

function textTerm(operator: Operator, text: string): Filter {
  const term: Filter = { type: 'text', text: text.toLowerCase() };
  return operator === '!=' ? { type: 'not', operand: term } : term;
}

function isWord(token: Token, word: string): boolean {
  return token.type === 'word' && token.text.toLowerCase() === word;
}

/** The values of a term: in a word a comma stands for `or`. */
function valuesIn(field: Field, token: Token): Value[] {
  if (token.type === 'string') return [readValue(field, token.text, token.at)];
  let at = token.at;
  return token.text.split(',').map((text) => {
    if (text === '') throw new FilterMistake(at, `${field.name} has no value here`);
    const value = readValue(field, text, at);
    at += text.length + 1;
    return value;
  });
}
