import type { Comparison, Finding } from '../diff/finding.ts';
import { alignTexts, type Row } from '../diff/side-by-side.ts';
import { type Excuses, excusesOf, sortFindings } from './excuse.ts';
import { code, fenced, prose } from './markdown-text.ts';
import {
  breakdown,
  changeOf,
  comparedWords,
  emptyShare,
  extentOf,
  headline,
  judgementLines,
  makesOf,
  nameOf,
  placeOf,
  sessionWords,
} from './phrases.ts';

/** GitHub's limit for a comment is 65,536 characters (for a job summary 1 MiB): the report stays below both, in bytes too. */
const MAX_BYTES = 60_000;
/** How much of it the table and the incomplete sessions may take. */
const MAX_TABLE_BYTES = 25_000;

/** Lines of a payload shown around what changed, and at most. */
const CONTEXT_LINES = 2;
const MAX_LINES = 30;
const MAX_LINE = 200;

const SIGNS = { same: '✅', different: '❌', incomplete: '⚠️' } as const;

/** Markdown for a pull request or a job summary: the verdict, a table of the findings, each one's payloads folded. Fits GitHub's limits. */
export function markdownReport(comparison: Comparison): string {
  const { verdict, baseline, candidate, summary } = comparison;
  const { deciding, excused } = sortFindings(comparison.findings);
  const excuses = excusesOf(comparison.findings);
  const findings = [
    ...deciding.flatMap(({ finding, consequences }) => [finding, ...consequences]),
    ...[...excused.values()].flat(),
  ];
  const page = new Page();
  page.add([`## ${SIGNS[verdict]} Chargetape: ${headline(comparison)}`, '']);
  page.add([`${code(nameOf(baseline))} → ${code(nameOf(candidate))}`, '']);
  const { incompleteSessions } = summary;
  addAll(page, incompleteSessions, incompleteLine, MAX_TABLE_BYTES / 2, 'incomplete sessions');
  if (findings.length > 0) {
    page.add(['| severity | what | where | sessions | times |', '| --- | --- | --- | ---: | ---: |']);
    addAll(page, findings, (finding) => tableRow(finding, excuses), MAX_TABLE_BYTES, 'findings');
  }
  const last = summaryLines(comparison);
  page.reserve(last);
  addAll(
    page,
    deciding.map(({ finding }) => finding),
    details,
    MAX_BYTES - 200,
    'findings in detail',
  );
  page.add(last);
  return page.text();
}

/** Adds a block for each item while they fit, then a line that says how many did not. */
function addAll<Item>(
  page: Page,
  items: readonly Item[],
  blockOf: (item: Item) => string[],
  limit: number,
  noun: string,
): void {
  const fitting = items.findIndex((item) => !page.addWithin(blockOf(item), limit));
  if (fitting >= 0) page.add(['', `${items.length - fitting} more ${noun}: see the JSON or HTML report.`]);
  if (items.length > 0) page.add(['']);
}

/** Lines, and how many bytes they take. */
class Page {
  readonly #lines: string[] = [];
  #bytes = 0;

  add(lines: readonly string[]): void {
    this.#lines.push(...lines);
    this.#bytes += bytesOf(lines);
  }

  /** Adds lines unless the page would become longer than the limit. */
  addWithin(lines: readonly string[], limit: number): boolean {
    if (this.#bytes + bytesOf(lines) > limit) return false;
    this.add(lines);
    return true;
  }

  /** Keeps room for lines that come last. */
  reserve(lines: readonly string[]): void {
    this.#bytes += bytesOf(lines);
  }

  text(): string {
    return `${this.#lines.join('\n').trimEnd()}\n`;
  }
}

function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
}

function incompleteLine({ session, reason }: Comparison['summary']['incompleteSessions'][number]): string[] {
  return [`- incomplete: ${code(sessionWords(session))}: ${prose(cut(reason))}`];
}

function tableRow(finding: Finding, excuses: Excuses): string[] {
  const { severity, kind, sessions, count, caller } = finding;
  const excuse = excuses.get(finding.id);
  const grade = excuse === undefined ? severity : `${severity} (${excuse})`;
  const where = `${code(cut(placeOf(finding)))}${caller === 'csms' ? ' (command)' : ''}`;
  return [`| ${grade} | ${kind} | ${where} | ${sessions.length} | ${count} |`];
}

function details(finding: Finding): string[] {
  const { kind, id, message } = finding;
  const [example] = finding.examples;
  const makes = makesOf(finding);
  const rows = example
    ? alignTexts(example.baselineText, example.candidateText, example.path ?? finding.path, false)
    : [];
  const change = changeOf(finding);
  const lines = rows.length > 0 ? patch(rows) : change === null ? [] : [change];
  return [
    `<details><summary>${kind} ${prose(cut(placeOf(finding)))}</summary>`,
    '',
    prose(cut(message, 2 * MAX_LINE)),
    '',
    `${prose(cut(extentOf(finding), 2 * MAX_LINE))} (id ${code(id)})`,
    ...(makes === null ? [] : [prose(cut(makes, 2 * MAX_LINE))]),
    '',
    ...fenced(
      'diff',
      lines.map((line) => cut(line)),
    ),
    '',
    '</details>',
  ];
}

/** The lines that a finding is about, with a little of what stands around them, as a patch shows them. */
function patch(rows: readonly Row[]): string[] {
  const told = rows.some(({ focus }) => focus)
    ? rows.map(({ focus }) => focus)
    : rows.map(({ changed }) => changed);
  const near = (index: number) =>
    told.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).includes(true);
  const lines = rows.flatMap((row, index) => (near(index) ? patchLines(row, told[index]!) : []));
  return lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), '  …'] : lines;
}

function patchLines({ baseline, candidate }: Row, told: boolean): string[] {
  const textOf = (pieces: Row['baseline']) => (pieces ?? []).map(({ text }) => text).join('');
  if (!told) return [`  ${textOf(baseline ?? candidate)}`];
  return [...(baseline ? [`- ${textOf(baseline)}`] : []), ...(candidate ? [`+ ${textOf(candidate)}`] : [])];
}

function summaryLines({ summary }: Comparison): string[] {
  const empty = emptyShare(summary);
  const notCompared =
    summary.notCompared > 0 ? [`Not compared: ${prose(breakdown(summary.notComparedReasons))}.`] : [];
  return [
    ...judgementLines(summary).map((line) => `${prose(line)}.\n`),
    `Compared: ${comparedWords(summary)}.`,
    ...notCompared,
    ...(empty === null ? [] : [`Empty answers: ${empty}.`]),
  ];
}

function cut(text: string, length = MAX_LINE): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
