import { visible } from '../../session/visible.ts';
import {
  type ChargerRow,
  FLEET_ORDERS,
  type FleetOrder,
  type FleetPart,
  type Viewer,
} from '../../view/viewer.ts';
import { Asking } from '../asking.ts';
import type { RecordingDeeds } from '../deeds.ts';
import type { Command } from '../keys.ts';
import { fit, type Line, line, type Span } from '../line.ts';
import { ListWindow } from '../list-window.ts';
import { messageFilter, NO_FILTER, type TypedFilter } from '../message-filter.ts';
import type { Desk, Screen, ScreenFilter, Size } from '../screen.ts';
import { fittingColumns, headingLine, rowLine } from '../table.ts';
import { placeText, progressText, sentenceOf, shellText } from '../words.ts';
import { chargerColumns } from './charger-columns.ts';
import { totalsLines } from './live-totals.ts';

const ORDER_WORDS: Record<FleetOrder, string> = {
  worst: 'worst first',
  name: 'by name',
  recent: 'newest first',
  busiest: 'busiest first',
};

/** How a recorder that is watched is known to its screen. */
export interface Recorder {
  pid: number;
  /** Where chargers connect. */
  url: string;
  upstream: string;
  /** Null while it runs; why it ended. */
  ended(): string | null;
  /** What is wrong with its recording, in a sentence; null for nothing. */
  fault(): string | null;
}

