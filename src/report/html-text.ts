/** HTML as it is, made by `html` from escaped texts. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** What may stand in an `html` template: a text (escaped), HTML, several of these; null and false are nothing. */
export type Part = string | number | null | false | Html | readonly Part[];

/** Template tag: HTML in which every text that is put in is escaped, for content and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((source, string, index) => source + sourceOf(parts[index - 1]!) + string));
}

function sourceOf(part: Part): string {
  if (part instanceof Html) return part.source;
  if (part === null || part === false) return '';
  if (typeof part === 'object') return part.map(sourceOf).join('');
  return escaped(String(part));
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
