import type { Finding } from '../../diff/finding.ts';
import type { Surroundings } from '../../diff/surroundings.ts';
import type { Binding } from '../../session/recording.ts';
import type { Command } from '../keys.ts';
import { fit, type Line } from '../line.ts';
import { PageWindow } from '../list-window.ts';
import type { Desk, Screen, Size } from '../screen.ts';
import { sentenceOf } from '../words.ts';
import { aroundSection, detailHead, type FindingView, payloadSection } from './finding-detail.ts';
import type { FindingsScreen } from './findings.ts';

/** One finding: both payloads, the ids that were mapped, what passed around it in both lanes, and where it was seen. */
export class FindingScreen implements Screen {
  readonly name = 'finding';
  readonly title = 'finding';
  readonly #desk: Desk;
  readonly #list: FindingsScreen;
  readonly #openLadder: (finding: Finding, example: number) => void;
  readonly #window = new PageWindow();
  #example = 0;
  #raw = false;
  #id = '';
  #bindings: readonly Binding[] = [];
  #around: Surroundings | null = null;
  #page: { key: string; lines: Line[]; aroundAt: number } | null = null;
  #rows = 1;
  /** The reader wants to see what passed around it, which is not read yet. */
  #isAwaitingAround = false;

  constructor(desk: Desk, list: FindingsScreen, openLadder: (finding: Finding, example: number) => void) {
    this.#desk = desk;
    this.#list = list;
    this.#openLadder = openLadder;
  }

  get position(): string {
    return this.#window.position(this.#rows, this.#page?.lines.length ?? 0);
  }

  lines({ columns, rows }: Size): Line[] {
    const finding = this.#list.selected;
    if (!finding) return [];
    this.#read(finding);
    const view = this.#viewOf(finding);
    const head = detailHead(view, columns);
    this.#rows = Math.max(1, rows - head.length);
    const { lines, aroundAt } = this.#laidOut(view, columns);
    if (this.#isAwaitingAround) this.#window.top = Math.min(aroundAt, Math.max(0, lines.length - this.#rows));
    if (this.#around !== null) this.#isAwaitingAround = false;
    const top = Math.min(this.#window.top, Math.max(0, lines.length - this.#rows));
    return [...head, ...lines.slice(top, top + this.#rows)].map((each) => fit(each, columns));
  }

  refuses(command: Command): string | null {
    const finding = this.#list.selected;
    if ((command === 'left' || command === 'right') && (finding?.examples.length ?? 0) < 2)
      return 'there is no other example of it';
    if (command === 'open' && (finding?.examples.length ?? 0) === 0) return 'no example of it was kept';
    if (command === 'left' || command === 'right' || command === 'open') return null;
    return this.#list.refuses(command);
  }

  run(command: Command): void {
    if (command !== 'pane') this.#isAwaitingAround = false;
    const finding = this.#list.selected;
    if (!finding) return;
    const examples = finding.examples.length;
    if (command === 'raw') {
      this.#raw = !this.#raw;
      this.#window.top = 0;
    } else if (command === 'right' || command === 'left') {
      this.#example = Math.max(0, Math.min(examples - 1, this.#example + (command === 'right' ? 1 : -1)));
      this.#window.top = 0;
      this.#id = '';
    } else if (command === 'pane') this.#turnPane();
    else if (command === 'open') this.#openLadder(finding, this.#example);
    else if (command === 'copy') this.#copy(finding);
    else if (command === 'export') this.#export(finding);
    else if (!this.#window.move(command, this.#rows, this.#page?.lines.length ?? 0)) this.#list.run(command);
  }

  /** To what passed around the finding, or back to the payloads. */
  #turnPane(): void {
    const { aroundAt = 0, lines = [] } = this.#page ?? {};
    const last = Math.max(0, lines.length - this.#rows);
    const target = Math.min(aroundAt, last);
    const isThere = this.#isAwaitingAround || (this.#window.top > 0 && this.#window.top >= target);
    this.#window.top = isThere ? 0 : target;
    this.#isAwaitingAround = !isThere && this.#around === null;
    if (last === 0) this.#desk.tell('both panes are on the screen');
  }

  #copy({ examples, message }: Finding): void {
    const { baselineText, candidateText } = examples[this.#example] ?? {};
    const texts = [baselineText, candidateText].map((text) => text ?? '(absent)');
    this.#desk.copy(`${message}\n- ${texts[0]}\n+ ${texts[1]}\n`, 'both texts');
  }

  #export(finding: Finding): void {
    void this.#list.deeds.write(`finding-${finding.id}.json`, `${JSON.stringify(finding, null, 2)}\n`).then(
      (sentence) => this.#desk.tell(sentence),
      (error: unknown) => this.#desk.tell(sentenceOf(error), true),
    );
  }

  #viewOf(finding: Finding): FindingView {
    return {
      finding,
      ...{ place: this.#list.selectedAt, total: this.#list.shown.length },
      ...{ example: Math.min(this.#example, Math.max(0, finding.examples.length - 1)), raw: this.#raw },
      mark: this.#list.decisions.markOf(finding) ?? '',
      ...{ bindings: this.#bindings, around: this.#around },
    };
  }

  /** Laid out once: a payload of 64 kB takes some milliseconds. */
  #laidOut(view: FindingView, columns: number): { lines: Line[]; aroundAt: number } {
    const key = JSON.stringify([
      view.finding.id,
      view.example,
      view.raw,
      columns,
      this.#around !== null,
      this.#bindings.length,
    ]);
    if (this.#page?.key !== key) {
      const payloads = payloadSection(view, columns);
      this.#page = {
        key,
        lines: [...payloads, [], ...aroundSection(view, columns)],
        aroundAt: payloads.length + 1,
      };
    }
    return this.#page;
  }

  /** Asks for what stands beside the finding; once for each. */
  #read(finding: Finding): void {
    if (this.#id === finding.id) return;
    if (this.#id !== '') {
      this.#example = 0;
      this.#window.top = 0;
    }
    this.#id = finding.id;
    this.#bindings = [];
    this.#around = null;
    const isStill = () => this.#id === finding.id;
    const session = finding.examples[this.#example]?.session;
    const { deeds } = this.#list;
    void deeds.around(finding.id).then(
      (around) => {
        if (isStill()) this.#around = around ?? { baseline: [], candidate: [] };
        this.#desk.redraw();
      },
      (error: unknown) => this.#desk.tell(sentenceOf(error), true),
    );
    if (session === undefined) return;
    void deeds.bindings(session).then(
      (bindings) => {
        if (isStill()) this.#bindings = bindings;
        this.#desk.redraw();
      },
      (error: unknown) => this.#desk.tell(sentenceOf(error), true),
    );
  }
}
