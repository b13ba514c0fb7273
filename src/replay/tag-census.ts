import { expand, type Json, valueAt } from '../ocpp/json.ts';
import { decodeMessage } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Frame } from '../session/frame.ts';
import type { SessionEvent } from '../session/recording.ts';

/** A stretch of time in which a transaction of a tag ran, µs since the epoch. */
export interface Stint {
  fromUs: number;
  toUs: number;
}

/** What a recording tells of one tag. Tags are one without regard to case. */
export interface TagRecord {
  /** As it was spelled first. */
  tag: string;
  /** What the recorded CSMS said of it, each once, in order; empty when it never judged it. */
  verdicts: { status: string; parent: string | null }[];
  stints: Stint[];
  /** Sessions that name it. */
  sessions: Set<number>;
  /** Whether a charger named it; otherwise only the CSMS did, in a command. */
  isUsed: boolean;
}

/** Key by which a tag is found. */
export function tagKey(tag: string): string {
  return tag.toLowerCase();
}

/** All tags that the sessions of a recording name, with what was said of them and when they were in use. */
export class TagCensus {
  readonly #tags = new Map<string, TagRecord>();

  /** In the order in which they were met first. */
  get tags(): TagRecord[] {
    return [...this.#tags.values()];
  }

  /** Reads one session. */
  async read(session: number, events: AsyncIterable<SessionEvent>): Promise<void> {
    const reading = new TagReading((tag) => this.#record(tag, session));
    for await (const event of events) reading.take(event);
  }

  #record(tag: string, session: number): TagRecord {
    let record = this.#tags.get(tagKey(tag));
    if (!record) {
      record = { tag, verdicts: [], stints: [], sessions: new Set(), isUsed: false };
      this.#tags.set(tagKey(tag), record);
    }
    record.sessions.add(session);
    return record;
  }
}

/** A call of the charger, until it is answered. */
interface Asked {
  action: string;
  payload: Json;
  atUs: number;
}

/** One session as it is read for its tags. */
class TagReading {
  readonly #recordOf: (tag: string) => TagRecord;
  readonly #protocols = new Map<number, Protocol>();
  readonly #calls = new Map<number, Asked>();
  /** Running transactions by id. */
  readonly #running = new Map<string, Stint>();
  #lastUs = 0;

  constructor(recordOf: (tag: string) => TagRecord) {
    this.#recordOf = recordOf;
  }

  take(event: SessionEvent): void {
    if (event.kind === 'frame') this.#frame(event.frame);
    else this.#protocols.set(event.connection.id, protocolFor(event.connection.subprotocol));
  }

  #frame(frame: Frame): void {
    this.#lastUs = Math.max(this.#lastUs, frame.atUs);
    const protocol = this.#protocols.get(frame.connection);
    if (!protocol || (frame.messageType !== 'call' && frame.messageType !== 'callResult')) return;
    const message = decodeMessage(Buffer.from(frame.payload).toString('utf8'));
    if (message.type === 'call') {
      const { action, payload } = message;
      for (const tag of tagsIn(protocol, action, payload)) this.#named(tag, frame.sender === 'charger');
      if (frame.sender !== 'charger') return;
      this.#calls.set(frame.id, { action, payload, atUs: frame.atUs });
    } else if (message.type === 'callResult') {
      const call = this.#calls.get(frame.answers ?? -1);
      this.#calls.delete(frame.answers ?? -1);
      if (call) this.#answered(call, message.payload, protocol);
    }
  }

  #named(tag: string, byCharger: boolean): void {
    const record = this.#recordOf(tag);
    record.isUsed ||= byCharger;
  }

  #answered({ action, payload, atUs }: Asked, result: Json, protocol: Protocol): void {
    const verdict = protocol.tagVerdict(payload, result);
    if (verdict) {
      const { verdicts } = this.#recordOf(verdict.tag);
      const { status, parent } = verdict;
      if (!verdicts.some((one) => one.status === status && one.parent === parent)) {
        verdicts.push({ status, parent });
      }
    }
    const standing = protocol.standing(action, payload, result).find(({ kind }) => kind === 'transaction');
    if (!standing) return;
    const running = this.#running.get(standing.key);
    if (running) running.toUs = this.#lastUs;
    this.#running.delete(standing.key);
    const [tag] = tagsIn(protocol, action, payload);
    if (standing.ends || tag === undefined) return;
    const stint = { fromUs: atUs, toUs: Number.POSITIVE_INFINITY };
    this.#recordOf(tag).stints.push(stint);
    this.#running.set(standing.key, stint);
  }
}

/** The tags that a call names, parents included. */
export function tagsIn(protocol: Protocol, action: string, payload: Json): string[] {
  return protocol.tagSites
    .filter((site) => site.action === action && site.part === 'call')
    .flatMap((site) => expand(payload, site.path))
    .flatMap((path) => {
      const tag = valueAt(payload, path);
      return typeof tag === 'string' || typeof tag === 'number' || typeof tag === 'bigint' ? String(tag) : [];
    });
}
