import type { Finding } from '../../diff/finding.ts';
import { durationText } from '../../session/clock.ts';
import { visible } from '../../session/visible.ts';
import type { Command } from '../keys.ts';
import { fit, type Line, line, type Span } from '../line.ts';
import { ListWindow } from '../list-window.ts';
import type { ReplayedCharger, ReplayStatus, ReplayWatch } from '../replay-watch.ts';
import type { Desk, Screen, Size } from '../screen.ts';
import { type Column, fittingColumns, headingLine, rowLine } from '../table.ts';
import { gradeOf } from '../theme.ts';
import { bar, count, grouped, rateText, shellText, sparkline } from '../words.ts';

/** Findings shown while more may come. */
const MAX_FINDINGS = 6;

/** A replay on its way: how far each charger is, how fast, and what differs so far. */
export class ReplayScreen implements Screen {
  readonly name = 'replay';
  readonly title = 'replay';
  readonly #desk: Desk;
  readonly #watch: ReplayWatch;
  readonly #openFindings: () => void;
  readonly #window = new ListWindow();
  readonly #stopListening: () => void;
  #order: readonly string[] = [];
  #follows = true;
  #rows = 1;

  constructor(desk: Desk, watch: ReplayWatch, openFindings: () => void) {
    this.#desk = desk;
    this.#watch = watch;
    this.#openFindings = openFindings;
    this.#stopListening = watch.onChange(() => desk.redraw());
  }

  get position(): string {
    const total = this.#watch.status().chargers.length;
    return total === 0 ? '' : `${this.#window.selected + 1}/${total}`;
  }

