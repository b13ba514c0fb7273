import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { ChargetapeError } from '../errors.ts';
import type { Filter } from '../filter/filter.ts';
import type { Recording } from '../session/recording.ts';
import type { Charger } from '../view/charger.ts';
import type {
  FleetPart,
  FleetQuery,
  LadderPart,
  LadderQuery,
  RowDetail,
  TroubleQuery,
} from '../view/viewer.ts';
import { FilterScan } from './filter-scan.ts';
import { FleetReading } from './fleet-reading.ts';
import { formatOf } from './migrations.ts';
import { type OpenFile, openFile } from './open-file.ts';
import { type Places, placesOf } from './places.ts';
import { fromRow, recordingShape, selectSql } from './rows.ts';
import { SessionLadder } from './session-ladder.ts';

/** The list is not sorted anew more often than this while it is looked at, ms. */
const SORT_EVERY_MS = 1000;
/** How often a recording that grows is looked at, ms. */
const POLL_MS = 500;
/** While there is more to read it is told this often how far that is, ms; else once all is read. */
const TELL_MS = 250;
/** A recording that has no end and nothing new for so long belongs to a recorder that was killed, µs. */
const STALE_US = 60e6;
const MAX_KNOWN = 2000;

/** One recording as it is looked at, in the thread that reads it. */
export class Viewing {
  readonly #path: string;
  readonly #file: OpenFile;
  readonly #db: Database;
  readonly #tell: () => void;
  readonly #reading: FleetReading;
  readonly #ladders = new Map<number, SessionLadder>();
  #places: Places | null = null;
  #scan: { text: string; scan: FilterScan } | null = null;
  #order: { by: string; chargers: Charger[]; sortedMs: number; isWhole: boolean } | null = null;
  #watched: { session: number; filter: Filter } | null = null;
  #endedAtUs: number | null = null;
  #hasGrown = false;
  #version = -1;
  #isClosed = false;
  #telling: NodeJS.Timeout | null = null;
  #wake: (() => void) | null = null;
  readonly #startUs: number;
  readonly #follow: boolean;

  /** `follow`: the recording is known to be written; `tell` is called when there is something new. */
  constructor(path: string, follow: boolean, tell: () => void) {
    this.#path = path;
    this.#file = openFile(path);
    this.#db = this.#file.db;
    this.#tell = tell;
    this.#follow = follow;
    this.#reading = new FleetReading(this.#db);
    this.#startUs = this.#startOf();
    this.#look();
    void this.#run();
  }

