import type { Comparison, Finding } from '../diff/finding.ts';
import { excusesOf } from './excuse.ts';
import { counted, extentOf, headline, placeOf, sessionWords } from './phrases.ts';

/** GitHub shows ten annotations of each level a step; the last place says how many more there are. */
const MAX_PER_LEVEL = 10;

type Level = 'error' | 'warning' | 'notice';

interface Annotation {
  level: Level;
  title: string;
  text: string;
}

/**
 * Workflow commands for GitHub Actions: an `::error` for what was not compared whole and each finding of high or medium severity, a
 * `::warning` for low ones, and a `::notice` with the verdict. Accepted findings and noise are only counted.
 */
export function githubReport(comparison: Comparison): string {
  const { findings, summary } = comparison;
  const excuses = excusesOf(findings);
  const deciding = findings.filter(({ id }) => !excuses.has(id));
  const incomplete = summary.incompleteSessions.map(
    ({ session, reason }): Annotation => ({
      level: 'error',
      title: `incomplete: ${sessionWords(session)}`,
      text: reason,
    }),
  );
  const annotations = [...incomplete, ...deciding.map(annotationOf)];
  const lines = [
    ...limited(annotations, 'error'),
    ...limited(annotations, 'warning'),
    command({ level: 'notice', title: 'Chargetape', text: headline(comparison) }),
  ];
  return `${lines.join('\n')}\n`;
}

function annotationOf(finding: Finding): Annotation {
  const { severity, kind, message, id } = finding;
  return {
    level: severity === 'low' ? 'warning' : 'error',
    title: `${kind} ${placeOf(finding)}`,
    text: `${message}\n${extentOf(finding)} [${id}]`,
  };
}

function limited(annotations: readonly Annotation[], level: Level): string[] {
  const mine = annotations.filter((one) => one.level === level);
  if (mine.length <= MAX_PER_LEVEL) return mine.map(command);
  const more = mine.length - MAX_PER_LEVEL + 1;
  const rest = {
    level,
    title: 'Chargetape',
    text: `${counted(more, 'more finding')}: see the whole report.`,
  };
  return [...mine.slice(0, MAX_PER_LEVEL - 1), rest].map(command);
}

/** One workflow command; `%`, line breaks and, in a property, `:` and `,` are escaped as GitHub's runner reads them. */
function command({ level, title, text }: Annotation): string {
  const property = escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${level} title=${property}::${escaped(text)}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
