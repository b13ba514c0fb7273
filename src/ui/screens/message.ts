import { visible } from '../../session/visible.ts';
import type { RowDetail, Viewer } from '../../view/viewer.ts';
import type { RecordingDeeds } from '../deeds.ts';
import type { Command } from '../keys.ts';
import { fit, type Line, line, wrapWords } from '../line.ts';
import { PageWindow } from '../list-window.ts';
import type { Desk, Screen, Size } from '../screen.ts';
import { sentenceOf } from '../words.ts';
import { payloadLines } from './payload.ts';
import type { SessionScreen } from './session.ts';

/** One message of a ladder in full: what is known of it, and its text. */
export class MessageScreen implements Screen {
  readonly name = 'message';
  readonly title = 'message';
  readonly #desk: Desk;
  readonly #viewer: Viewer;
  readonly #ladder: SessionScreen;
  readonly #deeds: RecordingDeeds;
  readonly #window = new PageWindow();
  #detail: RowDetail | null = null;
  #isRaw: boolean;
  #rows = 1;
  #laidOut: { key: string; lines: Line[] } | null = null;
  #asked = -1;

  constructor(desk: Desk, viewer: Viewer, deeds: RecordingDeeds, ladder: SessionScreen) {
    this.#desk = desk;
    this.#viewer = viewer;
    this.#deeds = deeds;
    this.#ladder = ladder;
    this.#isRaw = ladder.isRaw;
    this.#read();
  }

  get position(): string {
    return this.#window.position(this.#rows, this.#laidOut?.lines.length ?? 0);
  }

  lines({ columns, rows }: Size): Line[] {
    this.#read();
    const detail = this.#detail;
    if (!detail)
      return [
        line(
          this.#ladder.selectedRow?.kind === 'gap'
            ? '  A gap has no text: it says what is missing.'
            : '  reading …',
          { tone: 'quiet' },
        ),
      ];
    const facts = wrapWords(
      detail.facts.map(([name, value]) => `${name}\u00a0${value.replaceAll(' ', '\u00a0')}`).join('  '),
      columns - 2,
    );
    const head: Line[] = [
      [
        { text: ` ${detail.title} `, tone: 'accent', mark: true, strong: true },
        { text: `  ${this.#ladder.title}`, tone: 'quiet' },
        { text: this.#isRaw ? '  exact text' : '  laid out', tone: 'quiet' },
      ],
      ...facts.map((text) => line(` ${text.replaceAll('\u00a0', ' ')}`, { tone: 'quiet' })),
      line(''),
    ];
    this.#rows = Math.max(1, rows - head.length);
    const body = this.#body(detail, columns - 2);
    const top = Math.min(this.#window.top, Math.max(0, body.length - this.#rows));
    const shown = body.slice(top, top + this.#rows);
    return [...head, ...shown.map((each) => [{ text: ' ' }, ...each])].map((each) => fit(each, columns));
  }

  refuses(command: Command): string | null {
    if ((command === 'copy' || command === 'export') && !this.#detail) return 'there is no text here';
    return null;
  }

  run(command: Command): void {
    const detail = this.#detail;
    if (command === 'raw') {
      this.#isRaw = !this.#isRaw;
      this.#window.top = 0;
    } else if (command === 'next' || command === 'previous') {
      this.#window.top = 0;
      this.#ladder.jump(command === 'next' ? 1 : -1);
    } else if (command === 'right' || command === 'left') {
      this.#window.top = 0;
      this.#ladder.run(command === 'right' ? 'down' : 'up');
    } else if (command === 'copy') this.#ladder.copy();
    else if (command === 'copyCommand') this.#ladder.copyCommand();
    else if (command === 'export' && detail) {
      void this.#deeds.write(`message-${detail.id}.txt`, detail.text).then(
        (sentence) => this.#desk.tell(sentence),
        (error: unknown) => this.#desk.tell(sentenceOf(error), true),
      );
    } else this.#window.move(command, this.#rows, this.#laidOut?.lines.length ?? 0);
  }

  #body(detail: RowDetail, columns: number): Line[] {
    const key = `${detail.id} ${this.#isRaw} ${columns}`;
    if (this.#laidOut?.key !== key)
      this.#laidOut = { key, lines: payloadLines(detail.text, this.#isRaw, columns) };
    return this.#laidOut.lines;
  }

  #read(): void {
    const row = this.#ladder.selectedRow;
    if (!row || row.id === this.#asked) return;
    this.#asked = row.id;
    if (row.kind === 'gap') {
      this.#detail = null;
      return;
    }
    void this.#viewer.detail(this.#ladder.session, row.id).then(
      (detail) => {
        this.#detail = detail;
        this.#desk.redraw();
      },
      (error: unknown) => this.#desk.tell(visible(sentenceOf(error)), true),
    );
  }
}
