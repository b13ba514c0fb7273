import type { Call, Message, Side } from '../ocpp/message.ts';
import type { Link } from '../session/recording.ts';
import { type Place, Said } from './said.ts';

/** Rows of a conversation's first page, and of its largest: each page has twice as many as the one before. */
const FIRST_ROWS = 64;
const MOST_ROWS = 16_384;

/** The numbers of a row: of the call, of its first answer (whose id is 0 as long as there is none), and the frame that the call comes from. */
const CALL = 0;
const ANSWER = 5;
const REPLAYS = 10;
const WIDTH = 11;

/** Stands for an opcode that a frame does not have. */
const NO_OPCODE = -1;

/** Some exchanges, column by column. */
class Page {
  readonly rows: number;
  readonly #numbers: Float64Array;
  /** Always the same two texts, not one read from each row. */
  readonly callers: Side[] = [];
  readonly calls: Call[] = [];
  readonly answers: (Message | undefined)[] = [];
  readonly sources: (string | null)[] = [];
  /** By row, the few that have it: the message id of a call that is not answered, and all answers of one that has several. */
  readonly messageIds = new Map<number, string>();
  readonly several = new Map<number, readonly Said[]>();

  constructor(rows: number) {
    this.rows = rows;
    this.#numbers = new Float64Array(rows * WIDTH);
  }

  number(row: number, column: number): number {
    return this.#numbers[row * WIDTH + column]!;
  }

  setNumber(row: number, column: number, value: number): void {
    this.#numbers[row * WIDTH + column] = value;
  }

  setPlace(row: number, column: number, { id, connection, atUs, monoUs, opcode }: Place): void {
    const [numbers, at] = [this.#numbers, row * WIDTH + column];
    numbers[at] = id;
    numbers[at + 1] = connection;
    numbers[at + 2] = atUs;
    numbers[at + 3] = monoUs;
    numbers[at + 4] = opcode ?? NO_OPCODE;
  }

  said<Meaning extends Message>(row: number, column: number, message: Meaning): Said<Meaning> {
    const numbers = this.#numbers;
    const at = row * WIDTH + column;
    const opcode = numbers[at + 4]!;
    const place = {
      id: numbers[at]!,
      connection: numbers[at + 1]!,
      atUs: numbers[at + 2]!,
      monoUs: numbers[at + 3]!,
      opcode: opcode === NO_OPCODE ? null : opcode,
    };
    return new Said(place, message);
  }
}

/** A call with its answers (several when the peer answered twice, none when it did not). */
export class Exchange {
  readonly #page: Page;
  readonly #row: number;

  constructor(page: Page, row: number) {
    this.#page = page;
    this.#row = row;
  }

  get caller(): Side {
    return this.#page.callers[this.#row]!;
  }

  get action(): string {
    return this.#page.calls[this.#row]!.action;
  }

  get call(): Said<Call> {
    return this.#page.said(this.#row, CALL, this.#page.calls[this.#row]!);
  }

  /** Of a run or cut: the frame that the call comes from, and the recording that it stands in. */
  get replays(): number | null {
    return this.source === null ? null : this.#page.number(this.#row, REPLAYS);
  }

  get source(): string | null {
    return this.#page.sources[this.#row]!;
  }

  /** Its message id, as long as it is not answered. */
  get messageId(): string | null {
    return this.#page.messageIds.get(this.#row) ?? null;
  }

  /** The answer that counts: the first; undefined when there is none. */
  get first(): Said | undefined {
    const message = this.#page.answers[this.#row];
    return message && this.#page.said(this.#row, ANSWER, message);
  }

  /** All answers, in the order they came. */
  get answers(): readonly Said[] {
    return this.#page.several.get(this.#row) ?? (this.first === undefined ? [] : [this.first]);
  }

  /** Takes one more answer. */
  answer(said: Said): void {
    if (this.first !== undefined) {
      this.#page.several.set(this.#row, [...this.answers, said]);
      return;
    }
    this.#page.messageIds.delete(this.#row);
    this.#page.setPlace(this.#row, ANSWER, said);
    this.#page.answers[this.#row] = said.message;
  }
}

/**
 * The exchanges of one lane as they come. They are kept in columns: a session may have a million, and as objects with their frames they
 * would take twice the memory.
 */
export class Conversation {
  #page = new Page(FIRST_ROWS);
  #row = 0;

  /** Begins an exchange with its call. */
  begin(
    caller: Side,
    call: Said<Call>,
    messageId: string,
    link: Pick<Link, 'replays' | 'recording'> | null,
  ): Exchange {
    if (this.#row === this.#page.rows) {
      this.#page = new Page(Math.min(MOST_ROWS, 2 * this.#page.rows));
      this.#row = 0;
    }
    const [page, row] = [this.#page, this.#row++];
    page.callers.push(caller === 'charger' ? 'charger' : 'csms');
    page.calls.push(call.message);
    page.answers.push(undefined);
    page.sources.push(link === null || link.replays === null ? null : link.recording);
    page.messageIds.set(row, messageId);
    page.setPlace(row, CALL, call);
    page.setNumber(row, REPLAYS, link?.replays ?? 0);
    return new Exchange(page, row);
  }
}
