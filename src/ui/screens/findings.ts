import type { Comparison, Finding } from '../../diff/finding.ts';
import type { Filter } from '../../filter/filter.ts';
import { matches } from '../../filter/match.ts';
import { FINDINGS } from '../../filter/vocabulary.ts';
import { visible } from '../../session/visible.ts';
import { Decisions, scopeOfAll, scopesOf } from '../decisions.ts';
import type { FindingDeeds } from '../deeds.ts';
import { FindingSubject } from '../finding-subject.ts';
import type { Command } from '../keys.ts';
import { AcceptPrompt } from '../layers/accept-prompt.ts';
import { TextPage } from '../layers/text-page.ts';
import type { Line } from '../line.ts';
import { ListWindow } from '../list-window.ts';
import type { Desk, Screen, ScreenFilter, Size } from '../screen.ts';
import { sentenceOf, shellText } from '../words.ts';
import { causedOrder, findingListLines, listRows } from './finding-list.ts';
import { firstDivergence } from './first-divergence.ts';
import { summaryLines } from './summary.ts';

/** The findings of a comparison, grouped by their first cause, and what is decided on them. */
export class FindingsScreen implements Screen {
  readonly name = 'findings';
  readonly title = 'findings';
  readonly deeds: FindingDeeds;
  readonly decisions: Decisions;
  readonly #desk: Desk;
  readonly #window = new ListWindow();
  readonly #openFinding: (screen: FindingsScreen) => void;
  #filterText = '';
  #filter: Filter = { type: 'all' };
  #shown: Finding[] = [];
  #rows = 20;

  constructor(
    desk: Desk,
    comparison: Comparison,
    deeds: FindingDeeds,
    openFinding: (screen: FindingsScreen) => void,
  ) {
    this.#desk = desk;
    this.deeds = deeds;
    this.decisions = new Decisions(comparison, deeds.rules);
    this.#openFinding = openFinding;
    this.#list();
  }

  /** The comparison as the decisions leave it. */
  get comparison(): Comparison {
    return this.decisions.comparison;
  }

  /** The findings that are shown, in their order. */
  get shown(): readonly Finding[] {
    return this.#shown;
  }

  get selectedAt(): number {
    return this.#window.selected;
  }

  get selected(): Finding | undefined {
    return this.#shown[this.#window.selected];
  }

  get position(): string {
    return this.#shown.length === 0 ? '' : `${this.#window.selected + 1}/${this.#shown.length}`;
  }

  get filter(): ScreenFilter {
    return {
      text: this.#filterText,
      vocabulary: FINDINGS,
      known: async () => knownOf(this.comparison),
      apply: (text, filter) => {
        this.#filterText = text;
        this.#filter = filter;
        this.#list();
        this.#desk.redraw();
      },
    };
  }

  lines({ columns, rows }: Size): Line[] {
    this.#rows = listRows(this.comparison, columns, rows);
    this.#window.fit(this.#rows, this.#shown.length);
    const list = {
      shown: this.#shown,
      top: this.#window.top,
      selected: this.#window.selected,
      filter: this.#filterText,
    };
    return findingListLines(
      this.comparison,
      list,
      (finding) => this.decisions.markOf(finding),
      columns,
      rows,
    );
  }

  refuses(command: Command): string | null {
    const { selected } = this;
    const needs: readonly Command[] = [
      'open',
      'accept',
      'reject',
      'skip',
      'copy',
      'copyCommand',
      'next',
      'previous',
      'divergence',
    ];
    if (needs.includes(command) && !selected) return 'no finding is selected';
    if (command === 'accept' && selected?.status === 'accepted')
      return 'it is accepted already: r rejects it, u undoes';
    if (command === 'accept' && selected?.status === 'noise')
      return 'it is noise already: runs of the old build show it too';
    if (command === 'acceptAll') {
      const high = this.#shown.filter(
        ({ severity, status }) => severity === 'high' && status === 'new',
      ).length;
      if (this.#bulk().length === 0)
        return high > 0
          ? 'only high findings are left: accept each by itself, with its own reason'
          : 'nothing that is shown is left to accept';
    }
    if (command === 'undo' && !this.decisions.canUndo) return 'nothing was decided yet';
    return null;
  }

