import type { Comparison, Example, Finding } from '../diff/finding.ts';
import { type Excuse, type Excuses, excusesOf } from './excuse.ts';
import { changeOf, extentOf, headline, placeOf } from './phrases.ts';
import { element, xmlText } from './xml.ts';

/** Name of the suite for what concerns no single charger. */
const ALL = 'all chargers';

/** Most test cases of findings; a finding in many chargers is one in each, the gravest first. */
const MAX_CASES = 20_000;

/** Longest frame text of a test case, and how much of such text the whole report holds, characters. */
const MAX_TEXT = 2_000;
const MAX_TEXTS = 4_000_000;

/** What became of a test case. */
type Outcome = 'passed' | 'failures' | 'errors' | 'skipped';

interface Case {
  outcome: Outcome;
  xml: string;
}

/**
 * JUnit XML: a suite for each charger, in it a case that it was compared to its end (an error when it was not) and one for each finding
 * (failure, or skipped when accepted or noise). Names are the same in the next run. At most about 16 MB.
 */
export function junitReport(comparison: Comparison): string {
  const suites = suitesOf(comparison);
  const all = [...suites.values()].flat();
  const body = [...suites].map(([name, cases]) =>
    element('testsuite', { name, ...tallyOf(cases), time: 0 }, withLines(cases.map(({ xml }) => xml))),
  );
  const root = element('testsuites', { name: 'chargetape', ...tallyOf(all), time: 0 }, withLines(body));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!-- ${comment(headline(comparison))} -->\n${root}\n`;
}

/** Test cases by suite: one for each charger that was compared or should have been, after one for what concerns all. */
function suitesOf(comparison: Comparison): Map<string, Case[]> {
  const { sessions, incompleteSessions } = comparison.summary;
  const suites = new Map<string, Case[]>();
  const reasons = new Map(incompleteSessions.map(({ session, reason }) => [session, reason]));
  const names = [...new Set([...sessions, ...reasons.keys()])].filter((name) => name !== '*').sort();
  suites.set(ALL, [completeness(ALL, reasons.get('*'))]);
  for (const name of names) suites.set(name, [completeness(name, reasons.get(name))]);
  const excuses = excusesOf(comparison.findings);
  const { told, untold } = occurrencesOf(comparison.findings, excuses);
  let texts = MAX_TEXTS;
  for (const { finding, session } of told) {
    const detail = detailOf(finding, session, texts);
    texts -= detail.length;
    const cases = suites.get(session) ?? [];
    suites.set(session, cases);
    cases.push(findingCase({ finding, session }, detail, excuses.get(finding.id)));
  }
  if (untold > 0) suites.get(ALL)?.push(untoldCase(untold));
  return suites;
}

interface SessionFinding {
  finding: Finding;
  session: string;
}

/** Every finding in its first session, then in all others as far as there is room. */
function occurrencesOf(
  findings: readonly Finding[],
  excuses: Excuses,
): { told: SessionFinding[]; untold: number } {
  const told = findings.map((finding) => ({ finding, session: finding.sessions[0] ?? ALL }));
  const room = Math.max(MAX_CASES, told.length);
  let untold = 0;
  for (const finding of findings) {
    const others = finding.sessions.slice(1, 1 + room - told.length);
    told.push(...others.map((session) => ({ finding, session })));
    if (!excuses.has(finding.id)) untold += Math.max(0, finding.sessions.length - 1) - others.length;
  }
  return { told, untold };
}

function completeness(session: string, reason: string | undefined): Case {
  const attributes = { classname: session, name: 'compared to its end', time: 0 };
  if (reason === undefined) return { outcome: 'passed', xml: element('testcase', attributes) };
  const error = element('error', { type: 'incomplete', message: reason }, [xmlText(reason)]);
  return { outcome: 'errors', xml: element('testcase', attributes, [error]) };
}

function findingCase({ finding, session }: SessionFinding, detail: string, excuse: Excuse | undefined): Case {
  const { kind, id, message, severity } = finding;
  const attributes = { classname: session, name: `${kind} ${placeOf(finding)} [${id}]`, time: 0 };
  const result =
    excuse === undefined
      ? element('failure', { type: kind, message: `${severity}: ${message}` }, [xmlText(detail)])
      : element('skipped', { message: `${excuse}: ${message}` });
  return {
    outcome: excuse === undefined ? 'failures' : 'skipped',
    xml: element('testcase', attributes, [result]),
  };
}

/** What the cap left out fails the report too: it must not look better than the comparison is. */
function untoldCase(untold: number): Case {
  const message = `${untold} more failures in other chargers are not listed here: see the JSON or HTML report.`;
  const attributes = { classname: ALL, name: 'every failure is listed', time: 0 };
  const failure = element('failure', { type: 'not-listed', message });
  return { outcome: 'failures', xml: element('testcase', attributes, [failure]) };
}

function detailOf(finding: Finding, session: string, room: number): string {
  const example = finding.examples.find((one) => one.session === session);
  const texts = example === undefined || room <= 0 ? [] : textsOf(example);
  return [changeOf(finding) ?? finding.message, extentOf(finding), ...texts].join('\n');
}

function textsOf({ baselineText, candidateText }: Example): string[] {
  const cut = (text: string) => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
  return [
    ...(baselineText === undefined ? [] : [`baseline:  ${cut(baselineText)}`]),
    ...(candidateText === undefined ? [] : [`candidate: ${cut(candidateText)}`]),
  ];
}

function tallyOf(cases: readonly Case[]): Record<string, number> {
  const count = (outcome: Outcome) => cases.filter((one) => one.outcome === outcome).length;
  return {
    tests: cases.length,
    failures: count('failures'),
    errors: count('errors'),
    skipped: count('skipped'),
  };
}

function withLines(parts: readonly string[]): string[] {
  return ['\n', ...parts.map((part) => `${part}\n`)];
}

/** A text that may stand in an XML comment. */
function comment(text: string): string {
  return xmlText(text).replaceAll('--', '-');
}
