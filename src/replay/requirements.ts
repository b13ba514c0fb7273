import { expand, type Json, valueAt } from '../ocpp/json.ts';
import { decodeMessage, type Message } from '../ocpp/message.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Frame } from '../session/frame.ts';
import type { SessionEvent } from '../session/recording.ts';
import { chosenSessions, type Selection } from './session-plans.ts';
import { StagedSession } from './staged-events.ts';
import { AS_RECORDED } from './staging-map.ts';

/** What the system under test must know before a replay, under its own names. */
export interface Requirements {
  chargers: { identity: string; endpoint: string; connectors: number[] }[];
  /** A tag with each status that the recorded CSMS gave it; null for one that it never judged. */
  tags: { tag: string; status: string | null; parent: string | null }[];
}

/** Reads what the chosen sessions presume. NO_SUCH_SESSION. */
export async function requirementsOf(selection: Selection): Promise<Requirements> {
  const tags = new Tags();
  const chargers: Requirements['chargers'] = [];
  for (const session of await chosenSessions(selection)) {
    const staged = new StagedSession(session, selection.staging ?? AS_RECORDED);
    const reading = new Reading(tags);
    for await (const event of selection.reader.events(session.id, selection.slice))
      reading.take(staged.event(event));
    const { endpoint } = session;
    chargers.push({ identity: staged.identity, endpoint, connectors: reading.connectors });
  }
  return { chargers, tags: tags.rows };
}

/** The requirements as CSV: kind, name, status, parent or endpoint, connectors. */
export function requirementsCsv({ chargers, tags }: Requirements): string {
  const rows = [
    ['kind', 'name', 'status', 'parent', 'endpoint', 'connectors'],
    ...chargers.map(({ identity, endpoint, connectors }) => {
      return ['charger', identity, '', '', endpoint, connectors.join(' ')];
    }),
    ...tags.map(({ tag, status, parent }) => ['tag', tag, status ?? '', parent ?? '', '', '']),
  ];
  return rows.map((row) => row.map(cell).join(',')).join('\n');
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** All tags met, and what was said of them. */
class Tags {
  readonly #judged = new Map<string, Requirements['tags'][number]>();
  readonly #named = new Map<string, string>();

  judged(tag: string, status: string, parent: string | null): void {
    this.#judged.set(JSON.stringify([tag.toLowerCase(), status, parent]), { tag, status, parent });
  }

  named(tag: string): void {
    if (!this.#named.has(tag.toLowerCase())) this.#named.set(tag.toLowerCase(), tag);
  }

  get rows(): Requirements['tags'] {
    const judged = [...this.#judged.values()];
    const known = new Set(judged.map(({ tag }) => tag.toLowerCase()));
    const others = [...this.#named].filter(([key]) => !known.has(key));
    return [...judged, ...others.map(([, tag]) => ({ tag, status: null, parent: null }))];
  }
}

/** One session as it is read. */
class Reading {
  readonly #tags: Tags;
  readonly #protocols = new Map<number, Protocol>();
  readonly #calls = new Map<number, Json>();
  readonly #connectors = new Set<number>();

  constructor(tags: Tags) {
    this.#tags = tags;
  }

  get connectors(): number[] {
    return [...this.#connectors].sort((a, b) => a - b);
  }

  take(event: SessionEvent): void {
    if (event.kind === 'frame') this.#frame(event.frame);
    else this.#protocols.set(event.connection.id, protocolFor(event.connection.subprotocol));
  }

  #frame(frame: Frame): void {
    const protocol = this.#protocols.get(frame.connection);
    if (!protocol || (frame.messageType !== 'call' && frame.messageType !== 'callResult')) return;
    const message = decodeMessage(Buffer.from(frame.payload).toString('utf8'));
    if (message.type === 'call') this.#call(frame, message.payload, protocol);
    else if (message.type === 'callResult') this.#result(frame, message, protocol);
  }

  #call(frame: Frame, payload: Json, protocol: Protocol): void {
    if (frame.sender !== 'charger') return;
    this.#name(protocol, frame.action, payload);
    this.#calls.set(frame.id, payload);
    const connector = protocol.connectorOf(payload);
    if (connector !== null) this.#connectors.add(connector);
  }

  #result(frame: Frame, message: Extract<Message, { type: 'callResult' }>, protocol: Protocol): void {
    const call = this.#calls.get(frame.answers ?? -1);
    if (call === undefined) return;
    this.#calls.delete(frame.answers ?? -1);
    const verdict = protocol.tagVerdict(call, message.payload);
    if (verdict) this.#tags.judged(verdict.tag, verdict.status, verdict.parent);
  }

  #name(protocol: Protocol, action: string | null, payload: Json): void {
    for (const site of protocol.tagSites) {
      if (site.action !== action || site.part !== 'call') continue;
      for (const path of expand(payload, site.path)) {
        const tag = valueAt(payload, path);
        if (typeof tag === 'string') this.#tags.named(tag);
      }
    }
  }
}