/** The chargers of a recording: those that need a person first. */
export class LiveScreen implements Screen {
  readonly name = 'live';
  readonly title: string;
  readonly #desk: Desk;
  readonly #viewer: Viewer;
  readonly #deeds: RecordingDeeds;
  readonly #openSession: (session: number, charger: string, filter: TypedFilter) => void;
  readonly #recorder: Recorder | null;
  readonly #window = new ListWindow();
  readonly #stopListening: () => void;
  readonly #asking = new Asking(
    () => this.#ask(),
    (error) => this.#desk.tell(sentenceOf(error), true),
  );
  #part: FleetPart | null = null;
  #partTop = 0;
  #order: FleetOrder = 'worst';
  #follows = true;
  #filter = NO_FILTER;
  #selected: number | null = null;
  #rows = 20;
  #scroll = 0;

  constructor(
    desk: Desk,
    viewer: Viewer,
    deeds: RecordingDeeds,
    openSession: (session: number, charger: string, filter: TypedFilter) => void,
    recorder: Recorder | null = null,
  ) {
    this.#desk = desk;
    this.#viewer = viewer;
    this.#deeds = deeds;
    this.#openSession = openSession;
    this.#recorder = recorder;
    this.title = viewer.path;
    this.#stopListening = viewer.onChange(() => this.#asking.again());
    this.#asking.again();
  }

  get position(): string {
    return placeText(this.#window.selected, this.#part?.total ?? 0);
  }

  get filter(): ScreenFilter {
    return messageFilter(this.#viewer, this.#filter, (typed) => {
      this.#filter = typed;
      this.#window.select(0, this.#rows, 0);
      this.#selected = null;
      this.#part = null;
      this.#asking.again();
    });
  }

  /** The charger that is selected. */
  get selectedRow(): ChargerRow | null {
    return this.#part?.rows[this.#window.selected - this.#partTop] ?? null;
  }

  lines(size: Size): Line[] {
    const head = this.#head(size);
    this.#rows = Math.max(1, size.rows - head.length - 1);
    if (!this.#part)
      return [...head, line(this.#filter.text === '' ? '  reading …' : '  looking …', { tone: 'quiet' })];
    if (this.#part.total === 0) return [...head, line(''), ...this.#nothing()];
    this.#window.fit(this.#rows, this.#part.total);
    const table = fittingColumns(this.#columns(), size.columns + this.#scroll);
    const shown = this.#part.rows.slice(
      Math.max(0, this.#window.top - this.#partTop),
      this.#window.top - this.#partTop + this.#rows,
    );
    if (shown.length < Math.min(this.#rows, this.#part.total - this.#window.top)) this.#asking.again();
    const selected = this.selectedRow;
    return [...head, headingLine(table), ...shown.map((row) => rowLine(table, row, row === selected))].map(
      (each) => fit(each, size.columns),
    );
  }

  refuses(command: Command): string | null {
    const isEmpty = (this.#part?.total ?? 0) === 0;
    if (command === 'open' && isEmpty) return 'there is no charger to open';
    if ((command === 'copy' || command === 'copyCommand' || command === 'export') && isEmpty)
      return 'no charger is selected';
    if (command === 'follow' && this.#part && !this.#part.isGrowing)
      return 'the recording has ended: nothing new comes';
    return null;
  }

  run(command: Command): void {
    const row = this.selectedRow;
    switch (command) {
      case 'open':
        if (row) this.#openSession(row.session, row.charger, this.#filter);
        break;
      case 'order':
        this.#order = FLEET_ORDERS[(FLEET_ORDERS.indexOf(this.#order) + 1) % FLEET_ORDERS.length] ?? 'worst';
        this.#followOn();
        break;
      case 'follow':
        if (this.#follows) this.#hold();
        else this.#followOn();
        break;
      case 'copy':
        if (row) this.#desk.copy(visible(row.charger), 'the name of the charger');
        break;
      case 'copyCommand':
        if (row) this.#desk.copy(this.#showCommand(row), 'a command that shows it');
        break;
      case 'export':
        this.#export();
        break;
      case 'left':
      case 'right':
        this.#scroll = Math.max(0, this.#scroll + (command === 'right' ? 40 : -40));
        break;
      default:
        if (this.#window.move(command, this.#rows, this.#part?.total ?? 0)) this.#hold();
    }
  }

  /** A reader who moves is not to have the list move under him. */
  #hold(): void {
    this.#follows = false;
    this.#selected = this.selectedRow?.session ?? null;
    this.#asking.again();
  }

  #followOn(): void {
    this.#follows = true;
    this.#selected = null;
    this.#window.select(0, this.#rows, this.#part?.total ?? 0);
    this.#asking.again();
  }

  resume(): void {
    this.#asking.again();
  }

  close(): void {
    this.#stopListening();
  }

  #showCommand({ charger }: ChargerRow): string {
    const filter = this.#filter.text === '' ? '' : ` --filter ${shellText(this.#filter.text)}`;
    return `chargetape show ${shellText(this.#viewer.path)} ${shellText(charger)}${filter}`;
  }

  #export(): void {
    const row = this.selectedRow;
    if (!row) return;
    void this.#deeds.cut([row.session]).then(
      (sentence) => this.#desk.tell(sentence),
      (error: unknown) => this.#desk.tell(sentenceOf(error), true),
    );
  }

  /** Asks for what is shown, and a screen more before and after it. */
  async #ask(): Promise<void> {
    const top = Math.max(0, this.#window.top - this.#rows);
    const query = {
      ...{ filter: this.#filter.filter, order: this.#order, hold: !this.#follows },
      ...{ top, rows: 3 * this.#rows, selected: this.#selected },
    };
    const part = await this.#viewer.fleet(query);
    this.#part = part;
    this.#partTop = Math.max(0, Math.min(top, part.total - query.rows));
    if (part.selectedAt !== null && query.selected === this.#selected && !this.#follows)
      this.#window.select(part.selectedAt, this.#rows, part.total);
    this.#desk.redraw();
  }

  #head({ columns, rows }: Size): Line[] {
    const { recording, path } = this.#viewer;
    const part = this.#part;
    const state = this.#stateSpan();
    const what = [recording.label, recording.upstream].filter(Boolean).join(' · ');
    const title: Line = [
      state,
      { text: `  ${path}`, strong: true },
      { text: what === '' ? '' : `  ${visible(what)}`, tone: 'quiet' },
    ];
    const totals = part ? totalsLines(part.totals, columns) : [line('')];
    const fault = this.#recorder?.fault() ?? null;
    const faultLines = fault === null ? [] : [line(` ! ${visible(fault)}`, { tone: 'high', strong: true })];
    const lines = [title, ...faultLines, ...totals, this.#listLine()];
    return (rows < 16 ? lines.slice(0, 2) : [...lines]).map((each) => fit(each, columns));
  }

  #stateSpan(): Span {
    const ended = this.#recorder?.ended() ?? null;
    if (ended !== null) return { text: ` ! ${ended} `, tone: 'high', mark: true, strong: true };
    if (this.#recorder)
      return { text: ` ● recording, pid ${this.#recorder.pid} `, tone: 'high', mark: true, strong: true };
    if (this.#part?.isGrowing) return { text: ' ● growing ', tone: 'high', mark: true, strong: true };
    const { kind, endedAtUs } = this.#viewer.recording;
    return {
      text: ` ■ ${kind}${endedAtUs === null ? ', no end' : ''} `,
      tone: 'accent',
      mark: true,
      strong: true,
    };
  }

  #listLine(): Line {
    const part = this.#part;
    const parts: Span[] = [{ text: ` ${ORDER_WORDS[this.#order]}`, tone: 'quiet' }];
    if (part?.isGrowing)
      parts.push({ text: this.#follows ? ' · follows' : ' · held still (f follows)', tone: 'quiet' });
    if (this.#filter.text !== '') parts.push({ text: `  filter: ${this.#filter.text}`, tone: 'accent' });
    if (part?.filtering) parts.push({ text: `  looking: ${progressText(part.filtering)}`, tone: 'medium' });
    if (part?.reading) parts.push({ text: `  reading: ${progressText(part.reading)}`, tone: 'medium' });
    return parts;
  }

  #nothing(): Line[] {
    const part = this.#part;
    if (this.#filter.text !== '' && part?.filtering) return [line('  nothing so far', { tone: 'quiet' })];
    if (this.#filter.text !== '')
      return [line('  The filter matches nothing in this recording. Esc takes it away, / changes it.')];
    if (part?.reading) return [line('  reading …', { tone: 'quiet' })];
    if (!part?.isGrowing) return [line('  No charger was recorded.')];
    const where = this.#recorder ? ` Chargers connect to ${this.#recorder.url}.` : '';
    return [line(`  No charger has connected yet.${where}`)];
  }

  #columns() {
    const nowUs = this.#part?.isGrowing ? Date.now() * 1000 : null;
    return chargerColumns(nowUs, this.#filter.text !== '');
  }
}
