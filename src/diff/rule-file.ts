import { parseDocument } from 'yaml';
import { ChargetapeError } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../ocpp/json.ts';
import type { FindingKind } from './finding.ts';
import type { Acceptance, Expectation, RuleHead, Rules } from './rule.ts';
import { isFindingKind } from './sentence.ts';

const LISTS = ['accepted', 'expected', 'quarantined'] as const;
const TYPES: readonly string[] = ['ignore', 'time', 'id', 'tolerance'] satisfies Expectation['type'][];
/** Fields of every rule; `author`, `date`, `builds` and `is` are for the reader. */
const HEAD_FIELDS = ['reason', 'author', 'date', 'builds', 'expires', 'chargers', 'is'];

/** One rule as it is written: all its values are texts. */
type Written = { [field: string]: string };

/**
 * Reads a rules file, YAML 1.2 or JSON: `accepted`, `expected` and `quarantined`, each a list. `file` names it in errors. Throws
 * BAD_RULES for whatever it does not understand: a rule that silently does nothing would be worse.
 */
export function parseRules(text: string, file: string): Rules {
  const document = parseDocument(text, { schema: 'failsafe' });
  const [trouble] = document.errors;
  if (trouble) throw badRules(file, trouble.message.split('\n')[0]!.replace(/:$/, ''));
  const value = (document.toJS() ?? {}) as Json;
  if (value === '') return { accepted: [], expected: [], quarantined: [] };
  if (!isObject(value)) throw badRules(file, 'it is no map of accepted, expected and quarantined');
  for (const key of Object.keys(value)) {
    if (!(LISTS as readonly string[]).includes(key)) throw badRules(file, `there is no list "${key}"`);
  }
  return {
    accepted: rulesIn(value, 'accepted', file).map((rule) => rule.acceptance()),
    expected: rulesIn(value, 'expected', file).map((rule) => rule.expectation()),
    quarantined: rulesIn(value, 'quarantined', file).map((rule) => rule.quarantine()),
  };
}

function badRules(file: string, what: string): ChargetapeError {
  return new ChargetapeError('BAD_RULES', `${file}: ${what}.`);
}

function rulesIn(value: JsonObject, list: (typeof LISTS)[number], file: string): RuleReader[] {
  const rules = value[list] ?? [];
  if (rules === '') return [];
  if (!Array.isArray(rules)) throw badRules(file, `${list} is no list`);
  return rules.map((rule, index) => {
    const where = `${list} ${index + 1}`;
    if (!isObject(rule) || Object.values(rule).some((field) => typeof field !== 'string'))
      throw badRules(file, `${where} is no map of texts`);
    return new RuleReader(rule as Written, where, file);
  });
}

/** Reads one rule. */
class RuleReader {
  readonly #rule: Written;
  readonly #where: string;
  readonly #file: string;

  constructor(rule: Written, where: string, file: string) {
    this.#rule = rule;
    this.#where = where;
    this.#file = file;
  }

  acceptance(): Acceptance {
    const { finding, action, kind } = this.#rule;
    if (finding !== undefined) {
      this.#onlyFields('finding');
      if (!/^[0-9a-f]{12}$/.test(finding)) throw this.#bad(`"${finding}" is no id of a finding`);
      return { ...this.#head(`finding ${finding}`), target: { finding } };
    }
    this.#onlyFields('action', 'path', 'kind');
    if (action === undefined) throw this.#bad('it has neither a finding nor an action with a path');
    if (kind !== undefined && !isFindingKind(kind)) throw this.#bad(`"${kind}" is no kind of finding`);
    const path = this.#path();
    const target = { action, path, kind: (kind as FindingKind | undefined) ?? null };
    return { ...this.#head(`${action} ${path}`), target };
  }

  expectation(): Expectation {
    const { type = '', action, within } = this.#rule;
    if (!TYPES.includes(type)) throw this.#bad(`its type is none of ${TYPES.join(', ')}`);
    if (action === undefined) throw this.#bad('it has no action');
    this.#onlyFields('type', 'action', 'path', ...(type === 'tolerance' ? ['within'] : []));
    const path = this.#path();
    if (path === '') throw this.#bad('its path is a whole payload; name the place');
    const distance = Number(within ?? (type === 'tolerance' ? Number.NaN : 0));
    if (within === '' || !(distance >= 0)) throw this.#bad('a tolerance needs "within", a number');
    const head = this.#head(`${type} ${action} ${path}`);
    return { ...head, type: type as Expectation['type'], action, path, within: distance };
  }

  quarantine(): RuleHead {
    this.#onlyFields();
    const { chargers } = this.#rule;
    if (chargers === undefined) throw this.#bad('it names no chargers');
    return this.#head(`chargers ${chargers}`);
  }

  #head(about: string): RuleHead {
    const { reason, expires = null, chargers = null } = this.#rule;
    if (reason === undefined || reason.trim() === '') throw this.#bad('it has no reason');
    if (expires !== null && !isDay(expires)) throw this.#bad(`"${expires}" is no day such as 2027-01-31`);
    return { name: `${this.#where} (${about})`, reason, expires, chargers };
  }

  /** The JSON Pointer of the rule (RFC 6901), `*` for array indexes. */
  #path(): string {
    const { path } = this.#rule;
    if (path === undefined) throw this.#bad('it has no path');
    const steps = path.split('/').slice(1);
    const isStep = (step: string) => step === '*' || /^([^~*.[\]$]|~[01])+$/.test(step);
    if (path !== '' && (!path.startsWith('/') || !steps.every(isStep)))
      throw this.#bad(`"${path}" is no path such as /idTagInfo/status or /meterValue/*/timestamp`);
    if (steps.some((step) => /^\d+$/.test(step)))
      throw this.#bad(`"${path}" names one item of an array; write * for its index`);
    return path;
  }

  #onlyFields(...fields: string[]): void {
    const odd = Object.keys(this.#rule).find((field) => ![...HEAD_FIELDS, ...fields].includes(field));
    if (odd !== undefined) throw this.#bad(`a rule of this sort has no field "${odd}"`);
  }

  #bad(what: string): ChargetapeError {
    return badRules(this.#file, `${this.#where}: ${what}`);
  }
}

/** Whether a text is a day of the calendar, such as `2027-01-31`. */
function isDay(text: string): boolean {
  const epochMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(text);
}
