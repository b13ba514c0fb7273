/** A piece of a filter's text, and where it stands (from 0). */
export interface Token {
  type: 'word' | 'string' | '(' | ')' | 'operator';
  /** What it says: of a string, without its quotes and escapes. */
  text: string;
  at: number;
  /** First position behind it. */
  end: number;
}

/** A mistake in a filter, and where. */
export class FilterMistake extends Error {
  readonly at: number;

  constructor(at: number, sentence: string) {
    super(sentence);
    this.name = 'FilterMistake';
    this.at = at;
  }
}

/** Longest first, so that `>=` is not read as `>`. */
const OPERATORS = ['!=', '>=', '<=', ':', '=', '>', '<'];

/** Ends a word. A colon only ends the first word of a term: times and paths have colons of their own. */
const WORD_END = /[\s()"]/;

/**
 * Cuts a filter's text into tokens. A term is `field`, operator, value without blanks between them; anything else is a word, a string in
 * double quotes or a parenthesis. Throws FilterMistake for a string without its end.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) at++;
    else {
      const token = next(text, at, tokens.at(-1));
      tokens.push(token);
      at = token.end;
    }
  }
  return tokens;
}

function next(text: string, at: number, before: Token | undefined): Token {
  const character = text[at] ?? '';
  if (character === '(' || character === ')') return { type: character, text: character, at, end: at + 1 };
  if (character === '"') return stringAt(text, at);
  const isValue = before?.type === 'operator' && before.end === at;
  const operator = OPERATORS.find((one) => text.startsWith(one, at));
  if (operator && !isValue) return { type: 'operator', text: operator, at, end: at + operator.length };
  return wordAt(text, at, isValue);
}

function wordAt(text: string, at: number, isValue: boolean): Token {
  const isField = !isValue && /^[a-z]+(?:!=|[:=<>])/i.test(text.slice(at));
  let end = at;
  while (end < text.length && !WORD_END.test(text[end] ?? '')) {
    if (isField && /[:=<>!]/.test(text[end] ?? '')) break;
    end++;
  }
  return { type: 'word', text: text.slice(at, end), at, end };
}

function stringAt(text: string, at: number): Token {
  let said = '';
  for (let end = at + 1; end < text.length; end++) {
    const character = text[end] ?? '';
    if (character === '"') return { type: 'string', text: said, at, end: end + 1 };
    if (character === '\\' && end + 1 < text.length) said += text[++end];
    else said += character;
  }
  throw new FilterMistake(at, 'this string has no closing quote');
}
