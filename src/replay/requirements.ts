import { type Json, parseJson, writeJson } from '../ocpp/json.ts';
import { decodeMessage, type Side } from '../ocpp/message.ts';
import type { Protocol, Provision } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import type { Frame } from '../session/frame.ts';
import type { SessionEvent } from '../session/recording.ts';
import { cloneMap } from './clones.ts';
import { chosenSessions, playedEvents, players, type Selection, sessionPlan } from './session-plans.ts';
import { StagedSession } from './staged-events.ts';
import { AS_RECORDED } from './staging-map.ts';
import { TagCensus, type TagRecord } from './tag-census.ts';

/** What the system under test must know before a replay, under its own names. */
export interface Requirements {
  chargers: Charger[];
  /** A tag with each status that the recorded CSMS gave it; null for one that it never judged. */
  tags: { tag: string; status: string | null; parent: string | null }[];
  /** Transactions that were running when the recording began, by the id that the recorded CSMS had given them. */
  transactions: { identity: string; transactionId: Json }[];
  /** Settings that the recorded CSMS gave to chargers: the last accepted value of each. */
  configuration: { identity: string; key: string; value: string }[];
  /** Certificates that chargers showed, were given or said they have. */
  certificates: { identity: string; use: string; certificate: string }[];
}

/** A charger, and what it comes in with. */
interface Charger {
  identity: string;
  endpoint: string;
  connectors: number[];
  /** It sent a password. */
  password: boolean;
}

/** Reads what the chosen sessions presume, and each of their clones. NO_SUCH_SESSION. */
export async function requirementsOf(selection: Selection): Promise<Requirements> {
  const census = new TagCensus();
  const needs: Requirements = {
    chargers: [],
    tags: [],
    transactions: [],
    configuration: [],
    certificates: [],
  };
  for (const [place, { session, clone }] of players(await chosenSessions(selection), selection).entries()) {
    const names = cloneMap(selection.staging ?? AS_RECORDED, clone);
    const staged = new StagedSession(session, names);
    const { identity } = staged;
    const reading = new Reading();
    await census.read(place, told(playedEvents(selection, session), staged, reading));
    const { connectors, password } = reading;
    needs.chargers.push({ identity, endpoint: session.endpoint, connectors, password });
    for (const [key, value] of reading.settings) needs.configuration.push({ identity, key, value });
    for (const [certificate, use] of reading.certificates)
      needs.certificates.push({ identity, use, certificate });
    for (const { recorded } of (await sessionPlan(selection, session, 0)).plan.orphans)
      needs.transactions.push({ identity, transactionId: parseJson(recorded) });
  }
  return { ...needs, tags: census.tags.filter(({ isUsed }) => isUsed).flatMap(tagRows) };
}

/** Events under their live names, told to a reading on their way. */
async function* told(
  events: AsyncIterable<SessionEvent>,
  staged: StagedSession,
  reading: Reading,
): AsyncIterable<SessionEvent> {
  for await (const event of events) {
    const live = staged.event(event);
    reading.take(live);
    yield live;
  }
}

function tagRows({ tag, verdicts }: TagRecord): Requirements['tags'] {
  return verdicts.length === 0
    ? [{ tag, status: null, parent: null }]
    : verdicts.map((verdict) => ({ tag, ...verdict }));
}

const COLUMNS = ['kind', 'name', 'charger', 'status', 'parent', 'endpoint', 'connectors', 'value'] as const;

/** The requirements as CSV, one thing a line: what it is called, and where it belongs to one charger, to which. */
export function requirementsCsv(needs: Requirements): string {
  const rows: Partial<Record<(typeof COLUMNS)[number], string>>[] = [
    ...needs.chargers.map(({ identity, endpoint, connectors, password }) => ({
      ...{ kind: 'charger', name: identity, endpoint, connectors: connectors.join(' ') },
      value: password ? 'password' : '',
    })),
    ...needs.tags.map(({ tag, status, parent }) => ({
      ...{ kind: 'tag', name: tag, status: status ?? '', parent: parent ?? '' },
    })),
    ...needs.transactions.map(({ identity, transactionId }) => ({
      ...{ kind: 'transaction', name: writeJson(transactionId), charger: identity },
    })),
    ...needs.configuration.map(({ identity, key, value }) => ({
      ...{ kind: 'setting', name: key, charger: identity, value },
    })),
    ...needs.certificates.map(({ identity, use, certificate }) => ({
      ...{ kind: 'certificate', name: certificate, charger: identity, status: use },
    })),
  ];
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column] ?? '')).join(','));
  return [COLUMNS.join(','), ...lines].join('\n');
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A call of either side, until it is answered. */
interface Asked {
  caller: Side;
  action: string;
  call: Json;
}

/** One session as it is read for what its charger needs. */
class Reading {
  readonly settings = new Map<string, string>();
  /** What each is for, by what it is. */
  readonly certificates = new Map<string, string>();
  password = false;
  readonly #protocols = new Map<number, Protocol>();
  readonly #calls = new Map<number, Asked>();
  readonly #connectors = new Set<number>();

  get connectors(): number[] {
    return [...this.#connectors].sort((a, b) => a - b);
  }

  take(event: SessionEvent): void {
    if (event.kind === 'frame') this.#frame(event.frame);
    else if (event.kind === 'opened') this.#opened(event.connection);
  }

  #opened({ id, subprotocol, requestHead, chargerTls }: Connection): void {
    this.#protocols.set(id, protocolFor(subprotocol));
    this.password ||= /^authorization:/im.test(requestHead);
    const subject = chargerTls?.peerSubject;
    if (subject) this.certificates.set(subject, 'client');
  }

  #frame(frame: Frame): void {
    const protocol = this.#protocols.get(frame.connection);
    if (!protocol || (frame.messageType !== 'call' && frame.messageType !== 'callResult')) return;
    const message = decodeMessage(Buffer.from(frame.payload).toString('utf8'));
    if (message.type === 'call') {
      const { action, payload: call } = message;
      this.#calls.set(frame.id, { caller: frame.sender, action, call });
      const connector = frame.sender === 'charger' ? protocol.connectorOf(call) : null;
      if (connector !== null) this.#connectors.add(connector);
    } else if (message.type === 'callResult') {
      const asked = this.#calls.get(frame.answers ?? -1);
      this.#calls.delete(frame.answers ?? -1);
      const given = asked ? protocol.provisions({ ...asked, result: message.payload }) : [];
      for (const provision of given) this.#provided(provision);
    }
  }

  #provided(provision: Provision): void {
    if (provision.kind === 'setting') this.settings.set(provision.key, provision.value);
    else this.certificates.set(provision.certificate, provision.use);
  }
}