  /** The head of the recording. NOT_A_RECORDING when it has none. */
  recording(): Recording {
    const row = this.#db.prepare(`${selectSql(recordingShape)} ORDER BY part LIMIT 1`).get();
    if (!row) throw new ChargetapeError('NOT_A_RECORDING', `${this.#path} holds no recording.`);
    return { ...fromRow(recordingShape, row), format: formatOf(this.#db) };
  }

  fleet(query: FleetQuery): FleetPart {
    const nowUs = this.#nowUs();
    const scan = this.#scanOf(query.filter);
    const all = this.#sorted(query, nowUs);
    const shown = scan
      ? all.filter(({ session, name, frames }) => scan.count(session, name, frames) !== null)
      : all;
    const top = Math.max(0, Math.min(query.top, shown.length - query.rows));
    const selectedAt = shown.findIndex(({ session }) => session === query.selected);
    return {
      rows: shown
        .slice(top, top + query.rows)
        .map((one) => one.row(nowUs, scan ? scan.count(one.session, one.name, one.frames) : null)),
      total: shown.length,
      selectedAt: selectedAt < 0 ? null : selectedAt,
      totals: this.#reading.fleet.totals(nowUs),
      reading: this.#reading.progress,
      filtering: scan?.progress ?? null,
      isGrowing: nowUs !== null,
    };
  }

  async ladder(query: LadderQuery): Promise<LadderPart> {
    const ladder = await this.#ladderOf(query.session, query.filter);
    return ladder.part(query, this.#nowUs() !== null);
  }

  /** Waits until that row is in the index, or all is. */
  async ladderPlace(session: number, filter: Filter, id: number): Promise<number | null> {
    const ladder = await this.#ladderOf(session, filter);
    await this.#settle(ladder, filter);
    return ladder.place(filter, id);
  }

  async nextTrouble(query: TroubleQuery): Promise<number | null> {
    const ladder = await this.#ladderOf(query.session, query.filter);
    const found = ladder.trouble(query);
    if (found !== null || ladder.isSettled(query.filter)) return found;
    await this.#settle(ladder, query.filter);
    return ladder.trouble(query);
  }

  async detail(session: number, id: number): Promise<RowDetail | null> {
    return (await this.#ladderOf(session, { type: 'all' })).detail(id);
  }

  sessionNamed(name: string): number | null {
    for (const charger of this.#reading.fleet.chargers.values()) {
      if (charger.name === name) return charger.session;
    }
    return null;
  }

  known(): Record<string, string[]> {
    const { fleet } = this.#reading;
    const names = [...fleet.chargers.values()]
      .slice(0, MAX_KNOWN)
      .map(({ name }) => name.slice(name.lastIndexOf('/') + 1));
    return { action: fleet.actions, charger: [...new Set(names)].sort() };
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
    if (this.#telling) clearTimeout(this.#telling);
    this.#file.close();
  }

  /** Reads on for ever, a step at a time, so that questions are answered in between. */
  async #run(): Promise<void> {
    while (!this.#isClosed) {
      if (this.#work()) {
        this.#noteChange();
        await nextTurn();
        continue;
      }
      this.#tellChange();
      await this.#sleep(this.#endedAtUs === null ? POLL_MS : null);
      if (!this.#isClosed && this.#endedAtUs === null && this.#look()) this.#noteChange();
    }
  }

  /** One step of everything that is unfinished; false when nothing is. */
  #work(): boolean {
    let isBusy = this.#reading.progress !== null && this.#reading.step();
    if (this.#scan?.scan.step(this.#reading.newest)) isBusy = true;
    if (this.#watched && this.#ladders.get(this.#watched.session)?.step(this.#watched.filter)) isBusy = true;
    return isBusy;
  }

  /** Takes notice of what was written since; false when nothing was. */
  #look(): boolean {
    const version = Number(this.#db.pragma('data_version', { simple: true }));
    if (version === this.#version) return false;
    this.#hasGrown = this.#version >= 0;
    this.#version = version;
    this.#endedAtUs = this.#db.prepare<[], number>('SELECT ended_at_us FROM recording').pluck().get() ?? null;
    this.#reading.refresh();
    if (this.#hasGrown) this.#reading.lookBack();
    const watched = this.#watched && this.#ladders.get(this.#watched.session);
    if (watched) void watched.refresh().then(() => this.#wake?.());
    return true;
  }

  async #ladderOf(session: number, filter: Filter): Promise<SessionLadder> {
    let ladder = this.#ladders.get(session);
    if (!ladder) {
      this.#places ??= placesOf(this.#db);
      const charger = this.#reading.fleet.chargers.get(session)?.name ?? String(session);
      ladder = new SessionLadder(this.#db, session, charger, this.#places, this.#startUs);
      this.#ladders.clear();
      this.#ladders.set(session, ladder);
      await ladder.refresh();
    }
    this.#watched = { session, filter };
    ladder.step(filter);
    this.#wake?.();
    return ladder;
  }

  async #settle(ladder: SessionLadder, filter: Filter): Promise<void> {
    while (!this.#isClosed && !ladder.isSettled(filter)) {
      ladder.step(filter);
      await nextTurn();
    }
  }

  #scanOf(filter: Filter): FilterScan | null {
    if (filter.type === 'all') {
      this.#scan = null;
      return null;
    }
    const text = JSON.stringify(filter, (_, value) => (value instanceof RegExp ? value.source : value));
    if (this.#scan?.text !== text) {
      this.#scan = { text, scan: new FilterScan(this.#db, filter, this.#reading.fleet, this.#startUs) };
      this.#scan.scan.step(this.#reading.newest);
      this.#wake?.();
    }
    return this.#scan.scan;
  }

  #sorted({ order, hold }: FleetQuery, nowUs: number | null): Charger[] {
    const { fleet } = this.#reading;
    const nowMs = performance.now();
    const known = this.#order;
    const isWhole = this.#reading.progress === null;
    // An order of what was half read is not the one that stays.
    const isFresh = known !== null && known.isWhole === isWhole && nowMs - known.sortedMs < SORT_EVERY_MS;
    if (known && known.by === order && (hold || isFresh)) {
      if (known.chargers.length < fleet.chargers.size) {
        const there = new Set(known.chargers);
        for (const charger of fleet.chargers.values()) if (!there.has(charger)) known.chargers.push(charger);
      }
      return known.chargers;
    }
    this.#order = { by: order, chargers: fleet.inOrder(order, nowUs), sortedMs: nowMs, isWhole };
    return this.#order.chargers;
  }

  /** Now, when the recording grows; null when it has ended or its recorder was killed. */
  #nowUs(): number | null {
    if (this.#endedAtUs !== null) return null;
    const nowUs = Date.now() * 1000;
    if (this.#follow || this.#hasGrown) return nowUs;
    const { toUs } = this.#reading.fleet.totals(nowUs);
    return toUs !== null && nowUs - toUs < STALE_US ? nowUs : null;
  }

  #startOf(): number {
    const sql = `SELECT coalesce((SELECT min(opened_at_us) FROM connection), started_at_us) FROM recording WHERE kind <> 'cut'
      UNION ALL SELECT started_at_us FROM recording WHERE kind = 'cut'`;
    return this.#db.prepare<[], number>(sql).pluck().get() ?? 0;
  }

  /** There is something new, which is told when all of it is read, or after a moment. */
  #noteChange(): void {
    this.#telling ??= setTimeout(() => this.#tellChange(), TELL_MS);
  }

  #tellChange(): void {
    if (this.#telling === null) return;
    clearTimeout(this.#telling);
    this.#telling = null;
    this.#tell();
  }

  #sleep(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === null ? null : setTimeout(resolve, ms);
      this.#wake = () => {
        this.#wake = null;
        if (timer) clearTimeout(timer);
        resolve();
      };
    });
  }
}
