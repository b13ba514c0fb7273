import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { Comparison, Finding } from '../diff/finding.ts';
import { withAccepted, withoutAccepted } from '../diff/rule-edit.ts';
import { parseRules } from '../diff/rule-file.ts';
import { ChargetapeError } from '../errors.ts';
import { isObject, type Json } from '../ocpp/json.ts';
import { visible } from '../session/visible.ts';
import { readText } from './input.ts';
import { counted, printLine, writeWhole } from './output.ts';
import type { Run } from './run.ts';
import { today } from './today.ts';

/** The rules file that is written when none is named. */
const RULES = 'chargetape.rules.yaml';

interface AcceptOptions {
  from: string;
  rules: string;
  reason: string;
  chargers?: string;
  expires?: string;
}

/** `chargetape accept`: puts findings on the list of what may differ. */
export function acceptCommand(run: Run): Command {
  return new Command('accept')
    .description('accept findings of a comparison, with a reason, in a rules file')
    .argument('<finding...>', 'ids of findings, or their first digits')
    .requiredOption('--from <file>', 'the comparison, as --format json or --output json=FILE wrote it')
    .requiredOption('--reason <text>', 'why this may differ')
    .option('--rules <file>', 'the rules file; made when there is none', RULES)
    .option('--chargers <glob>', 'only while no other charger shows it')
    .option('--expires <day>', 'the last day on which it is accepted, such as 2027-01-31')
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
  const { from, rules, reason, chargers = null, expires = null } = options;
  const { findings } = comparisonOf(from);
  const chosen = [...new Set(ids.map((id) => findingOf(findings, id, from)))];
  const high = chosen.find(({ severity }) => severity === 'high');
  if (high !== undefined && chosen.length > 1)
    throw new ChargetapeError('USAGE', `${high.id} is high: accept it by itself, with its own reason.`);
  const before = existsSync(rules) ? readText(rules) : '';
  parseRules(before, rules);
  const note = { reason, author: author(), date: today(), expires, chargers };
  const text = withAccepted(before, chosen, note);
  parseRules(text, rules);
  writeWhole(rules, text);
  for (const { id, message, count, sessions } of chosen) {
    const extent = `${counted(count, 'time')} in ${counted(sessions.length, 'session')}`;
    await printLine(visible(`accepted ${id}, ${extent}: ${message}`));
  }
  return 0;
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
function author(): string | null {
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
