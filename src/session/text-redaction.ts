import { isSecretName, REDACTED } from './secret-names.ts';

/** A stretch of a text that may hold URLs. */
const RUN = /[^\s"'<>]+/g;

/** A URL up to the colon before its password (RFC 3986 §3.2.1), unless a port follows. */
const BEFORE_PASSWORD = /:\/\/[^/?#@:\\[\]]{0,256}:(?!\d{0,5}(?:[/?#,;)\\]|$))/;

/** A userinfo without a colon may be a token. */
const URL_TOKEN = /(:\/\/)[^\s"'<>/?#@:\\[\]]+@/g;

const QUERY_PARAMETER = /([?&;])([\w.%-]{1,64})=([^&;#\s"'<>]+)/g;

const NAME_AND_VALUE =
  /(?<![\w.-])([a-z][\w.-]{0,63})(\\{0,8}["']?\s{0,8}[=:]\s{0,8}\\{0,8})("[^"]*"?|'[^']*'?|[^\s"',;&<>{}[\]()\\]+)/gi;

const HEADER_LINE = /^((?:proxy-)?authorization|cookie|set-cookie)([ \t]*:[ \t]*)([^\r\n]*)/gim;

/** What may be a name in quotes, or one whose closing quote is missing. */
const QUOTED = /["']([\w .-]{3,64})(?=["'\\,:]|$)/g;

const NAMED_KEY = /\bkey["'\\\s]{0,8}[:=]["'\\\s]{0,8}([\w .-]{1,64})/gi;

/** Words of a configuration entry that are not its value. */
const ENTRY_WORDS: ReadonlySet<string> = new Set([
  'key',
  'value',
  'readonly',
  'true',
  'false',
  'null',
  'redacted',
  'configurationkey',
  'unknownkey',
]);

/** Replaces passwords in the userinfo of URLs, and query parameters with a secret's name, wherever a text has them. */
export function redactUrls(text: string): string {
  return text
    .replace(RUN, redactPassword)
    .replace(URL_TOKEN, `$1${REDACTED}@`)
    .replace(QUERY_PARAMETER, (all, mark, name) =>
      isSecretName(name) || /^(?:auth|sig|signature)$/i.test(name) ? `${mark}${name}=${REDACTED}` : all,
    );
}

/** The password goes up to the last `@`: careless ones hold `/`, `?`, `#` and `@`, too. */
function redactPassword(run: string): string {
  const at = run.lastIndexOf('@');
  const before = at === -1 ? null : BEFORE_PASSWORD.exec(run);
  if (before === null) return run;
  const start = before.index + before[0].length;
  return start < at ? run.slice(0, start) + REDACTED + run.slice(at) : run;
}

/** Replaces secrets in a text for people or of a vendor's own form: URLs, `name=value`, `name: value`, header lines. */
export function redactText(text: string): string {
  return redactUrls(text)
    .replace(HEADER_LINE, (_all, name, colon, value) => name + colon + redactHeaderValue(name, value))
    .replace(NAME_AND_VALUE, (all, name, separator, value) =>
      isSecretName(name) && !isHarmlessValue(value) ? name + separator + redactToken(value) : all,
    );
}

/**
 * Replaces secrets in a text that should be JSON and is not. Where a configuration key with a secret's name stands, every word from
 * its object's brace to the end is replaced: broken syntax does not tell which of them is the value.
 */
export function redactBroken(text: string): string {
  const redacted = redactText(text);
  const name = firstSecretName(redacted);
  if (name === null) return redacted;
  const start = braceBefore(redacted, name.offset);
  const tail = redacted
    .slice(start)
    .replace(/[^\s"'\\{}[\]:,=]+/g, (word) =>
      ENTRY_WORDS.has(word.toLowerCase()) || name.text.includes(word) ? word : REDACTED,
    );
  return redacted.slice(0, start) + tail;
}

/** Offset of the last opening brace outside quotes before an offset; that offset itself when there is none. */
function braceBefore(text: string, offset: number): number {
  let brace = offset;
  let quoted = false;
  for (let at = 0; at < offset; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (character === '{' && !quoted) brace = at;
  }
  return brace;
}

/** The first name of a secret in quotes or after `key:`. */
function firstSecretName(text: string): { offset: number; text: string } | null {
  let first: { offset: number; text: string } | null = null;
  for (const pattern of [QUOTED, NAMED_KEY]) {
    for (const match of text.matchAll(pattern)) {
      if (first && match.index >= first.offset) break;
      if (isSecretName(match[1]!)) first = { offset: match.index, text: match[1]! };
    }
  }
  return first;
}

/** A value that is no secret whatever its name: empty, a boolean, or redacted already. */
export function isHarmlessValue(value: string): boolean {
  return /^["']?(?:true|false|null|\[redacted\])?["']?$/i.test(value);
}

function redactToken(value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? '';
  return quote + REDACTED + quote;
}

/** Value of a header with its credentials replaced: the scheme of an Authorization and the names of cookies stay (RFC 9110 §11.6.2, RFC 6265 §4). */
export function redactHeaderValue(name: string, value: string): string {
  switch (name.trim().toLowerCase()) {
    case 'authorization':
    case 'proxy-authorization':
      return value.replace(/^([a-z][a-z\d-]{0,31}[ \t]+)?(\S.*?)([ \t]*)$/i, `$1${REDACTED}$3`);
    case 'cookie':
      return value.replace(/([^;=\s][^;=]*=)[^;]*/g, `$1${REDACTED}`);
    case 'set-cookie':
      return value.replace(/^([^;=]*=)[^;]*/, `$1${REDACTED}`);
  }
  if (value !== '' && (isSecretName(name) || /^x-auth/i.test(name))) return REDACTED;
  return redactUrls(value);
}
