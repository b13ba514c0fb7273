import type { Comparison } from '../diff/finding.ts';
import type { Surroundings } from '../diff/surroundings.ts';
import { githubReport } from './github.ts';
import { htmlReport } from './html.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';
import { textReport } from './text.ts';

/**
 * Every format that a comparison can be written in, each a function from the comparison to the whole text; the HTML page also shows
 * what passed around a finding (by its id) when that is given.
 */
export const FORMATS = {
  text: textReport,
  json: jsonReport,
  junit: junitReport,
  markdown: markdownReport,
  github: githubReport,
  html: htmlReport,
} as const satisfies Record<
  string,
  (comparison: Comparison, surroundings?: ReadonlyMap<string, Surroundings>) => string
>;

/** Name of a format, as `--format` takes it. */
export type Format = keyof typeof FORMATS;

/** Whether a word is the name of a format. */
export function isFormat(word: string): word is Format {
  return Object.hasOwn(FORMATS, word);
}
