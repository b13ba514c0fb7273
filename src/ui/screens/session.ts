import type { Filter } from '../../filter/filter.ts';
import { MESSAGES } from '../../filter/vocabulary.ts';
import { durationText, localTime } from '../../session/clock.ts';
import { visible } from '../../session/visible.ts';
import type { LadderPart, LadderRow, RowDetail, Viewer } from '../../view/viewer.ts';
import type { RecordingDeeds } from '../deeds.ts';
import type { Command } from '../keys.ts';
import { fit, fitText, type Line, line, lineWidth, type Span } from '../line.ts';
import { ListWindow, PageWindow } from '../list-window.ts';
import type { Desk, Screen, ScreenFilter, Size } from '../screen.ts';
import { SEVERITIES, type Tone } from '../theme.ts';
import { gravitySpan, progressText, standingText } from '../words.ts';
import { sentenceOf, shellText } from './live.ts';
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
  filter?: { text: string; filter: Filter };
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
  #part: LadderPart | null = null;
  #detail: RowDetail | null = null;
  #detailAsked = -1;
  #filterText: string;
  #filter: Filter;
  #follows = false;
  #isPreviewFocused = false;
  #isRaw = false;
  #scroll = 0;
  #rows = 20;
  #previewRows = 0;
  #previewLength = 0;
  #isAsking = false;
  #isStale = false;

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
    this.#filterText = opened.filter?.text ?? '';
    this.#filter = opened.filter?.filter ?? { type: 'all' };
    this.title = visible(opened.charger);
    this.#openMessage = openMessage;
    this.#stopListening = viewer.onChange(() => this.#changed());
    if (opened.at === undefined) this.#ask();
    else this.#goTo(opened.at);
  }

  get position(): string {
    const total = this.#part?.total ?? 0;
    return total === 0
      ? ''
      : `${(this.#window.selected + 1).toLocaleString('en')}/${total.toLocaleString('en')}`;
  }

  get filter(): ScreenFilter {
    return {
      text: this.#filterText,
      vocabulary: MESSAGES,
      known: () => this.#viewer.known(),
      apply: (text, filter) => {
        const id = this.selectedRow?.id;
        this.#filterText = text;
        this.#filter = filter;
        this.#part = null;
        if (id === undefined) this.#ask();
        else this.#goTo(id);
      },
    };
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
      return [...head, line(this.#filterText === '' ? '  reading …' : '  looking …', { tone: 'quiet' })];
    if (part.total === 0) return [...head, line(''), this.#nothing(part)];
    this.#window.fit(this.#rows, part.total);
    const shown = part.rows.filter(
      ({ index }) => index >= this.#window.top && index < this.#window.top + this.#rows,
    );
    if (shown.length < Math.min(this.#rows, part.total - this.#window.top)) this.#ask();
    const width = columns >= ASIDE_FROM ? columns - ASIDE : columns;
    const ladder = shown.map((row) => fit(this.#rowLine(row, width), width));
    const blank = Array.from({ length: this.#rows - ladder.length }, () => fit(line(''), width));
    return [
      ...head,
      ...beside([...ladder, ...blank], this.#aside(), width, columns),
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
      ...{ session: this.session, filter: this.#filter, from: this.#window.selected },
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
    this.#ask();
  }

  close(): void {
    this.#stopListening();
  }

  readonly #failed = (error: unknown): void => this.#desk.tell(sentenceOf(error), true);

  #moved(command: Command): void {
    if (command === 'up' || command === 'pageUp' || command === 'first') this.#follows = false;
    this.#preview.top = 0;
    this.#ask();
  }

  #changed(): void {
    if (this.#follows) this.#toEnd();
    else this.#ask();
  }

  #toEnd(): void {
    this.#window.select(Number.MAX_SAFE_INTEGER, this.#rows, this.#part?.total ?? 0);
    this.#ask();
  }

  #select(index: number): void {
    this.#window.select(index, this.#rows, Math.max(index + 1, this.#part?.total ?? 0));
    this.#follows = false;
    this.#ask();
  }

  #goTo(id: number): void {
    void this.#viewer.ladderPlace(this.session, this.#filter, id).then((index) => {
      this.#window.select(index ?? 0, this.#rows, (index ?? 0) + this.#rows);
      this.#ask();
    }, this.#failed);
  }

  #export(): void {
    void this.#deeds.cut([this.session]).then((sentence) => this.#desk.tell(sentence), this.#failed);
  }

  #ask(): void {
    if (this.#isAsking) {
      this.#isStale = true;
      return;
    }
    this.#isAsking = true;
    this.#isStale = false;
    const top = Math.max(0, this.#window.top - this.#rows);
    const query = {
      session: this.session,
      filter: this.#filter,
      top,
      rows: 3 * this.#rows,
      selected: this.#window.selected,
    };
    this.#viewer
      .ladder(query)
      .then((part) => {
        const hasGrown = this.#follows && part.total !== this.#part?.total;
        this.#part = part;
        if (hasGrown) this.#window.select(part.total - 1, this.#rows, part.total);
        this.#desk.redraw();
      })
      .catch(this.#failed)
      .finally(() => {
        this.#isAsking = false;
        if (this.#isStale) this.#ask();
      });
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
      ...(this.#filterText === ''
        ? []
        : [{ text: `  filter: ${this.#filterText}`, tone: 'accent' as const }]),
    ];
    const standing = part?.standing ? standingText(part.standing, this.selectedRow?.atUs ?? null) : '';
    const lines = [title];
    if (columns < ASIDE_FROM)
      lines.push(
        line(` ${standing === '' ? 'nothing known of its connectors yet' : visible(standing)}`, {
          tone: 'quiet',
        }),
      );
    lines.push(this.#headings(columns));
    return lines.map((each) => fit(each, columns));
  }

  #headings(columns: number): Line {
    const { beforeLane, lane } = laneOf(columns >= ASIDE_FROM ? columns - ASIDE : columns);
    const middle = Math.max(0, lane - 'charger'.length - 'CSMS'.length);
    return [
      { text: fitText('   time            gap', beforeLane), tone: 'quiet' },
      { text: `charger${' '.repeat(middle)}CSMS`, tone: 'accent', strong: true },
      { text: '     took', tone: 'quiet' },
    ];
  }

  #rowLine(row: LadderRow, width: number): Line {
    const { beforeLane, lane, hasConnection } = laneOf(width);
    const isSelected = row.index === this.#window.selected;
    const isFound = this.#findings?.includes(row.id) && row.kind !== 'gap';
    const sign: Span = isFound ? { text: '≠', tone: 'high', strong: true } : gravitySpan(row.gravity);
    const time = localTime(row.atUs);
    const gap = row.sinceUs === null ? '' : `+${durationText(Math.max(0, row.sinceUs)).replace(' ms', 'ms')}`;
    const name = row.connection === 0 ? '' : `#${row.connection}`;
    const number = hasConnection ? ` ${name.padEnd(4)}` : '';
    const front = fitText(` ${time} ${gap.padStart(9)}${number} `, beforeLane - 2);
    const body = this.#laneSpans(row, lane);
    const took = row.tookUs === null ? '' : durationText(row.tookUs).padStart(9);
    const spans: Line = [
      { text: isSelected ? '▸' : ' ' },
      sign,
      { text: front, tone: 'quiet' },
      ...body,
      { text: took, tone: 'quiet' },
    ];
    if (!isSelected) return spans;
    const text = spans.map((span) => span.text).join('');
    return [{ text: fitText(text, width), mark: true }];
  }

  /** One message between the two lanes, with an arrow from who sent it. */
  #laneSpans(row: LadderRow, lane: number): Line {
    const tone = toneOf(row);
    const said = [row.action, row.text]
      .filter((part) => part !== '')
      .join(' ')
      .slice(this.#scroll);
    if (row.kind === 'gap') return [{ text: fitText(`┊ ${said} `, lane), tone: 'high', strong: true }];
    const isFrame = row.kind === 'frame';
    const room = lane - 5;
    const inner: Line = [{ text: ` ${said} `, ...(tone && { tone }) }];
    const cut = lineWidth(inner) > room ? fit(inner, room) : inner;
    const rest = (isFrame ? '─' : ' ').repeat(Math.max(0, room - lineWidth(cut)));
    const [left, right] = !isFrame ? ['══', ' '] : row.sender === 'charger' ? ['──', '▶'] : ['◀─', '─'];
    return [
      { text: '│', tone: 'accent' },
      { text: left, tone: 'quiet' },
      ...cut,
      { text: `${rest}${right}`, tone: 'quiet' },
      { text: '│', tone: 'accent' },
    ];
  }

  /** What stands at the charger after the selected row. */
  #aside(): Line[] {
    const standing = this.#part?.standing;
    const at = this.selectedRow?.atUs ?? null;
    const lines: Line[] = [line(' after this row', { tone: 'quiet' }), line('')];
    for (const { connector, status, isFault } of standing?.connectors ?? []) {
      lines.push([
        { text: ` connector ${String(connector ?? '?').padEnd(3)} ` },
        { text: visible(status), tone: isFault ? 'high' : 'good' },
      ]);
    }
    for (const { id, connector, sinceUs } of standing?.transactions ?? []) {
      lines.push(
        line(''),
        [{ text: ` ⚡ transaction ${visible(id)}`, strong: true }],
        line(`   connector ${connector ?? '?'}`),
      );
      if (at !== null) lines.push(line(`   for ${durationText(Math.max(0, at - sinceUs))}`));
    }
    if (lines.length === 2) lines.push(line(' nothing known yet', { tone: 'quiet' }));
    return lines;
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
    if (this.#filterText !== '')
      return line('  The filter matches nothing here. Esc takes it away, / changes it.');
    return line('  Nothing was recorded of this charger.');
  }
}

/** How a line is divided: what stands before the lanes, and how wide they are. */
function laneOf(width: number): { beforeLane: number; lane: number; hasConnection: boolean } {
  const hasConnection = width >= 100;
  const beforeLane = hasConnection ? 32 : 26;
  return { beforeLane, lane: Math.max(24, width - beforeLane - 9), hasConnection };
}

function toneOf({ gravity, what }: LadderRow): Tone | undefined {
  if (gravity !== null) return SEVERITIES[gravity].tone;
  if (what === 'ping' || what === 'pong') return 'quiet';
  return what === 'opened' || what === 'closed' ? 'accent' : undefined;
}

/** Puts lines to the right of others. */
function beside(left: readonly Line[], right: readonly Line[], width: number, columns: number): Line[] {
  if (columns <= width) return [...left];
  return left.map((one, index) => [
    ...one,
    { text: '│', tone: 'quiet' as const },
    ...fit(right[index] ?? [], columns - width - 1),
  ]);
}
