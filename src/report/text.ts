import type { Comparison, Finding, Summary } from '../diff/finding.ts';
import { visible } from '../session/visible.ts';
import { sortFindings } from './excuse.ts';
import {
  breakdown,
  comparedWords,
  counted,
  emptyShare,
  extentOf,
  headline,
  judgementLines,
  makesOf,
  nameOf,
  placeOf,
  sessionWords,
  untoldChangeOf,
} from './phrases.ts';

/** How many findings that do not decide are shown of each sort. */
const MAX_FOLDED = 10;

/** A comparison for people, to be read in ten seconds: the verdict, the findings by severity, then what was and was not compared. */
export function textReport(comparison: Comparison): string {
  const { baseline, candidate, against, summary } = comparison;
  const { deciding, excused } = sortFindings(comparison.findings);
  const blocks = [
    [headline(comparison)],
    [
      `  baseline   ${nameOf(baseline)}  (${baseline.kind}, ${baseline.startedAt})`,
      ...(against ? [`  against    ${nameOf(against)}  (${against.kind}, ${against.startedAt})`] : []),
      `  candidate  ${nameOf(candidate)}  (${candidate.kind}, ${candidate.startedAt})`,
    ],
    ...incompleteLines(summary),
    ...deciding.map(({ finding, consequences }) => [
      ...findingLines(finding),
      ...foldedLines(consequences, 'then'),
    ]),
    ...[...excused].map(([excuse, findings]) => foldedLines(findings, excuse)),
    summaryLines(summary),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function findingLines(finding: Finding): string[] {
  const { severity, kind, caller, message, id } = finding;
  const who = caller === 'csms' ? ' (command)' : '';
  const change = untoldChangeOf(finding);
  const makes = makesOf(finding);
  return [
    `${severity.toUpperCase().padEnd(6)}  ${kind}  ${placeOf(finding)}${who}`,
    `        ${visible(message)}`,
    ...(change === null ? [] : [`        ${change}`]),
    `        ${extentOf(finding)}   [${id}]`,
    ...(makes === null ? [] : [`        ${makes}`]),
  ];
}

/** Findings that do not decide: a line each, under the word that says why; many are only counted. */
function foldedLines(findings: readonly Finding[], word: string): string[] {
  const lines = findings
    .slice(0, MAX_FOLDED)
    .map((finding) => `${word}  ${finding.kind}  ${placeOf(finding)}  ×${finding.count}   [${finding.id}]`);
  const more = findings.length - lines.length;
  const indent = word === 'then' ? '        ' : '';
  return [...lines, ...(more > 0 ? [`${word}  ${counted(more, 'more finding')}`] : [])].map(
    (line) => indent + line,
  );
}

function incompleteLines({ incompleteSessions }: Summary): string[][] {
  if (incompleteSessions.length === 0) return [];
  const lines = incompleteSessions.map(
    ({ session, reason }) => `  ${sessionWords(session)}: ${visible(reason)}`,
  );
  return [['Incomplete:', ...lines]];
}

/** Chargers that have another name in the baseline; the first few. */
function renamedLines({ renamedSessions = [] }: Summary): string[] {
  const lines = renamedSessions
    .slice(0, MAX_FOLDED)
    .map(({ baseline, candidate }) => visible(`Compared as   ${baseline} with ${candidate}`));
  const more = renamedSessions.length - lines.length;
  return more > 0 ? [...lines, `Compared as   ${counted(more, 'more charger')} of other names`] : lines;
}

function summaryLines(summary: Summary): string[] {
  const empty = emptyShare(summary);
  return [
    ...judgementLines(summary),
    `Compared      ${comparedWords(summary)}`,
    ...renamedLines(summary),
    `Not compared  ${breakdown(summary.notComparedReasons)}`,
    `Expected      ${breakdown(summary.expected)}`,
    ...(empty === null ? [] : [`Empty answers ${empty}: what the CSMS made of these calls does not show`]),
  ];
}
