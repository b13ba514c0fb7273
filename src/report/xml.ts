/** An XML element; attributes that are undefined are left out. The body must be XML already. */
export function element(
  name: string,
  attributes: Record<string, string | number | undefined>,
  body: readonly string[] = [],
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${xmlText(String(value)).replaceAll('\n', '&#10;')}"`);
  const start = `<${name}${written.join('')}`;
  return body.length === 0 ? `${start}/>` : `${start}>${body.join('')}</${name}>`;
}

/** A text as XML 1.0 character data; characters that XML cannot hold (§2.2) become U+FFFD. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
