import type { Filter } from '../../filter/filter.ts';
import { MESSAGES } from '../../filter/vocabulary.ts';
import { durationText } from '../../session/clock.ts';
import { visible } from '../../session/visible.ts';
import {
  type ChargerRow,
  FLEET_ORDERS,
  type FleetOrder,
  type FleetPart,
  type FleetTotals,
  type Viewer,
} from '../../view/viewer.ts';
import type { RecordingDeeds } from '../deeds.ts';
import type { Command } from '../keys.ts';
import { fit, type Line, line, type Span } from '../line.ts';
import { ListWindow } from '../list-window.ts';
import type { Desk, Screen, ScreenFilter, Size } from '../screen.ts';
import { type Column, fittingColumns, headingLine, rowLine } from '../table.ts';
import {
  count,
  gravitySpan,
  momentText,
  progressText,
  rateText,
  shortCount,
  sparkline,
  standingText,
} from '../words.ts';

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
  readonly #openSession: (session: number, charger: string, filter: { text: string; filter: Filter }) => void;
  readonly #recorder: Recorder | null;
  readonly #window = new ListWindow();
  readonly #stopListening: () => void;
  #part: FleetPart | null = null;
  #partTop = 0;
  #order: FleetOrder = 'worst';
  #follows = true;
  #filterText = '';
  #filter: Filter = { type: 'all' };
  #selected: number | null = null;
  #isAsking = false;
  #isStale = false;
  #rows = 20;
  #scroll = 0;

  constructor(
    desk: Desk,
    viewer: Viewer,
    deeds: RecordingDeeds,
    openSession: (session: number, charger: string, filter: { text: string; filter: Filter }) => void,
    recorder: Recorder | null = null,
  ) {
    this.#desk = desk;
    this.#viewer = viewer;
    this.#deeds = deeds;
    this.#openSession = openSession;
    this.#recorder = recorder;
    this.title = viewer.path;
    this.#stopListening = viewer.onChange(() => this.#ask());
    this.#ask();
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
        this.#filterText = text;
        this.#filter = filter;
        this.#window.select(0, this.#rows, 0);
        this.#selected = null;
        this.#part = null;
        this.#ask();
      },
    };
  }

  /** The charger that is selected. */
  get selectedRow(): ChargerRow | null {
    return this.#part?.rows[this.#window.selected - this.#partTop] ?? null;
  }

  lines(size: Size): Line[] {
    const head = this.#head(size);
    this.#rows = Math.max(1, size.rows - head.length - 1);
    if (!this.#part)
      return [...head, line(this.#filterText === '' ? '  reading …' : '  looking …', { tone: 'quiet' })];
    if (this.#part.total === 0) return [...head, line(''), ...this.#nothing()];
    this.#window.fit(this.#rows, this.#part.total);
    const table = fittingColumns(this.#columns(), size.columns + this.#scroll);
    const shown = this.#part.rows.slice(
      Math.max(0, this.#window.top - this.#partTop),
      this.#window.top - this.#partTop + this.#rows,
    );
    if (shown.length < Math.min(this.#rows, this.#part.total - this.#window.top)) this.#ask();
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
        if (row)
          this.#openSession(row.session, row.charger, { text: this.#filterText, filter: this.#filter });
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
    this.#ask();
  }

  #followOn(): void {
    this.#follows = true;
    this.#selected = null;
    this.#window.select(0, this.#rows, this.#part?.total ?? 0);
    this.#ask();
  }

  resume(): void {
    this.#ask();
  }

  close(): void {
    this.#stopListening();
  }

  #showCommand({ charger }: ChargerRow): string {
    const filter = this.#filterText === '' ? '' : ` --filter ${shellText(this.#filterText)}`;
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

  /** Asks for what is shown; while an answer is on its way, once more after it. */
  #ask(): void {
    if (this.#isAsking) {
      this.#isStale = true;
      return;
    }
    this.#isAsking = true;
    this.#isStale = false;
    const top = Math.max(0, this.#window.top - this.#rows);
    const query = {
      ...{ filter: this.#filter, order: this.#order, hold: !this.#follows },
      ...{ top, rows: 3 * this.#rows, selected: this.#selected },
    };
    this.#viewer
      .fleet(query)
      .then((part) => {
        this.#part = part;
        this.#partTop = Math.max(0, Math.min(top, part.total - query.rows));
        if (part.selectedAt !== null && query.selected === this.#selected && !this.#follows)
          this.#window.select(part.selectedAt, this.#rows, part.total);
        this.#desk.redraw();
      })
      .catch((error: unknown) => this.#desk.tell(sentenceOf(error), true))
      .finally(() => {
        this.#isAsking = false;
        if (this.#isStale) this.#ask();
      });
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
    if (this.#filterText !== '') parts.push({ text: `  filter: ${this.#filterText}`, tone: 'accent' });
    if (part?.filtering) parts.push({ text: `  looking: ${progressText(part.filtering)}`, tone: 'medium' });
    if (part?.reading) parts.push({ text: `  reading: ${progressText(part.reading)}`, tone: 'medium' });
    return parts;
  }

  #nothing(): Line[] {
    const part = this.#part;
    if (this.#filterText !== '' && part?.filtering) return [line('  nothing so far', { tone: 'quiet' })];
    if (this.#filterText !== '')
      return [line('  The filter matches nothing in this recording. Esc takes it away, / changes it.')];
    if (part?.reading) return [line('  reading …', { tone: 'quiet' })];
    if (!part?.isGrowing) return [line('  No charger was recorded.')];
    const where = this.#recorder ? ` Chargers connect to ${this.#recorder.url}.` : '';
    return [line(`  No charger has connected yet.${where}`)];
  }

  #columns(): Column<ChargerRow>[] {
    const nowUs = this.#part?.isGrowing ? Date.now() * 1000 : null;
    const hasFilter = this.#filterText !== '';
    return [
      { heading: '', width: 1, rank: 0, cell: ({ gravity }) => gravitySpan(gravity) },
      {
        heading: 'charger',
        width: 18,
        grows: true,
        rank: 0,
        cell: ({ charger }) => ({ text: visible(charger) }),
      },
      { heading: 'state', width: 8, rank: 2, cell: presenceSpan },
      { heading: 'connectors', width: 22, rank: 5, cell: (row) => connectorsSpan(row) },
      { heading: 'transaction', width: 14, rank: 7, cell: (row) => ({ text: transactionText(row, nowUs) }) },
      {
        heading: hasFilter ? 'matches' : 'calls',
        width: 8,
        right: true,
        rank: 4,
        cell: ({ calls, matches }) => ({ text: shortCount(matches ?? calls) }),
      },
      { heading: 'calls/s', width: 7, right: true, rank: 6, cell: ({ rate }) => ({ text: rateText(rate) }) },
      { heading: 'last message', width: 22, rank: 8, cell: (row) => ({ text: lastText(row) }) },
      {
        heading: nowUs === null ? 'last' : 'ago',
        width: 8,
        right: true,
        rank: 3,
        cell: ({ lastAtUs }) => ({ text: agoText(lastAtUs, nowUs) }),
      },
      { heading: 'faults', width: 6, right: true, rank: 1, cell: faultsSpan },
      { heading: 'make', width: 24, rank: 9, cell: ({ make }) => ({ text: visible(make), tone: 'quiet' }) },
      { heading: 'of them', width: 34, rank: 10, cell: (row) => ({ text: faultsText(row), tone: 'quiet' }) },
    ];
  }
}

/** What is true of the whole recording, in two lines, the less important dropped where it is narrow. */
function totalsLines(totals: FleetTotals, columns: number): Line[] {
  const { chargers, online, charging, faulted, calls, rate, callErrors, malformed, refusals, drops, gaps } =
    totals;
  const first = [
    count(chargers, 'charger'),
    `${online.toLocaleString('en')} online`,
    `${charging.toLocaleString('en')} charging`,
    `${rateText(rate)} calls/s`,
    ...(totals.csmsLatency ? [`CSMS ${latencyText(totals.csmsLatency)}`] : []),
    ...(totals.fromUs !== null && totals.toUs !== null ? [`since ${momentText(totals.fromUs)}`] : []),
  ];
  const faults: Span[] = [];
  const add = (amount: number, text: string, tone: Span['tone'] = 'medium') => {
    if (amount > 0 && tone) faults.push({ text: `  ${text}`, tone });
  };
  add(faulted, `▲ ${faulted.toLocaleString('en')} faulted`, 'high');
  add(gaps.count, `▲ ${count(gaps.count, 'gap')} (${count(gaps.frames, 'frame')} missing)`, 'high');
  add(malformed, `▲ ${malformed.toLocaleString('en')} malformed`, 'high');
  add(refusals, `▲ ${refusals.toLocaleString('en')} refused`, 'high');
  add(callErrors, `◆ ${count(callErrors, 'call error')}`);
  add(drops, `◆ ${count(drops, 'drop')}`);
  const chart: Span[] =
    totals.recentCalls.length > 0 && columns >= 120
      ? [{ text: `  ${sparkline(totals.recentCalls)} calls/s, last minute`, tone: 'accent' }]
      : [];
  const calm: Span[] = faults.length === 0 ? [{ text: '  ✓ no faults', tone: 'good' }] : faults;
  return [
    line(` ${first.join(' · ')}`),
    [{ text: ` ${count(calls, 'call')}`, tone: 'quiet' }, ...calm, ...chart],
  ];
}

function latencyText({ p50Us, p99Us }: NonNullable<FleetTotals['csmsLatency']>): string {
  return `half ${durationText(p50Us)}, 99 % ${durationText(p99Us)}`;
}

function presenceSpan({ presence }: ChargerRow): Span {
  if (presence === 'online') return { text: '● online', tone: 'good' };
  return presence === 'refused' ? { text: '✗ refused', tone: 'high' } : { text: '○ gone', tone: 'quiet' };
}

function connectorsSpan(row: ChargerRow): Span {
  const text = standingText({ connectors: row.connectors, transactions: [] }, null);
  return row.connectors.some(({ isFault }) => isFault) ? { text, tone: 'high' } : { text };
}

function transactionText({ transactions }: ChargerRow, nowUs: number | null): string {
  const [first] = transactions;
  if (!first) return '';
  const more = transactions.length > 1 ? ` +${transactions.length - 1}` : '';
  return `⚡${first.id}${nowUs === null ? '' : ` ${durationText(Math.max(0, nowUs - first.sinceUs))}`}${more}`;
}

function lastText({ last, lastSender }: ChargerRow): string {
  return last === '' ? '' : `${lastSender === 'csms' ? '◂' : '▸'} ${visible(last)}`;
}

function agoText(lastAtUs: number | null, nowUs: number | null): string {
  if (lastAtUs === null) return '';
  return nowUs === null ? momentText(lastAtUs).slice(11) : durationText(Math.max(0, nowUs - lastAtUs));
}

function faultsOf({ callErrors, malformed, refusals, drops }: ChargerRow): number {
  return callErrors + malformed + refusals + drops;
}

function faultsSpan(row: ChargerRow): Span {
  const faults = faultsOf(row);
  return faults === 0
    ? { text: '' }
    : { text: shortCount(faults), tone: row.gravity === 'high' ? 'high' : 'medium' };
}

function faultsText({ callErrors, malformed, refusals, drops }: ChargerRow): string {
  const parts = [
    [callErrors, 'call error'],
    [malformed, 'malformed'],
    [refusals, 'refusal'],
    [drops, 'drop'],
  ] as const;
  return parts
    .flatMap(([amount, noun]) =>
      amount > 0 ? [noun === 'malformed' ? `${amount} malformed` : count(amount, noun)] : [],
    )
    .join(', ');
}

/** A text as one word of a shell. */
export function shellText(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What went wrong, in one sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
