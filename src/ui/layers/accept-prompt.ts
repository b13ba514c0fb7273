import type { Finding } from '../../diff/finding.ts';
import { visible } from '../../session/visible.ts';
import type { Decisions, Preview, Scope } from '../decisions.ts';
import { fit, type Line, line } from '../line.ts';
import type { Desk, Layer, Size } from '../screen.ts';
import { SEVERITIES } from '../theme.ts';
import { count, sentenceOf } from '../words.ts';
import { TextField } from './text-field.ts';

/** How far, what that silences, and why: then Enter accepts. */
export class AcceptPrompt implements Layer {
  readonly name = 'accept';
  readonly isPage = false;
  readonly #desk: Desk;
  readonly #decisions: Decisions;
  readonly #findings: readonly Finding[];
  readonly #scopes: readonly Scope[];
  readonly #done: () => void;
  readonly #reason = new TextField();
  readonly #previews = new Map<Scope, Preview>();
  #chosen: number;
  #lacksReason = false;

  /** `findings` are what was asked to be accepted; the scope is chosen among `scopes`, the one of `chosen` first. */
  constructor(
    desk: Desk,
    decisions: Decisions,
    findings: readonly Finding[],
    { scopes, chosen }: { scopes: readonly Scope[]; chosen: number },
    done: () => void,
  ) {
    this.#desk = desk;
    this.#decisions = decisions;
    this.#findings = findings;
    this.#scopes = scopes;
    this.#chosen = chosen;
    this.#done = done;
  }

  lines({ columns }: Size): Line[] {
    const [first] = this.#findings;
    const what =
      this.#findings.length === 1 && first
        ? first.message
        : `all ${this.#findings.length} findings that are shown and not high`;
    const scopes = this.#scopes.map((scope, index): Line => {
      const text = `${index === this.#chosen ? ' ▸ ' : '   '}${visible(scope.says)}`;
      return fit([{ text, ...(index === this.#chosen && { mark: true, strong: true }) }], columns);
    });
    return [
      line('─'.repeat(columns), { tone: 'quiet' }),
      fit([{ text: ' Accept: ', strong: true, tone: 'accent' }, { text: visible(what) }], columns),
      ...scopes,
      fit(this.#previewLine(), columns),
      fit(
        [
          {
            text: this.#lacksReason ? ' a reason is needed: ' : ' why: ',
            tone: this.#lacksReason ? 'medium' : 'accent',
            strong: true,
          },
          ...this.#reason.line(columns - 22),
        ],
        columns,
      ),
    ];
  }

  press(key: string): void {
    if (key === 'escape') this.#desk.lift();
    else if (key === 'return') this.#enter();
    else if (key === 'up' || key === 'down') {
      const step = key === 'up' ? -1 : 1;
      this.#chosen = (this.#chosen + step + this.#scopes.length) % this.#scopes.length;
    } else if (this.#reason.press(key)) this.#lacksReason = false;
  }

  #enter(): void {
    const scope = this.#scopes[this.#chosen];
    const reason = this.#reason.text.trim();
    this.#lacksReason = reason === '';
    if (!scope || this.#lacksReason) return;
    this.#desk.lift();
    try {
      const { findings } = this.#preview(scope);
      this.#decisions.accept(
        scope,
        reason,
        this.#findings,
        `the acceptance of ${count(this.#findings.length, 'finding')}`,
      );
      this.#done();
      const { path } = this.#decisions.rules;
      this.#desk.tell(
        `accepted ${count(findings.length, 'finding')} in ${path} (u undoes it; use it with --rules ${path})`,
      );
    } catch (error) {
      this.#desk.tell(sentenceOf(error), true);
    }
  }

  #previewLine(): Line {
    const scope = this.#scopes[this.#chosen];
    if (!scope) return [];
    try {
      const { findings, occurrences, sessions, bySeverity } = this.#preview(scope);
      const parts = (['high', 'medium', 'low'] as const).flatMap((severity) =>
        bySeverity[severity] === 0
          ? []
          : [
              {
                text: `  ${SEVERITIES[severity].sign} ${bySeverity[severity]} ${severity}`,
                tone: SEVERITIES[severity].tone,
              },
            ],
      );
      return [
        {
          text: ` silences ${count(findings.length, 'finding')}, seen ${count(occurrences, 'time')} at ${count(sessions, 'charger')}`,
          strong: true,
        },
        ...parts,
      ];
    } catch (error) {
      return line(` ${sentenceOf(error)}`, { tone: 'high' });
    }
  }

  #preview(scope: Scope): Preview {
    const known = this.#previews.get(scope) ?? this.#decisions.preview(scope);
    this.#previews.set(scope, known);
    return known;
  }
}
