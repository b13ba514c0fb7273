import type { Comparison, Finding, FindingKind, Severity } from '../diff/finding.ts';
import { RuleBook } from '../diff/rule-book.ts';
import { type AcceptanceNote, withAccepted, withoutAccepted, withPlace } from '../diff/rule-edit.ts';
import { parseRules } from '../diff/rule-file.ts';
import type { RulesFile } from './deeds.ts';

/** How far an acceptance goes. */
export interface Scope {
  /** What it says in the picker. */
  says: string;
  /** The rules with it. */
  text(before: string, note: Omit<AcceptanceNote, 'chargers'>): string;
}

/** What an acceptance would silence that is not silent yet. */
export interface Preview {
  findings: Finding[];
  occurrences: number;
  sessions: number;
  bySeverity: Record<Severity, number>;
}

/** What was decided on a finding in this sitting. */
export type Mark = 'accepted' | 'rejected' | 'skipped';

interface Before {
  text: string;
  marks: Map<string, Mark>;
  says: string;
}

/** Decisions on the findings of a comparison: written to the rules file at once, and undone from there. */
export class Decisions {
  readonly rules: RulesFile;
  readonly #original: Comparison;
  #comparison: Comparison;
  #marks = new Map<string, Mark>();
  readonly #undo: Before[] = [];
  #hasDecided = false;

  constructor(comparison: Comparison, rules: RulesFile) {
    this.rules = rules;
    this.#comparison = comparison;
    // What a rule accepts now may be rejected later: as the comparison itself has it, it is new.
    const findings = comparison.findings.map((finding): Finding => {
      if (finding.status !== 'accepted') return finding;
      const { reason: _, ...rest } = finding;
      return { ...rest, status: 'new' };
    });
    this.#original = { ...comparison, findings };
  }

  /** The comparison as the decisions leave it. */
  get comparison(): Comparison {
    return this.#comparison;
  }

  markOf({ id }: Finding): Mark | null {
    return this.#marks.get(id) ?? null;
  }

  /** What would be silent with this scope, and is not yet. */
  preview(scope: Scope): Preview {
    const note = { reason: 'preview', builds: '', author: null, date: this.rules.today, expires: null };
    const before = new Map(this.#comparison.findings.map(({ id, status }) => [id, status]));
    const after = this.#judged(scope.text(this.rules.read(), note));
    const findings = after.findings.filter(
      ({ id, status }) => status === 'accepted' && before.get(id) === 'new',
    );
    const bySeverity = { high: 0, medium: 0, low: 0 };
    for (const { severity } of findings) bySeverity[severity]++;
    return {
      findings,
      occurrences: findings.reduce((sum, { count }) => sum + count, 0),
      sessions: new Set(findings.flatMap(({ sessions }) => sessions)).size,
      bySeverity,
    };
  }

  /** Writes an acceptance; `about` are the findings that it was asked for. */
  accept(scope: Scope, reason: string, about: readonly Finding[], says: string): void {
    const { author, today: date } = this.rules;
    const before = this.rules.read();
    const text = scope.text(before, { reason, builds: this.rules.builds, author, date, expires: null });
    this.#change(before, text, about, 'accepted', says);
  }

  /** Takes the finding's own acceptance out of the rules, if there is one. False when another rule still accepts it. */
  reject(finding: Finding): boolean {
    const before = this.rules.read();
    const { text } = withoutAccepted(before, [finding.id]);
    this.#change(before, text, [finding], 'rejected', `the rejection of ${finding.id}`);
    return this.#comparison.findings.find(({ id }) => id === finding.id)?.status !== 'accepted';
  }

  skip(finding: Finding): void {
    const text = this.rules.read();
    this.#remember(text, `the skipping of ${finding.id}`);
    this.#mark([finding], 'skipped');
  }

  /** Takes the last decision back; says which, or null when there is none. */
  undo(): string | null {
    const last = this.#undo.pop();
    if (!last) return null;
    if (this.rules.read() !== last.text) this.rules.write(last.text);
    this.#marks = last.marks;
    this.#judge(last.text);
    return last.says;
  }

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  #change(before: string, text: string, about: readonly Finding[], mark: Mark, says: string): void {
    parseRules(text, this.rules.path);
    if (text !== before) this.rules.write(text);
    this.#remember(before, says);
    this.#mark(about, mark);
    this.#judge(text);
  }

  #remember(text: string, says: string): void {
    this.#undo.push({ text, marks: new Map(this.#marks), says });
  }

  #mark(findings: readonly Finding[], mark: Mark): void {
    for (const { id } of findings) this.#marks.set(id, mark);
  }

  #judge(text: string): void {
    this.#hasDecided = true;
    this.#comparison = this.#judged(text);
  }

  #judged(text: string): Comparison {
    const rules = parseRules(text, this.rules.path);
    return new RuleBook(rules, this.rules.today).judge(this.#original, false);
  }

  /** Whether anything was decided: without, the comparison is what it was. */
  get hasDecided(): boolean {
    return this.#hasDecided;
  }
}

/** The scopes in which a finding can be accepted, the narrowest first. */
export function scopesOf(finding: Finding): Scope[] {
  const accepted =
    (chargers: string | null): Scope['text'] =>
    (before, note) =>
      withAccepted(before, [finding], { ...note, chargers });
  const glob = commonGlob(finding.sessions);
  const scopes: Scope[] = [
    ...(glob === null
      ? []
      : [
          {
            says: `this finding, while only ${glob} ${finding.sessions.length === 1 ? 'shows' : 'show'} it`,
            text: accepted(glob),
          },
        ]),
    { says: 'this finding, at any charger', text: accepted(null) },
  ];
  const { action, kind, path } = finding;
  if (finding.severity === 'high' || action === null) return scopes;
  const place = path.replaceAll(/\/\d+(?=\/|$)/g, '/*');
  const at = `${action}${path === '' ? '' : ` ${place}`}`;
  const placed =
    (of: FindingKind | null): Scope['text'] =>
    (before, note) =>
      withPlace(before, { action, path: place, kind: of }, { ...note, chargers: null });
  return [
    ...scopes,
    { says: `every ${kind} at ${at}`, text: placed(kind) },
    { says: `everything at ${at}`, text: placed(null) },
  ];
}

/** Acceptance of several findings, each by its id. */
export function scopeOfAll(findings: readonly Finding[]): Scope {
  return {
    says: 'these findings',
    text: (before, note) => withAccepted(before, findings, { ...note, chargers: null }),
  };
}

/** A glob for these sessions by identity: the one itself, or their common beginning; null when they have none. */
function commonGlob(sessions: readonly string[]): string | null {
  const names = sessions.map((session) => session.slice(session.lastIndexOf('/') + 1));
  const [first] = names;
  if (first === undefined) return null;
  if (names.length === 1) return first;
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length--;
  return length < 2 ? null : `${first.slice(0, length)}*`;
}