  run(command: Command): void {
    const { selected } = this;
    switch (command) {
      case 'open':
        this.#openFinding(this);
        break;
      case 'next':
      case 'previous':
        this.step(command === 'next' ? 1 : -1);
        break;
      case 'divergence':
        this.toFirstDivergence();
        break;
      case 'accept':
        if (selected) this.#accept(selected);
        break;
      case 'acceptAll':
        this.#acceptAll();
        break;
      case 'reject':
        if (selected) this.#reject(selected);
        break;
      case 'skip':
        if (selected) this.decisions.skip(selected);
        this.step(1);
        return;
      case 'undo':
        this.#undo();
        break;
      case 'summary':
        this.#desk.lay(new TextPage(this.#desk, (columns) => summaryLines(this.comparison, columns)));
        break;
      case 'copy':
        if (selected) this.#desk.copy(`${selected.id} ${visible(selected.message)}`, 'the finding');
        break;
      case 'copyCommand':
        this.#desk.copy(this.#diffCommand(), 'a command that shows the same');
        break;
      case 'export':
        this.#told(
          this.deeds.write(
            'findings.json',
            `${JSON.stringify({ ...this.comparison, findings: this.#shown }, null, 2)}\n`,
          ),
        );
        break;
      case 'report':
        this.#told(this.deeds.report(this.comparison));
        break;
      default:
        this.#window.move(command, this.#rows, this.#shown.length);
    }
  }

  /** Selects the next or previous finding. */
  step(by: number): void {
    const before = this.#window.selected;
    this.#window.select(before + by, this.#rows, this.#shown.length);
    if (this.#window.selected === before)
      this.#desk.tell(by > 0 ? 'this is the last finding' : 'this is the first finding', true);
  }

  /** Selects what differs first in the course of the recording. */
  toFirstDivergence(): void {
    const first = firstDivergence(this.#shown);
    if (first) this.#window.select(this.#shown.indexOf(first), this.#rows, this.#shown.length);
  }

  #bulk(): Finding[] {
    return this.#shown.filter(({ severity, status }) => severity !== 'high' && status === 'new');
  }

  #accept(finding: Finding): void {
    const scopes = scopesOf(finding);
    const chosen = scopes.findIndex(({ says }) => says === 'this finding, at any charger');
    this.#desk.lay(
      new AcceptPrompt(this.#desk, this.decisions, [finding], { scopes, chosen }, () => this.#list()),
    );
  }

  #acceptAll(): void {
    const findings = this.#bulk();
    this.#desk.lay(
      new AcceptPrompt(
        this.#desk,
        this.decisions,
        findings,
        { scopes: [scopeOfAll(findings)], chosen: 0 },
        () => this.#list(),
      ),
    );
  }

  #reject(finding: Finding): void {
    try {
      const isOut = this.decisions.reject(finding);
      this.#list();
      if (isOut) this.#desk.tell(`rejected: ${finding.id} stays a finding (u undoes it)`);
      else this.#desk.tell(`another rule in ${this.deeds.rules.path} still accepts ${finding.id}`, true);
    } catch (error) {
      this.#desk.tell(sentenceOf(error), true);
    }
  }

  #undo(): void {
    try {
      const says = this.decisions.undo();
      this.#list();
      this.#desk.tell(`undone: ${says ?? 'nothing'}`);
    } catch (error) {
      this.#desk.tell(sentenceOf(error), true);
    }
  }

  #told(deed: Promise<string>): void {
    void deed.then(
      (sentence) => this.#desk.tell(sentence),
      (error: unknown) => this.#desk.tell(sentenceOf(error), true),
    );
  }

  #diffCommand(): string {
    const { baseline, candidate } = this.deeds.files;
    return `chargetape diff ${shellText(baseline)} ${shellText(candidate)} --plain`;
  }

  /** The findings that the filter lets through, causes before what follows from them; the selection stays on its finding. */
  #list(): void {
    const id = this.selected?.id;
    const passing = this.comparison.findings.filter((finding) =>
      matches(this.#filter, new FindingSubject(finding), { startUs: 0 }),
    );
    this.#shown = causedOrder(passing);
    const at = this.#shown.findIndex((finding) => finding.id === id);
    this.#window.select(Math.max(0, at), this.#rows, this.#shown.length);
  }
}

function knownOf({ findings }: Comparison): Record<string, string[]> {
  const distinct = (values: (string | null)[]) =>
    [...new Set(values.filter((value) => value !== null))].sort();
  return {
    action: distinct(findings.map(({ action }) => action)),
    kind: distinct(findings.map(({ kind }) => kind)),
    path: distinct(findings.map(({ path }) => path)).filter((path) => path !== ''),
    charger: distinct(
      findings.flatMap(({ sessions }) => sessions.map((one) => one.slice(one.lastIndexOf('/') + 1))),
    ),
  };
}
