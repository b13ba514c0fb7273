import type { Database, Statement } from 'better-sqlite3';
import type { Frame } from '../session/frame.ts';
import { type Batch, eachFrame, WORDS } from './batch.ts';
import { writeOrRefuse } from './row-fault.ts';
import { type Cell, frameShape, insertSql, type Shape } from './rows.ts';

/** Is told of a frame that can never be written, and why. */
export type Refuse = (cells: readonly Cell[], reason: string) => void;

/** Rows that one statement writes; more would not be cheaper. */
const GROUP = 16;

/** The last columns of the shape, which few frames have; a group leaves them out. */
const RARE = 2;
const COMMON = frameShape.properties.length - RARE;

/** Writes frames as rows, a group at a time where it can: calling SQLite costs more than a row does. */
export class FrameInserter {
  readonly #one: Statement;
  readonly #group: Statement;
  /** Common cells of the rows that wait until there is a group of them: so many rows, and room for the others. */
  readonly #cells: Cell[] = new Array(COMMON * GROUP).fill(null);
  #waiting = 0;

  constructor(db: Database) {
    const common: Shape<Frame> = { ...frameShape, properties: frameShape.properties.slice(0, COMMON) };
    this.#one = db.prepare(insertSql(frameShape, { verb: 'INSERT', words: WORDS }));
    this.#group = db.prepare(insertSql(common, { verb: 'INSERT', rows: GROUP, words: WORDS }));
  }

  /** Writes the frames of a batch, with further flags; a second frame with an id is refused. Throws what SQLite throws. */
  insert(batch: Batch, flags: number, refuse: Refuse): void {
    this.#waiting = 0;
    eachFrame(batch, flags, (cells) => {
      if (cells[COMMON] === null && cells[COMMON + 1] === null) this.#wait(cells, refuse);
      else {
        this.#writeWaiting(refuse);
        this.#write([...cells], refuse);
      }
    });
    this.#writeWaiting(refuse);
    this.#cells.fill(null);
  }

  #wait(cells: readonly Cell[], refuse: Refuse): void {
    const first = this.#waiting++ * COMMON;
    for (let index = 0; index < COMMON; index++) this.#cells[first + index] = cells[index]!;
    if (this.#waiting < GROUP) return;
    writeOrRefuse(
      () => {
        this.#group.run(...this.#cells);
        this.#waiting = 0;
      },
      () => this.#writeWaiting(refuse),
    );
  }

  /** One by one: fewer than a group, or one of them is at fault. */
  #writeWaiting(refuse: Refuse): void {
    const end = this.#waiting * COMMON;
    this.#waiting = 0;
    for (let at = 0; at < end; at += COMMON) {
      this.#write([...this.#cells.slice(at, at + COMMON), null, null], refuse);
    }
  }

  #write(cells: Cell[], refuse: Refuse): void {
    writeOrRefuse(
      () => this.#one.run(cells),
      (reason) => refuse(cells, reason),
    );
  }
}
