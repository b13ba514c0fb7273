import type { Comparison, Finding, Summary } from '../diff/finding.ts';
import { type Json, writeJson } from '../ocpp/json.ts';

/** Longest value and longest list of sessions that a line shows in full. */
const MAX_VALUE = 72;
const MAX_SESSIONS = 3;

/** A comparison for people, to be read in ten seconds: the verdict, the findings by severity, then what was and was not compared. */
export function textReport(comparison: Comparison): string {
  const { baseline, candidate, findings, summary } = comparison;
  const blocks = [
    [headline(comparison)],
    [
      `  baseline   ${baseline.label ?? baseline.upstream ?? baseline.uuid}  (${baseline.kind}, ${baseline.startedAt})`,
      `  candidate  ${candidate.label ?? candidate.upstream ?? candidate.uuid}  (${candidate.kind}, ${candidate.startedAt})`,
    ],
    ...incompleteLines(summary),
    ...findings.map(findingLines),
    summaryLines(summary),
  ];
  return `${blocks.map((lines) => lines.map(printable).join('\n')).join('\n\n')}\n`;
}

/** A line without control characters: identities and actions are what a charger says they are. */
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, '\uFFFD');
}

function headline({ verdict, findings, summary }: Comparison): string {
  const found = findings.length === 0 ? 'no differences' : counted(findings.length, 'finding');
  const where = counted(summary.sessionsCompared, 'session');
  return `${verdict.toUpperCase()}: ${found} in ${where}`;
}

function findingLines(finding: Finding): string[] {
  const { severity, kind, caller, action, path, count, sessions, message } = finding;
  const title = [action, path].filter(Boolean).join(' ') || 'connection';
  const who = caller === 'csms' ? ' (command)' : '';
  return [
    `${severity.toUpperCase().padEnd(6)}  ${kind}  ${title}${who}`,
    `        ${message}`,
    ...valueLines(finding),
    `        ${counted(count, 'time')} in ${counted(sessions.length, 'session')}: ${listed(sessions)}   [${finding.id}]`,
  ];
}

/** Both values, one above the other, when the sentence alone cannot show them. */
function valueLines({ baseline, candidate }: Finding): string[] {
  if (baseline === undefined && candidate === undefined) return [];
  return [`        ${shown(baseline)} -> ${shown(candidate)}`];
}

function incompleteLines({ incompleteSessions }: Summary): string[][] {
  if (incompleteSessions.length === 0) return [];
  const lines = incompleteSessions.map(
    ({ session, reason }) => `  ${session === '*' ? 'all sessions' : session}: ${reason}`,
  );
  return [['Incomplete:', ...lines]];
}

function summaryLines(summary: Summary): string[] {
  const { sessionsCompared, connectionsCompared, exchangesCompared, commandsCompared } = summary;
  const compared = [
    counted(sessionsCompared, 'session'),
    counted(connectionsCompared, 'connection'),
    counted(exchangesCompared, 'exchange'),
    counted(commandsCompared, 'command'),
  ];
  return [
    `Compared      ${compared.join(', ')}`,
    `Not compared  ${breakdown(summary.notCompared, summary.notComparedReasons)}`,
    `Expected      ${breakdown(sumOf(summary.expected), summary.expected)}`,
  ];
}

function breakdown(total: number, parts: Record<string, number>): string {
  const lines = Object.entries(parts).map(([name, count]) => `${count} ${name}`);
  return lines.length === 0 ? String(total) : `${total} (${lines.join('; ')})`;
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function listed(sessions: readonly string[]): string {
  const more = sessions.length - MAX_SESSIONS;
  const names = sessions.slice(0, MAX_SESSIONS).join(', ');
  return more > 0 ? `${names} and ${more} more` : names;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return '(nothing)';
  const text = writeJson(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
