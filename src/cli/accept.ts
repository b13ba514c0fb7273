import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { Comparison, Finding } from '../diff/finding.ts';
import { RuleBook } from '../diff/rule-book.ts';
import {
  type AcceptanceNote,
  type AcceptedPlace,
  withAccepted,
  withoutAccepted,
  withPlace,
} from '../diff/rule-edit.ts';
import { parseRules } from '../diff/rule-file.ts';
import { ChargetapeError } from '../errors.ts';
import { isObject, type Json } from '../ocpp/json.ts';
import { nameOf } from '../report/phrases.ts';
import { visible } from '../session/visible.ts';
import { readText } from './input.ts';
import { counted, printLine, writeWhole } from './output.ts';
import type { Run } from './run.ts';
import { today } from './today.ts';

/** The rules file that is written when none is named. */
export const RULES = 'chargetape.rules.yaml';

interface AcceptOptions {
  from: string;
  rules: string;
  reason: string;
  chargers?: string;
  expires?: string;
  action?: string;
  path?: string;
  kind?: string;
  preview?: true;
}

/** `chargetape accept`: puts findings on the list of what may differ. */
export function acceptCommand(run: Run): Command {
  return new Command('accept')
    .description('accept findings of a comparison, with a reason, in a rules file')
    .argument('[finding...]', 'ids of findings, or their first digits')
    .requiredOption('--from <file>', 'the comparison, as --format json or --output json=FILE wrote it')
    .requiredOption('--reason <text>', 'why this may differ')
    .option('--rules <file>', 'the rules file; made when there is none', RULES)
    .option(
      '--action <action>',
      'instead of ids, with --path: whatever differs at one place, but for high ones',
    )
    .option('--path <pointer>', 'that place, such as /interval or /key/*')
    .option('--kind <kind>', 'only findings of this kind at that place')
    .option('--chargers <glob>', 'only while no other charger shows it')
    .option('--expires <day>', 'the last day on which it is accepted, such as 2027-01-31')
    .option('--preview', 'say what it would silence, and write nothing')
    .action((ids: string[], options: AcceptOptions) => run(() => accept(ids, options)));
}

/** `chargetape reject`: takes accepted findings off that list. */
export function rejectCommand(run: Run): Command {
  return new Command('reject')
    .description('take accepted findings out of a rules file')
    .argument('<finding...>', 'whole ids of findings')
    .option('--rules <file>', 'the rules file', RULES)
    .action((ids: string[], options: Pick<AcceptOptions, 'rules'>) => run(() => reject(ids, options)));
}

async function accept(ids: string[], options: AcceptOptions): Promise<number> {
  const { from, rules, preview } = options;
  const comparison = comparisonOf(from);
  const before = readRules(rules);
  const book = new RuleBook(parseRules(before, rules), today());
  const text = withRule(before, comparison, ids, options);
  const silenced = silencedBy(new RuleBook(parseRules(text, rules), today()), comparison);
  const already = new Set(silencedBy(book, comparison).map(({ id }) => id));
  if (!preview) writeWhole(rules, text);
  const verb = preview ? 'would accept' : 'accepted';
  const fresh = silenced.filter(({ id }) => !already.has(id) || ids.some((given) => id.startsWith(given)));
  for (const { id, message, count, sessions } of fresh) {
    const extent = `${counted(count, 'time')} in ${counted(sessions.length, 'session')}`;
    await printLine(visible(`${verb} ${id}, ${extent}: ${message}`));
  }
  if (preview || fresh.length !== 1) await printLine(extentOf(verb, fresh, comparison));
  return 0;
}

/** The rules with the one more that the options ask for. USAGE, NO_SUCH_FINDING. */
function withRule(before: string, comparison: Comparison, ids: string[], options: AcceptOptions): string {
  const { from, reason, chargers = null, expires = null } = options;
  const builds = buildsOf(comparison);
  const note: AcceptanceNote = { reason, author: author(), date: today(), builds, expires, chargers };
  const place = placeOf(options);
  if (expires !== null && expires < note.date)
    throw new ChargetapeError('USAGE', `--expires ${expires} is over: that would accept nothing.`);
  if ((place === null) === (ids.length === 0))
    throw new ChargetapeError('USAGE', 'Name findings, or one place with --action and --path.');
  if (place !== null) return withPlace(before, place, note);
  const chosen = [...new Set(ids.map((id) => findingOf(comparison.findings, id, from)))];
  const high = chosen.find(({ severity }) => severity === 'high');
  if (high !== undefined && chosen.length > 1)
    throw new ChargetapeError('USAGE', `${high.id} is high: accept it by itself, with its own reason.`);
  return withAccepted(before, chosen, note);
}

function placeOf({ action, path, kind }: AcceptOptions): AcceptedPlace | null {
  if (action === undefined && path === undefined && kind === undefined) return null;
  if (action === undefined || path === undefined)
    throw new ChargetapeError('USAGE', 'A place needs both --action and --path.');
  return { action, path, kind: kind ?? null };
}

/** The findings that rules accept. */
function silencedBy(book: RuleBook, comparison: Comparison): Finding[] {
  const unjudged = comparison.findings.map(
    (finding): Finding => (finding.status === 'accepted' ? { ...finding, status: 'new' } : finding),
  );
  return book
    .judge({ ...comparison, findings: unjudged }, false)
    .findings.filter(({ status }) => status === 'accepted');
}

function extentOf(verb: string, silenced: readonly Finding[], { findings }: Comparison): string {
  const high = silenced.filter(({ severity }) => severity === 'high').length;
  return `${verb} ${silenced.length} of ${counted(findings.length, 'finding')}, ${high} of them high`;
}

async function reject(ids: string[], { rules }: Pick<AcceptOptions, 'rules'>): Promise<number> {
  const before = readText(rules);
  parseRules(before, rules);
  const { text, removed } = withoutAccepted(before, ids);
  const unknown = ids.find((id) => !removed.includes(id));
  if (unknown !== undefined)
    throw new ChargetapeError('NO_SUCH_FINDING', `${rules} accepts no finding "${unknown}".`);
  writeWhole(rules, text);
  for (const id of removed) await printLine(`no longer accepted: ${id}`);
  return 0;
}

/** What is compared, in the words that an acceptance keeps. */
export function buildsOf({ against, baseline, candidate }: Comparison): string {
  return `${nameOf(against ?? baseline)} -> ${nameOf(candidate)}`;
}

/** The text of a rules file; empty when there is none yet. */
export function readRules(file: string): string {
  return existsSync(file) ? readText(file) : '';
}

function comparisonOf(file: string): Comparison {
  const text = readText(file);
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ChargetapeError('USAGE', `${file} is no comparison in JSON.`, { cause });
  }
  if (isObject(value) && Array.isArray(value.findings)) return value as unknown as Comparison;
  throw new ChargetapeError('USAGE', `${file} is no comparison in JSON.`);
}

function findingOf(findings: readonly Finding[], id: string, file: string): Finding {
  const [found, other] = findings.filter((finding) => finding.id.startsWith(id));
  if (found === undefined) throw new ChargetapeError('NO_SUCH_FINDING', `${file} has no finding "${id}".`);
  if (other !== undefined)
    throw new ChargetapeError('NO_SUCH_FINDING', `${file} has several findings that begin with "${id}".`);
  return found;
}

/** Who accepts, as git knows the user; null when it does not. */
export function author(): string | null {
  try {
    const name = execFileSync('git', ['config', 'user.name'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return name.trim() || null;
  } catch {
    return null;
  }
}
