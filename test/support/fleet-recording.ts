import Sqlite, { type Database } from 'better-sqlite3';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { newConnection } from '../../src/session/connection.ts';
import { type Frame, Opcode } from '../../src/session/frame.ts';
import { Observer } from '../../src/session/observe.ts';
import type { Link, Recording, Session } from '../../src/session/recording.ts';
import { migrate } from '../../src/store/migrations.ts';
import {
  cellsOf,
  connectionShape,
  frameShape,
  insertSql,
  linkShape,
  outcomeShape,
  recordingShape,
  sessionShape,
} from '../../src/store/rows.ts';
import { INDEXES } from '../../src/store/schema.ts';

/** A recording of many like chargers, as large as a benchmark wants it. */
export interface Fleet {
  file: string;
  uuid: string;
  /** Uuid of the recording that this is a run of; every frame of a charger links to the frame of the same id there. */
  runOf?: string;
  sessions: number;
  /** Frames of each session, about. */
  frames: number;
  /** What the CSMS answers with: a run of another build differs in some of it. */
  interval: number;
}

const START_US = Date.UTC(2026, 2, 1, 8) * 1000;

/** Writes a fleet's day straight into the file: a recorder would take longer than the comparison that is to be measured. */
export function writeFleet(fleet: Fleet): void {
  const db = new Sqlite(fleet.file);
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  migrate(db);
  const writer = new FleetWriter(db, fleet);
  db.transaction(() => writer.write())();
  db.exec(INDEXES);
  db.close();
}

class FleetWriter {
  readonly #fleet: Fleet;
  readonly #rows;
  #id = 0;
  #monoUs = 0;
  #connection = 0;
  #observer = new Observer(ocpp16);
  #message = 0;

