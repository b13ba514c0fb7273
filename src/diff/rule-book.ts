import { pointer } from '../ocpp/json.ts';
import { globPattern } from '../session/glob.ts';
import { isWithin } from './expectation.ts';
import type { Comparison, Finding, RuleFacts, RuleProblem } from './finding.ts';
import type { Acceptance, Expectation, RuleHead, Rules } from './rule.ts';
import type { Occurrence } from './tally.ts';
import { judgedAnew } from './verdict.ts';

/** The rules in force during one comparison, and what each did in it. */
export class RuleBook {
  readonly #rules: Rules;
  readonly #today: string;
  readonly #used = new Map<RuleHead, number>();
  readonly #patterns = new Map<string, RegExp>();
  readonly #tooBroad: RuleProblem[] = [];
  #sessions = 0;

  /** `today` is a day such as `2026-11-23`: a rule holds up to and with the day that it expires. */
  constructor(rules: Rules, today: string) {
    this.#rules = rules;
    this.#today = today;
  }

  /** Whether this session (`endpoint/identity`) is not to be compared. */
  quarantines(session: string): boolean {
    this.#sessions++;
    const rule = this.#rules.quarantined.find((one) => this.#holds(one) && this.#isAbout(one, session));
    if (rule) this.#use(rule);
    return rule !== undefined;
  }

  /** The expectation that this difference meets, in words; null when it meets none. */
  expects(occurrence: Occurrence): string | null {
    const rule = this.#rules.expected.find((one) => this.#meets(one, occurrence));
    if (!rule) return null;
    this.#use(rule);
    return `${rule.type} by rule`;
  }

  /** The comparison with what the rules accept, and what became of them; called once, at the end. */
  judge(comparison: Comparison, strict: boolean): Comparison {
    const findings = comparison.findings.map((finding) => this.#judged(finding));
    const rules: RuleFacts = {
      inForce: this.#all().filter((rule) => this.#holds(rule)).length,
      strict,
      problems: this.#problems(),
    };
    return judgedAnew(comparison, findings, { rules });
  }

  #judged(finding: Finding): Finding {
    const rules = this.#rules.accepted.filter((one) => this.#holds(one) && this.#accepts(one, finding));
    const named = rules.find(({ target }) => 'finding' in target);
    const rule = named ?? (finding.severity === 'high' ? undefined : rules[0]);
    for (const one of rules) this.#use(one);
    if (rule) return { ...finding, status: 'accepted', reason: rule.reason };
    for (const one of rules) {
      const what = `would accept ${finding.id}, which is high; accept that one by its id`;
      this.#tooBroad.push({ rule: one.name, problem: 'over-broad', message: `It ${what}.` });
    }
    return finding;
  }

  #accepts(rule: Acceptance, finding: Finding): boolean {
    const { target } = rule;
    if (!finding.sessions.every((session) => this.#isAbout(rule, session))) return false;
    if ('finding' in target) return target.finding === finding.id;
    const { action, path, kind } = target;
    if (action !== finding.action || (kind !== null && kind !== finding.kind)) return false;
    return path === finding.path.replaceAll(/\/\d+(?=\/|$)/g, '/*');
  }

  #meets(rule: Expectation, occurrence: Occurrence): boolean {
    if (!this.#holds(rule) || rule.action !== occurrence.action) return false;
    const path = pointer(occurrence.path.map((step) => (typeof step === 'number' ? '*' : step)));
    return path === rule.path && this.#isAbout(rule, occurrence.session) && isWithin(rule, occurrence);
  }

  #problems(): RuleProblem[] {
    const problems = this.#all().flatMap((rule): RuleProblem[] => {
      const { name, expires } = rule;
      if (!this.#holds(rule))
        return [{ rule: name, problem: 'expired', message: `It was to end on ${expires}; it did nothing.` }];
      const used = this.#used.get(rule) ?? 0;
      if (used === 0)
        return [{ rule: name, problem: 'unused', message: 'Nothing in this comparison is like it.' }];
      if (this.#rules.quarantined.includes(rule) && used === this.#sessions)
        return [{ rule: name, problem: 'over-broad', message: 'It leaves no session to compare.' }];
      return [];
    });
    return [...problems, ...this.#tooBroad];
  }

  #all(): RuleHead[] {
    return [...this.#rules.accepted, ...this.#rules.expected, ...this.#rules.quarantined];
  }

  #holds({ expires }: RuleHead): boolean {
    return expires === null || this.#today <= expires;
  }

  #use(rule: RuleHead): void {
    this.#used.set(rule, (this.#used.get(rule) ?? 0) + 1);
  }

  #isAbout({ chargers }: RuleHead, session: string): boolean {
    if (chargers === null) return true;
    const pattern = this.#patterns.get(chargers) ?? globPattern(chargers);
    this.#patterns.set(chargers, pattern);
    return pattern.test(session) || pattern.test(session.slice(session.lastIndexOf('/') + 1));
  }
}
