/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/**
 * Names of secrets, of configuration keys, JSON members, headers and query parameters alike. A `part` is found anywhere in a name
 * whose separators are taken out (chargers write `authorizationkey` and `Authorization-Key`); a `word` is short enough to stand
 * in harmless names and must be a word of its own (`G_CardPin`, but not `WebSocketPingInterval`).
 */
const SECRET_NAMES: readonly { part?: RegExp; word?: RegExp }[] = [
  { part: /pass(?:word|wd|phrase|code|key)/ },
  { part: /secret|credential|puk|pwd|psk/ },
  { part: /auth(?:ori[sz]ation|entication)?key/ },
  { part: /(?:api|private|access|shared|encryption|wpa|wifi|wlan)key/ },
  // An OCPP 2 idToken is a card, not a secret.
  { part: /(?<!id)token/ },
  { part: /(?:card|sim)pin/ },
  { word: /\bpin\b|\bpass$/ },
];

/** Every text with a secret's name in it, a URL or an escaped character has one of these; nearly all frames have none. */
const TRACE =
  /pass|pwd|pin|puk|psk|secret|token|credential|auth(?:entication)?.{0,3}key|authori[sz]ation|(?:api|private|access|shared|encryption|wpa|wifi|wlan).{0,3}key|cookie|:\\*\/\\*\/|\\u00/i;

/** Every ASCII text that `mayHoldSecret` has one of these or a backslash; 31 characters in all. */
export const SECRET_FRAGMENTS: readonly string[] = [
  ...['pas', 'pwd', 'pin', 'puk', 'psk', 'cre', 'ok', 'key', 'zat', 'sat', '//'],
];

/** Quick look whether a text may hold a secret at all; false is certain. */
export function mayHoldSecret(text: string): boolean {
  return TRACE.test(text);
}

/** Whether the value of this name is a secret. Names are read without regard to case and separators. */
export function isSecretName(name: string): boolean {
  if (name.length > 100 || !TRACE.test(name)) return false;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
  const squeezed = words.replaceAll(' ', '');
  return SECRET_NAMES.some(({ part, word }) => part?.test(squeezed) || word?.test(words));
}
