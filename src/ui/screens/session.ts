import { visible } from '../../session/visible.ts';
import type { LadderPart, LadderRow, RowDetail, Viewer } from '../../view/viewer.ts';
import { Asking } from '../asking.ts';
import type { RecordingDeeds } from '../deeds.ts';
import type { Command } from '../keys.ts';
import { fit, type Line, line } from '../line.ts';
import { ListWindow, PageWindow } from '../list-window.ts';
import { messageFilter, NO_FILTER, type TypedFilter } from '../message-filter.ts';
import type { Desk, Screen, ScreenFilter, Size } from '../screen.ts';
import { placeText, progressText, sentenceOf, shellText, standingText } from '../words.ts';
import { asideLines, beside, ladderHeadings, ladderLine } from './ladder-lines.ts';
import { payloadLines } from './payload.ts';

/** Rows of a terminal from which the selected message's payload is shown under the ladder. */
const PREVIEW_FROM = 34;
/** Columns from which what stands at the charger is shown beside it. */
const ASIDE_FROM = 130;
const ASIDE = 32;

/** What a ladder is opened with. */
export interface Opened {
  session: number;
  charger: string;
  filter?: TypedFilter;
  /** Id of the row that is selected at first. */
  at?: number;
  /** Ids of rows that findings are about, in order; n and N go to them. */
  findings?: readonly number[];
}

/** The ladder of one charger. */
export class SessionScreen implements Screen {
  readonly name = 'session';
  readonly title: string;
  readonly session: number;
  readonly #desk: Desk;
  readonly #viewer: Viewer;
  readonly #deeds: RecordingDeeds;
  readonly #charger: string;
  readonly #findings: readonly number[] | null;
  readonly #openMessage: (screen: SessionScreen) => void;
  readonly #window = new ListWindow();
  readonly #preview = new PageWindow();
  readonly #stopListening: () => void;
  readonly #failed = (error: unknown): void => this.#desk.tell(sentenceOf(error), true);
  readonly #asking = new Asking(() => this.#ask(), this.#failed);
  #part: LadderPart | null = null;
  #detail: RowDetail | null = null;
  #detailAsked = -1;
  #filter: TypedFilter;
  #follows = false;
  #isPreviewFocused = false;
  #isRaw = false;
  #scroll = 0;
  #rows = 20;
  #previewRows = 0;
  #previewLength = 0;

  constructor(
    desk: Desk,
    viewer: Viewer,
    deeds: RecordingDeeds,
    opened: Opened,
    openMessage: (screen: SessionScreen) => void,
  ) {
    this.#desk = desk;
    this.#viewer = viewer;
    this.#deeds = deeds;
    this.session = opened.session;
    this.#charger = opened.charger;
    this.#findings = opened.findings && opened.findings.length > 0 ? opened.findings : null;
    this.#filter = opened.filter ?? NO_FILTER;
    this.title = visible(opened.charger);
    this.#openMessage = openMessage;
    this.#stopListening = viewer.onChange(() => this.#changed());
    if (opened.at === undefined) this.#asking.again();
    else this.#goTo(opened.at);
  }

  get position(): string {
    return placeText(this.#window.selected, this.#part?.total ?? 0);
  }

  get filter(): ScreenFilter {
    return messageFilter(this.#viewer, this.#filter, (typed) => {
      const id = this.selectedRow?.id;
      this.#filter = typed;
      this.#part = null;
      if (id === undefined) this.#asking.again();
      else this.#goTo(id);
    });
  }

  /** The row that is selected. */
  get selectedRow(): LadderRow | null {
    return this.#part?.rows.find(({ index }) => index === this.#window.selected) ?? null;
  }

  /** Its payload or handshake, once it was read. */
  get detail(): RowDetail | null {
    return this.#detail?.id === this.selectedRow?.id ? this.#detail : null;
  }

  get isRaw(): boolean {
    return this.#isRaw;
  }

