import type { Comparison, Finding, RecordingFacts } from '../diff/finding.ts';
import { ending } from '../diff/sentence.ts';
import { type Json, writeJson } from '../ocpp/json.ts';
import { visible } from '../session/visible.ts';
import { excusesOf } from './excuse.ts';

/** Longest value and longest list of names that a line shows in full. */
const MAX_VALUE = 72;
const MAX_NAMES = 3;

/** Stands for the value of a side that has none. */
const NOTHING = '(nothing)';

/** The verdict in one line: the word, then what was found. */
export function headline(comparison: Comparison): string {
  return `${comparison.verdict.toUpperCase()}: ${foundWords(comparison)}`;
}

/** How many findings decide, in how many sessions, and how many others there are: `1 finding in 5 sessions (2 noise)`. */
export function foundWords({ findings, summary }: Comparison): string {
  const excuses = excusesOf(findings);
  const deciding = findings.length - excuses.size;
  const counts = new Map<string, number>();
  for (const excuse of excuses.values()) counts.set(excuse, (counts.get(excuse) ?? 0) + 1);
  const others = [...counts]
    .map(([excuse, count]) =>
      excuse === 'consequence' ? counted(count, excuse) : `${amount(count)} ${excuse}`,
    )
    .join(', ');
  const found = deciding === 0 ? 'no differences' : counted(deciding, 'finding');
  const where = counted(summary.sessionsCompared, 'session');
  return `${found} in ${where}${others === '' ? '' : ` (${others})`}`;
}

/** How grave the findings that decide are, and how many chargers they touch: `4 high, 3 medium; 10 of 11 chargers touched`. Null without any. */
export function reachWords({ findings, summary }: Comparison): string | null {
  const excuses = excusesOf(findings);
  const deciding = findings.filter(({ id }) => !excuses.has(id));
  if (deciding.length === 0) return null;
  const grades = (['high', 'medium', 'low'] as const).flatMap((grade) => {
    const count = deciding.filter(({ severity }) => severity === grade).length;
    return count === 0 ? [] : [`${amount(count)} ${grade}`];
  });
  const touched = new Set(deciding.flatMap(({ sessions }) => sessions)).size;
  return `${grades.join(', ')}; ${amount(touched)} of ${counted(summary.sessionsCompared, 'charger')} touched`;
}

/** What a finding is about: its action and the place in the payload, or the connection. */
export function placeOf({ action, variety, path }: Pick<Finding, 'action' | 'variety' | 'path'>): string {
  const sort = variety === undefined ? '' : `(${variety})`;
  return visible([action, sort, path].filter(Boolean).join(' ') || 'connection');
}

/** How a recording is called: its label, else its CSMS, else its uuid. */
export function nameOf({ label, upstream, uuid }: RecordingFacts): string {
  return visible(label ?? upstream ?? uuid);
}

/** Both values of a finding, `before -> after`, each cut to a line; null when it has none. */
export function changeOf(finding: Pick<Finding, 'kind' | 'baseline' | 'candidate'>): string | null {
  return sidesOf(finding)?.join(' -> ') ?? null;
}

/** The same, unless the finding's sentence has both values whole already. */
export function untoldChangeOf(
  finding: Pick<Finding, 'kind' | 'baseline' | 'candidate' | 'message'>,
): string | null {
  const told = sidesOf(finding)?.every((side) => side === NOTHING || visible(finding.message).includes(side));
  return told ? null : changeOf(finding);
}

/** Both values of a finding, each cut to a line; a refused call's result is only called so. Null when it has none. */
export function sidesOf({
  kind,
  baseline,
  candidate,
}: Pick<Finding, 'kind' | 'baseline' | 'candidate'>): [before: string, after: string] | null {
  if (baseline === undefined && candidate === undefined) return null;
  if (kind === 'latency' || kind === 'late-answer') return [`${baseline} ms`, `${candidate} ms`];
  if (kind === 'close') return [ending(baseline), ending(candidate)];
  const before = kind === 'result-to-error' ? 'result' : shown(baseline);
  return [before, kind === 'error-to-result' ? 'result' : shown(candidate)];
}

/** How often a finding was seen, and where: the first sessions by name. */
export function extentOf({ count, sessions }: Pick<Finding, 'count' | 'sessions'>): string {
  return `${counted(count, 'time')} in ${counted(sessions.length, 'session')}: ${listed(sessions)}`;
}

/** What the chargers of a finding are: vendor, model and firmware of the first few; null when none said so. */
export function makesOf({ vendors }: Pick<Finding, 'vendors'>): string | null {
  const names = vendors.map(({ vendor, model, firmware }) =>
    [vendor, model, firmware].filter(Boolean).join(' '),
  );
  const known = names.filter((name) => name !== '');
  return known.length === 0 ? null : listed(known);
}

/** What became of rules and noise, a line each; none when there were none. */
export function judgementLines({ rules, noise, confirmation }: Comparison['summary']): string[] {
  const problems = (rules?.problems ?? []).map(({ rule, problem, message }) =>
    visible(`Rule ${rule} is ${problem}: ${message}`),
  );
  if (confirmation !== undefined)
    problems.push(
      `Confirmed     in ${counted(confirmation.runs, 'further run')}; ${counted(confirmation.flaky, 'finding')} did not come again each time`,
    );
  if (noise === undefined) return problems;
  const { runs, exchanges, differing, refused } = noise;
  const rate = `A/A: ${amount(differing)} of ${counted(exchanges, 'exchange')} differ in ${counted(runs, 'run')} of the baseline's build`;
  return [
    ...problems,
    rate,
    ...refused.map(({ finding, reason }) => visible(`Not noise: ${finding}: ${reason}`)),
  ];
}

/** The sessions that an incompleteness concerns, in words. */
export function sessionWords(session: string): string {
  return session === '*' ? 'all sessions' : visible(session);
}

/** Share of the exchanges whose answers say nothing on either side, `27 of 55 (49 %)`; null when nothing was compared. */
export function emptyShare({ emptyAnswers, exchangesCompared }: Comparison['summary']): string | null {
  if (exchangesCompared === 0) return null;
  const percent = Math.round((100 * emptyAnswers) / exchangesCompared);
  return `${amount(emptyAnswers)} of ${amount(exchangesCompared)} (${percent} %)`;
}

/** A count by its parts: `3 (2 × call not sent, 1 × other)`; most frequent first, then by name. */
export function breakdown(parts: Record<string, number>): string {
  const total = Object.values(parts).reduce((sum, count) => sum + count, 0);
  const sorted = Object.entries(parts).sort(([, a], [, b]) => b - a);
  const words = sorted.map(([name, count]) => `${amount(count)} × ${name}`);
  return words.length === 0 ? amount(total) : `${amount(total)} (${words.join(', ')})`;
}

/** What was compared: sessions, connections, exchanges and commands. */
export function comparedWords(summary: Comparison['summary']): string {
  const { sessionsCompared, connectionsCompared, exchangesCompared, commandsCompared } = summary;
  return [
    counted(sessionsCompared, 'session'),
    counted(connectionsCompared, 'connection'),
    counted(exchangesCompared, 'exchange'),
    counted(commandsCompared, 'command'),
  ].join(', ');
}

/** A number of things, `1 finding` or `1,240 findings`. */
export function counted(count: number, noun: string): string {
  return `${amount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function amount(count: number): string {
  return count.toLocaleString('en');
}

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  const first = visible(names.slice(0, MAX_NAMES).join(', '));
  return more > 0 ? `${first} and ${amount(more)} more` : first;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return NOTHING;
  const text = visible(writeJson(value));
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
