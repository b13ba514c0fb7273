import type { Connection } from '../../src/session/connection.ts';
import type { Frame } from '../../src/session/frame.ts';
import type { Entry, Gap, Recorder, Recording, Session } from '../../src/session/recording.ts';

/** A recorder that keeps its entries in memory, acknowledges once a turn, and can be told to withhold that. */
export class MemoryRecorder implements Recorder {
  readonly recording: Recording = {
    uuid: '00000000-0000-4000-8000-000000000000',
    part: 1,
    kind: 'capture',
    format: 1,
    toolVersion: 'test',
    label: null,
    upstream: null,
    source: null,
    pseudonymKey: null,
    startedAtUs: Date.now() * 1000,
    startedMonoUs: 0,
    endedAtUs: null,
    framesBefore: 0,
    shard: null,
    continued: false,
  };
  readonly entries: Entry[] = [];
  #lastId = 0;
  #lastConnection = 0;
  #sessions = new Map<string, Session>();
  #waiting: (() => void)[] = [];
  #isHolding = false;
  #isScheduled = false;
  #isPending = false;
  #watchers: (() => void)[] = [];

  nextId(): number {
    return ++this.#lastId;
  }

  nextConnectionId(): number {
    return ++this.#lastConnection;
  }

  session(identity: string, endpoint: string): Session {
    const key = `${endpoint}/${identity}`;
    const known = this.#sessions.get(key);
    if (known) return known;
    const facts = { vendor: null, model: null, firmware: null, replays: null };
    const session: Session = { id: this.#sessions.size + 1, identity, endpoint, ...facts };
    this.#sessions.set(key, session);
    this.record({ kind: 'session', session: { ...session } });
    return session;
  }

  record(entry: Entry): void {
    this.entries.push(entry);
    this.#isPending = true;
    this.#schedule();
    for (const watcher of this.#watchers) watcher();
  }

  whenOnRecord(done: () => void): void {
    if (this.#isPending || this.#waiting.length > 0) this.#waiting.push(done);
    else done();
  }

  async close(): Promise<void> {
    this.recording.endedAtUs = Date.now() * 1000;
  }

  /** Withholds acknowledgements until `release`. */
  hold(): void {
    this.#isHolding = true;
  }

  /** Acknowledges everything again. */
  release(): void {
    this.#isHolding = false;
    this.#schedule();
  }

  get frames(): Frame[] {
    return this.entries.flatMap((entry) => (entry.kind === 'frame' ? [entry.frame] : []));
  }

  get gaps(): Gap[] {
    return this.entries.flatMap((entry) => (entry.kind === 'gap' ? [entry.gap] : []));
  }

  /** Connections by id, each as it was recorded last. */
  get connections(): Connection[] {
    const rows = new Map<number, Connection>();
    for (const entry of this.entries) {
      if (entry.kind === 'connection') rows.set(entry.connection.id, entry.connection);
    }
    return [...rows.values()];
  }

  /** Sessions by id, each as it was recorded last. */
  get sessions(): Session[] {
    const rows = new Map<number, Session>();
    for (const entry of this.entries) if (entry.kind === 'session') rows.set(entry.session.id, entry.session);
    return [...rows.values()];
  }

  /** Resolves as soon as what is on record satisfies the condition. */
  until(condition: (recorder: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition(this)) return;
        this.#watchers = this.#watchers.filter((watcher) => watcher !== check);
        resolve();
      };
      this.#watchers.push(check);
      check();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isHolding) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#isHolding) return;
      this.#isPending = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const done of waiting) done();
    });
  }
}