  constructor(db: Database, fleet: Fleet) {
    this.#fleet = fleet;
    const insert = <T>(shape: Parameters<typeof insertSql<T>>[0]) => {
      const statement = db.prepare(insertSql(shape));
      return (row: T) => statement.run(...cellsOf(shape, row));
    };
    this.#rows = {
      recording: insert(recordingShape),
      session: insert(sessionShape),
      connection: insert(connectionShape),
      frame: insert(frameShape),
      link: insert(linkShape),
      outcome: insert(outcomeShape),
    };
  }

  write(): void {
    const { uuid, runOf, sessions } = this.#fleet;
    const head: Omit<Recording, 'format'> = {
      uuid,
      part: 1,
      kind: runOf === undefined ? 'capture' : 'run',
      toolVersion: 'bench',
      label: null,
      upstream: 'ws://127.0.0.1:8180',
      source: runOf ?? null,
      pseudonymKey: null,
      startedAtUs: START_US,
      startedMonoUs: 0,
      endedAtUs: START_US + 86_400_000_000,
      framesBefore: 0,
      shard: null,
      continued: false,
    };
    this.#rows.recording(head);
    for (let id = 1; id <= sessions; id++) this.#session(id);
  }

  #session(id: number): void {
    const { runOf, frames } = this.#fleet;
    const replays = runOf === undefined ? null : id;
    const names = {
      identity: `CP-${id}`,
      endpoint: '/ocpp',
      vendor: `V${id % 7}`,
      model: 'M',
      firmware: '1',
    };
    const session: Session = { id, ...names, replays };
    this.#rows.session(session);
    if (runOf !== undefined) this.#rows.outcome({ session: id, complete: true, reason: null, notSent: 0 });
    this.#connection = id;
    this.#observer = new Observer(ocpp16);
    const opening = {
      id,
      openedId: ++this.#id,
      openedAtUs: START_US + this.#monoUs,
      openedMonoUs: this.#monoUs,
    };
    const connection = {
      ...newConnection(opening),
      session: id,
      kind: 'websocket' as const,
      target: `/ocpp/CP-${id}`,
      status: 101,
      subprotocol: 'ocpp1.6',
      replays,
    };
    const last = this.#id + frames - 2;
    this.#talk(last, id);
    this.#rows.connection({
      ...connection,
      closedId: ++this.#id,
      closedAtUs: START_US + this.#monoUs,
      closedMonoUs: this.#monoUs,
      endedBy: 'charger',
      ending: 'close',
      closeCode: 1000,
    });
  }

  #talk(last: number, id: number): void {
    const { interval, runOf } = this.#fleet;
    const shift = runOf === undefined ? 0 : 7_000;
    this.#call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
    this.#answer({ status: 'Accepted', currentTime: this.#now(), interval });
    this.#command('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '60' });
    for (let turn = 1; this.#id < last; turn++) {
      const transactionId = shift + id * 1_000_000 + turn;
      this.#call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' });
      this.#answer({});
      this.#call('Authorize', { idTag: `TAG-${turn % 9}` });
      this.#answer({ idTagInfo: { status: turn % 50 === 0 && runOf ? 'Blocked' : 'Accepted' } });
      this.#call('StartTransaction', {
        connectorId: 1,
        idTag: `TAG-${turn % 9}`,
        meterStart: turn,
        timestamp: this.#now(),
      });
      this.#answer({ transactionId, idTagInfo: { status: 'Accepted' } });
      if (turn % 4 === 0)
        this.#command('SetChargingProfile', {
          connectorId: 1,
          csChargingProfiles: {
            chargingProfileId: turn,
            transactionId,
            stackLevel: 1,
            chargingProfilePurpose: 'TxProfile',
            chargingProfileKind: 'Relative',
          },
        });
      for (let sample = 0; sample < 12 && this.#id < last; sample++) {
        const sampledValue = ['Energy.Active.Import.Register', 'Power.Active.Import'].map((measurand) => ({
          value: String(turn * 100 + sample),
          measurand,
        }));
        this.#call('MeterValues', {
          connectorId: 1,
          transactionId,
          meterValue: [{ timestamp: this.#now(), sampledValue }],
        });
        this.#answer({});
        if (sample % 4 === 0) {
          this.#frame('csms', Opcode.ping, '');
          this.#frame('charger', Opcode.pong, '');
        }
      }
      this.#call('StopTransaction', { transactionId, meterStop: turn + 9, timestamp: this.#now() });
      this.#answer({ idTagInfo: { status: 'Accepted' } });
      this.#call('Heartbeat', {});
      this.#answer({ currentTime: this.#now() });
    }
  }

  #call(action: string, payload: unknown): void {
    this.#monoUs += 5_000_000;
    this.#frame('charger', Opcode.text, JSON.stringify([2, `m${++this.#message}`, action, payload]));
  }

  #answer(payload: unknown): void {
    this.#monoUs += 2_000;
    this.#frame('csms', Opcode.text, JSON.stringify([3, `m${this.#message}`, payload]));
  }

  #command(action: string, payload: unknown): void {
    this.#monoUs += 20_000;
    this.#frame('csms', Opcode.text, JSON.stringify([2, `c${++this.#message}`, action, payload]));
    this.#frame('charger', Opcode.text, JSON.stringify([3, `c${this.#message}`, { status: 'Accepted' }]));
  }

  #frame(sender: Frame['sender'], opcode: number, text: string): void {
    const payload = Buffer.from(text);
    const { frame } = this.#observer.message({
      id: ++this.#id,
      connection: this.#connection,
      atUs: START_US + this.#monoUs,
      monoUs: this.#monoUs,
      sender,
      opcode,
      payload,
      wireBytes: payload.length + 2,
      flags: 0,
      fragments: null,
      sha256: null,
    });
    this.#rows.frame(frame);
    const recording = this.#fleet.runOf;
    if (recording === undefined || sender === 'csms' || opcode !== Opcode.text) return;
    const link: Link = {
      frame: frame.id,
      recording,
      replays: frame.id,
      scheduledUs: this.#monoUs,
      source: null,
    };
    this.#rows.link(link);
  }

  #now(): string {
    return new Date((START_US + this.#monoUs) / 1000).toISOString();
  }
}