  lines({ columns, rows }: Size): Line[] {
    const status = this.#watch.status();
    const findings = this.#watch.findings();
    const head = [
      this.#titleLine(),
      ...progressLines(status, this.#watch.phase(), columns),
      ...chartLines(status, columns),
    ];
    const tail = findingLines(findings, this.#watch.isOver, columns, rows);
    this.#rows = Math.max(1, rows - head.length - tail.length - 1);
    const chargers = this.#inOrder(status.chargers);
    this.#window.fit(this.#rows, chargers.length);
    const table = fittingColumns(COLUMNS, columns);
    const shown = chargers.slice(this.#window.top, this.#window.top + this.#rows);
    const list = shown.map((one, index) =>
      rowLine(table, one, this.#window.top + index === this.#window.selected),
    );
    const blank = Array.from({ length: Math.max(0, this.#rows - list.length) }, () => line(''));
    return [...head, headingLine(table), ...list, ...blank, ...tail].map((each) => fit(each, columns));
  }

  refuses(command: Command): string | null {
    if (command === 'open' && !this.#watch.isOver) return 'the findings are whole when the replay is over';
    if (command === 'follow' && this.#watch.isOver) return 'the replay is over: nothing new comes';
    return null;
  }

  run(command: Command): void {
    const { chargers } = this.#watch.status();
    if (command === 'open') this.#openFindings();
    else if (command === 'follow') this.#follows = !this.#follows;
    else if (command === 'copy')
      this.#desk.copy(visible(this.#selected()?.charger ?? ''), 'the name of the charger');
    else if (command === 'copyCommand') {
      const { recording, target } = this.#watch;
      this.#desk.copy(
        `chargetape replay ${shellText(recording)} --target ${shellText(target)}`,
        'the command of this replay',
      );
    } else if (this.#window.move(command, this.#rows, chargers.length)) this.#follows = false;
  }

  close(): void {
    this.#stopListening();
  }

  #selected(): ReplayedCharger | undefined {
    return this.#inOrder(this.#watch.status().chargers)[this.#window.selected];
  }

  /** What needs a person first, then what is under way; held still once the reader has moved. */
  #inOrder(chargers: readonly ReplayedCharger[]): ReplayedCharger[] {
    const byName = new Map(chargers.map((one) => [one.charger, one]));
    if (this.#follows || this.#order.length !== chargers.length) {
      const rank = { incomplete: 0, playing: 1, complete: 2 };
      const share = ({ steps, stepsDone }: ReplayedCharger) => (steps === 0 ? 1 : stepsDone / steps);
      const sorted = [...chargers].sort(
        (a, b) => rank[a.state] - rank[b.state] || share(a) - share(b) || (a.charger < b.charger ? -1 : 1),
      );
      this.#order = sorted.map(({ charger }) => charger);
    }
    return this.#order.flatMap((name) => byName.get(name) ?? []);
  }

  #titleLine(): Line {
    const { isOver, recording, target, out } = this.#watch;
    const state: Span = isOver
      ? { text: ' ■ replay over ', tone: 'accent' }
      : { text: ' ● replaying ', tone: 'high' };
    return [
      { ...state, mark: true, strong: true },
      { text: `  ${recording} → ${visible(target)}`, strong: true },
      { text: `  into ${out}`, tone: 'quiet' },
    ];
  }
}

const COLUMNS: Column<ReplayedCharger>[] = [
  { heading: '', width: 1, rank: 0, cell: ({ state }) => STATES[state] },
  {
    heading: 'charger',
    width: 20,
    grows: true,
    rank: 0,
    cell: ({ charger }) => ({ text: visible(charger) }),
  },
  {
    heading: 'progress',
    width: 16,
    rank: 1,
    cell: (one) => ({ text: bar(shareOf(one), 16), tone: one.state === 'incomplete' ? 'medium' : 'good' }),
  },
  {
    heading: 'steps',
    width: 13,
    right: true,
    rank: 2,
    cell: ({ steps, stepsDone }) => ({ text: `${stepsDone}/${steps}` }),
  },
  {
    heading: 'state',
    width: 34,
    rank: 3,
    cell: ({ state, reason }) => ({
      text: reason === null ? state : `${state}: ${visible(reason)}`,
      ...(state === 'incomplete' && { tone: 'medium' as const }),
    }),
  },
];

const STATES: Record<ReplayedCharger['state'], Span> = {
  playing: { text: '▸', tone: 'accent' },
  complete: { text: '✓', tone: 'good' },
  incomplete: { text: '!', tone: 'medium' },
};

function shareOf({ steps, stepsDone }: { steps: number; stepsDone: number }): number {
  return steps === 0 ? 1 : stepsDone / steps;
}

function progressLines(status: ReplayStatus, phase: string | null, columns: number): Line[] {
  const { chargers, steps, stepsDone, elapsedUs } = status;
  const over = chargers.filter(({ state }) => state !== 'playing').length;
  const incomplete = chargers.filter(({ state }) => state === 'incomplete').length;
  const width = Math.max(10, Math.min(40, columns - 50));
  const left = leftText(status);
  return [
    [
      { text: ` ${bar(shareOf(status), width)}`, tone: 'good' },
      {
        text: ` ${Math.floor(shareOf(status) * 100)} %  ${grouped(stepsDone)} of ${count(steps, 'step')}`,
      },
    ],
    [
      { text: ` ${over} of ${count(chargers.length, 'charger')} over` },
      ...(incomplete > 0 ? [{ text: `, ! ${incomplete} incomplete`, tone: 'medium' as const }] : []),
      { text: `  ${durationText(elapsedUs)} so far${left === '' ? '' : `, ${left}`}`, tone: 'quiet' },
      ...(phase === null ? [] : [{ text: `  ${phase}`, tone: 'accent' as const }]),
    ],
  ];
}

/** What is left, by the schedule where there is one, else by the pace so far; a range where the two differ. */
function leftText({ steps, stepsDone, elapsedUs, scheduledLeftUs }: ReplayStatus): string {
  if (stepsDone >= steps) return '';
  const byPace = stepsDone < 5 ? null : (elapsedUs / stepsDone) * (steps - stepsDone);
  if (scheduledLeftUs === null)
    return byPace === null ? 'too early to say how long' : `about ${durationText(byPace)} left at this pace`;
  const least = Math.max(0, scheduledLeftUs);
  return least === 0
    ? 'behind its schedule: waiting for the CSMS'
    : `${durationText(least)} left by its schedule, longer where it waits`;
}

function chartLines(status: ReplayStatus, columns: number): Line[] {
  const { sentPerSecond, askedRate, askedSpeed, latency, latencyOverall, lateness } = status;
  const width = Math.max(8, Math.min(60, Math.floor(columns / 3)));
  const sent = sentPerSecond.slice(-width);
  const achieved = sent.slice(-5);
  const mean = achieved.length === 0 ? 0 : achieved.reduce((sum, one) => sum + one, 0) / achieved.length;
  const asked =
    askedSpeed === null
      ? 'as fast as it answers'
      : `asked ×${askedSpeed}${askedRate === null ? '' : ` = ${rateText(askedRate)}/s`}`;
  const late =
    lateness === null
      ? ''
      : `  late: half ${durationText(lateness.p50Us)}, 99 % ${durationText(lateness.p99Us)}`;
  const p50 = latency.slice(-width).map(({ p50Us }) => p50Us);
  const p99 = latency.slice(-width).map(({ p99Us }) => p99Us);
  const overall = latencyOverall;
  return [
    [
      { text: ' rate     ', tone: 'quiet' },
      { text: sparkline(sent).padStart(width), tone: 'accent' },
      { text: `  ${rateText(mean)} messages/s, ${asked}`, strong: true },
      { text: late, tone: 'quiet' },
    ],
    [
      { text: ' CSMS 50 %', tone: 'quiet' },
      { text: sparkline(p50).padStart(width), tone: 'good' },
      {
        text:
          overall === null
            ? '  no answers yet'
            : `  half of the answers within ${durationText(overall.p50Us)}`,
      },
    ],
    [
      { text: ' CSMS 99 %', tone: 'quiet' },
      { text: sparkline(p99).padStart(width), tone: 'medium' },
      {
        text:
          overall === null
            ? ''
            : `  95 % ${durationText(overall.p95Us)}, 99 % ${durationText(overall.p99Us)}`,
      },
    ],
  ];
}

function findingLines(findings: readonly Finding[], isOver: boolean, columns: number, rows: number): Line[] {
  const soFar = isOver ? '' : ' so far';
  const room = rows < 30 ? Math.min(3, MAX_FINDINGS) : MAX_FINDINGS;
  const title = `── ${findings.length === 0 ? `no findings${soFar}` : `${count(findings.length, 'finding')}${soFar}`} `;
  const rule = line(`${title}${'─'.repeat(Math.max(0, columns - title.length))}`, { tone: 'quiet' });
  const shown = findings.slice(0, room).map((finding): Line => {
    const { sign, tone } = gradeOf(finding);
    return fit(
      [
        { text: ` ${sign} `, tone },
        { text: visible(finding.message) },
        { text: `  ×${finding.count}`, tone: 'quiet' },
      ],
      columns,
    );
  });
  const blank = Array.from({ length: room - shown.length }, () => line(''));
  return [rule, ...shown, ...blank];
}
