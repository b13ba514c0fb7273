import type { Database, Statement } from 'better-sqlite3';
import type { Entry } from '../session/recording.ts';
import { type Batch, eachLink, WORDS } from './batch.ts';
import { FrameInserter, type Refuse } from './frame-inserter.ts';
import { writeOrRefuse } from './row-fault.ts';
import {
  bindingShape,
  cellsOf,
  connectionShape,
  departureShape,
  frameShape,
  gapShape,
  insertSql,
  linkShape,
  observationShape,
  outcomeShape,
  type Shape,
  sessionShape,
} from './rows.ts';

/** Writes entries as rows, with its statements prepared once. Throws what SQLite throws. */
export class EntryWriter {
  readonly #frames: FrameInserter;
  readonly #link: Statement;
  readonly #write: { [K in Entry['kind']]: (entry: Extract<Entry, { kind: K }>) => void };

  constructor(db: Database) {
    this.#frames = new FrameInserter(db);
    this.#link = db.prepare(insertSql(linkShape, { words: WORDS }));
    const frame = db.prepare(insertSql(frameShape, { verb: 'INSERT' }));
    const into = <T>(shape: Shape<T>) => {
      const statement = db.prepare(insertSql(shape));
      return (value: T) => void statement.run(cellsOf(shape, value));
    };
    const [connection, session, gap] = [into(connectionShape), into(sessionShape), into(gapShape)];
    const [link, binding, outcome] = [into(linkShape), into(bindingShape), into(outcomeShape)];
    const [departure, observation] = [into(departureShape), into(observationShape)];
    this.#write = {
      frame: (entry) => frame.run(cellsOf(frameShape, entry.frame)),
      connection: (entry) => connection(entry.connection),
      session: (entry) => session(entry.session),
      gap: (entry) => gap(entry.gap),
      link: (entry) => link(entry.link),
      binding: (entry) => binding(entry.binding),
      outcome: (entry) => outcome(entry.outcome),
      departure: (entry) => departure(entry.departure),
      observation: (entry) => observation(entry.observation),
    };
  }

  /** Writes the frames of a batch, with further flags; what can never be written is refused. */
  frames(batch: Batch, flags: number, refuse: Refuse): void {
    this.#frames.insert(batch, flags, refuse);
  }

  /** Writes the links of a batch; what can never be written is refused. */
  links(batch: Batch, refuse: (reason: string) => void): void {
    eachLink(batch, (cells) => writeOrRefuse(() => this.#link.run(cells), refuse));
  }

  /** Writes one entry; a connection or session given again replaces its row. */
  entry<K extends Entry['kind']>(entry: Extract<Entry, { kind: K }>): void {
    this.#write[entry.kind as K](entry);
  }
}