  lines(size: Size): Line[] {
    const { columns, rows } = size;
    const head = this.#head(columns);
    this.#previewRows = rows >= PREVIEW_FROM ? Math.floor(rows / 3) : 0;
    this.#rows = Math.max(1, rows - head.length - (this.#previewRows > 0 ? this.#previewRows + 1 : 0));
    const part = this.#part;
    if (!part)
      return [...head, line(this.#filter.text === '' ? '  reading …' : '  looking …', { tone: 'quiet' })];
    if (part.total === 0) return [...head, line(''), this.#nothing(part)];
    this.#window.fit(this.#rows, part.total);
    const shown = part.rows.filter(
      ({ index }) => index >= this.#window.top && index < this.#window.top + this.#rows,
    );
    if (shown.length < Math.min(this.#rows, part.total - this.#window.top)) this.#asking.again();
    const width = columns >= ASIDE_FROM ? columns - ASIDE : columns;
    const ladder = shown.map((row) => {
      const isFound = row.kind !== 'gap' && (this.#findings?.includes(row.id) ?? false);
      const isSelected = row.index === this.#window.selected;
      return fit(ladderLine(row, { width, isSelected, isFound, scroll: this.#scroll }), width);
    });
    const blank = Array.from({ length: this.#rows - ladder.length }, () => fit(line(''), width));
    return [
      ...head,
      ...beside(
        [...ladder, ...blank],
        asideLines(part.standing, this.selectedRow?.atUs ?? null),
        width,
        columns,
      ),
      ...this.#previewLines(columns),
    ];
  }

  refuses(command: Command): string | null {
    // While it is read, Enter leads in already: the message comes when it is there.
    const isEmpty = this.#part === null ? command !== 'open' : this.#part.total === 0;
    if ((command === 'open' || command === 'copy' || command === 'copyCommand') && isEmpty)
      return 'no message is selected';
    if (command === 'follow' && this.#part && !this.#part.isGrowing)
      return 'the recording has ended: nothing new comes';
    if (command === 'pane' && this.#previewRows === 0)
      return 'this terminal is too low for two panes: Enter shows the message';
    if (command === 'divergence' && !this.#findings)
      return 'nothing was compared here: start with chargetape ui RECORDING CANDIDATE';
    return null;
  }

  run(command: Command): void {
    const total = this.#part?.total ?? 0;
    switch (command) {
      case 'open':
        this.#openMessage(this);
        break;
      case 'pane':
        this.#isPreviewFocused = !this.#isPreviewFocused;
        return;
      case 'raw':
        this.#isRaw = !this.#isRaw;
        return;
      case 'next':
        this.jump(1);
        break;
      case 'previous':
        this.jump(-1);
        break;
      case 'divergence':
        this.#goTo(this.#findings?.[0] ?? 0);
        break;
      case 'follow':
        this.#follows = !this.#follows;
        if (this.#follows) this.#toEnd();
        return;
      case 'copy':
        this.copy();
        break;
      case 'copyCommand':
        this.copyCommand();
        break;
      case 'export':
        this.#export();
        break;
      case 'left':
      case 'right':
        this.#scroll = Math.max(
          0,
          this.#scroll + (command === 'right' ? 1 : -1) * Math.floor(this.#desk.size.columns / 2),
        );
        return;
      default:
        if (this.#isPreviewFocused) this.#preview.move(command, this.#previewRows - 1, this.#previewLength);
        else if (this.#window.move(command, this.#rows, total)) this.#moved(command);
    }
  }

  /** To the next or previous row that a finding is about, else that is in trouble. */
  jump(direction: 1 | -1): void {
    const query = {
      ...{ session: this.session, filter: this.#filter.filter, from: this.#window.selected },
      ...{ direction, ids: this.#findings },
    };
    void this.#viewer.nextTrouble(query).then((index) => {
      const what = this.#findings ? 'finding' : 'trouble (errors, malformed frames, drops)';
      if (index === null) this.#desk.tell(`no ${what} ${direction > 0 ? 'after' : 'before'} this row`, true);
      else this.#select(index);
    }, this.#failed);
  }

  /** Copies the message. */
  copy(): void {
    const row = this.selectedRow;
    if (!row) return;
    void this.#viewer.detail(this.session, row.id).then((detail) => {
      if (detail) this.#desk.copy(detail.text, 'the message');
      else this.#desk.tell('a gap has no text to copy', true);
    }, this.#failed);
  }

  /** Copies a command that shows the same row. */
  copyCommand(): void {
    const row = this.selectedRow;
    if (!row) return;
    const from = new Date(Math.floor(row.atUs / 1000)).toISOString();
    const to = new Date(Math.floor(row.atUs / 1000) + 1).toISOString();
    const what = `chargetape show ${shellText(this.#viewer.path)} ${shellText(this.#charger)} --from ${from} --to ${to}`;
    this.#desk.copy(what, 'a command that shows it');
  }

  resume(): void {
    this.#asking.again();
  }

  close(): void {
    this.#stopListening();
  }

  #moved(command: Command): void {
    if (command === 'up' || command === 'pageUp' || command === 'first') this.#follows = false;
    this.#preview.top = 0;
    this.#asking.again();
  }

  #changed(): void {
    if (this.#follows) this.#toEnd();
    else this.#asking.again();
  }

  #toEnd(): void {
    this.#window.select(Number.MAX_SAFE_INTEGER, this.#rows, this.#part?.total ?? 0);
    this.#asking.again();
  }

  #select(index: number): void {
    this.#window.select(index, this.#rows, Math.max(index + 1, this.#part?.total ?? 0));
    this.#follows = false;
    this.#asking.again();
  }

  #goTo(id: number): void {
    void this.#viewer.ladderPlace(this.session, this.#filter.filter, id).then((index) => {
      this.#window.select(index ?? 0, this.#rows, (index ?? 0) + this.#rows);
      this.#asking.again();
    }, this.#failed);
  }

  #export(): void {
    void this.#deeds.cut([this.session]).then((sentence) => this.#desk.tell(sentence), this.#failed);
  }

  /** Asks for what is shown, and a screen more before and after it. */
  async #ask(): Promise<void> {
    const part = await this.#viewer.ladder({
      session: this.session,
      filter: this.#filter.filter,
      top: Math.max(0, this.#window.top - this.#rows),
      rows: 3 * this.#rows,
      selected: this.#window.selected,
    });
    const hasGrown = this.#follows && part.total !== this.#part?.total;
    this.#part = part;
    if (hasGrown) this.#window.select(part.total - 1, this.#rows, part.total);
    this.#desk.redraw();
  }

  /** Asks for the text of the selected row, once. */
  #askDetail(): void {
    const row = this.selectedRow;
    if (!row || row.kind === 'gap' || row.id === this.#detailAsked) return;
    this.#detailAsked = row.id;
    void this.#viewer.detail(this.session, row.id).then((detail) => {
      this.#detail = detail;
      this.#desk.redraw();
    }, this.#failed);
  }

  #head(columns: number): Line[] {
    const part = this.#part;
    const title: Line = [
      { text: ` ${this.title} `, tone: 'accent', mark: true, strong: true },
      { text: `  ${this.#viewer.path}`, tone: 'quiet' },
      ...(part?.reading
        ? [{ text: `  reading: ${progressText(part.reading)}`, tone: 'medium' as const }]
        : []),
      ...(part?.isGrowing ? [{ text: this.#follows ? '  follows' : '', tone: 'good' as const }] : []),
      ...(this.#filter.text === ''
        ? []
        : [{ text: `  filter: ${this.#filter.text}`, tone: 'accent' as const }]),
    ];
    const standing = part?.standing ? standingText(part.standing, this.selectedRow?.atUs ?? null) : '';
    const lines = [title];
    if (columns < ASIDE_FROM)
      lines.push(
        line(` ${standing === '' ? 'nothing known of its connectors yet' : visible(standing)}`, {
          tone: 'quiet',
        }),
      );
    lines.push(ladderHeadings(columns >= ASIDE_FROM ? columns - ASIDE : columns));
    return lines.map((each) => fit(each, columns));
  }

  #previewLines(columns: number): Line[] {
    if (this.#previewRows === 0) return [];
    const { detail } = this;
    if (!detail) this.#askDetail();
    const title = ` ${detail?.title ?? ''} `;
    const rule: Line = [
      {
        text: `──${title}`,
        tone: this.#isPreviewFocused ? 'accent' : 'quiet',
        strong: this.#isPreviewFocused,
      },
      { text: '─'.repeat(Math.max(0, columns - title.length - 2)), tone: 'quiet' },
    ];
    const body = detail ? payloadLines(detail.text, this.#isRaw, columns - 2) : [];
    this.#previewLength = body.length;
    const shown = body.slice(this.#preview.top, this.#preview.top + this.#previewRows);
    return [fit(rule, columns), ...shown.map((each) => [{ text: ' ' }, ...each])];
  }

  #nothing(part: LadderPart): Line {
    if (part.reading) return line('  nothing so far', { tone: 'quiet' });
    if (this.#filter.text !== '')
      return line('  The filter matches nothing here. Esc takes it away, / changes it.');
    return line('  Nothing was recorded of this charger.');
  }
}
