import { expand, type Json, valueAt } from '../ocpp/json.ts';
import { replaceTokens } from '../ocpp/json-text.ts';
import { decodeMessage, payloadIndex, withMessageId } from '../ocpp/message.ts';
import type { Part, Path, Protocol, Site } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import type { Frame } from '../session/frame.ts';
import type { Session, SessionEvent } from '../session/recording.ts';
import type { StagingMap } from './staging-map.ts';
import { withIdentity } from './target.ts';

/** One name that a session has changed: exact JSON texts. */
export interface Renaming {
  idClass: 'identity' | 'idTag';
  recorded: string;
  live: string;
}

/** Edits that let meters go on where they were: paths are relative to the payload. */
export type MetersOn = (protocol: Protocol, action: string, call: Json) => { path: Path; token: string }[];

/**
 * A recorded session as the system under test would have had it: live identity and live tags in the place of recorded ones, in
 * messages of both sides, so that commands are matched by live tags too. Frame ids and all else stay.
 */
export class StagedSession {
  readonly #map: StagingMap;
  readonly #recorded: string;
  /** Identity it dials with. */
  readonly identity: string;
  readonly #protocols = new Map<number, Protocol>();
  readonly #renamed = new Map<string, Renaming>();
  readonly #meters: MetersOn | undefined;

  constructor(session: Session, map: StagingMap, meters?: MetersOn) {
    this.#meters = meters;
    this.#map = map;
    this.#recorded = session.identity;
    this.identity = map.identity(session.identity);
    if (this.identity !== session.identity) {
      this.#note('identity', JSON.stringify(session.identity), JSON.stringify(this.identity));
    }
  }

  /** The next event, as it is to be played. */
  event(event: SessionEvent): SessionEvent {
    if (event.kind === 'frame') return { ...event, frame: this.frame(event.frame) };
    this.#protocols.set(event.connection.id, protocolFor(event.connection.subprotocol));
    return { ...event, connection: this.#connection(event.connection) };
  }

  /** What was renamed so far. */
  get renamings(): Renaming[] {
    return [...this.#renamed.values()];
  }

  #connection(connection: Connection): Connection {
    if (this.identity === this.#recorded) return connection;
    return { ...connection, target: withIdentity(connection.target, this.identity) };
  }

  /** A frame of a connection whose opening was given, as it is to be played. */
  frame(frame: Frame): Frame {
    return this.#identified(this.#named(frame));
  }

  /** With the live id of a call of the charger, or of the answer to one. */
  #identified(frame: Frame): Frame {
    const { sender, messageType, messageId } = frame;
    const isOfCharger = sender === 'charger' ? messageType === 'call' : messageType !== 'call';
    const live = messageId === null ? undefined : this.#map.messageId?.(messageId);
    if (!isOfCharger || live === undefined || live === messageId) return frame;
    const text = withMessageId(Buffer.from(frame.payload).toString('utf8'), live);
    return { ...frame, messageId: live, payload: Buffer.from(text, 'utf8') };
  }

  /** With live tags and serials. */
  #named(frame: Frame): Frame {
    const protocol = this.#protocols.get(frame.connection);
    const part = partOf(frame);
    if (!protocol || part === null || frame.action === null) return frame;
    const here = (site: Site) => site.action === frame.action && site.part === part;
    const tags = protocol.tagSites.filter(here);
    const identities = this.identity === this.#recorded ? [] : protocol.identitySites.filter(here);
    const meters = part === 'call' && frame.sender === 'charger' ? this.#meters : undefined;
    if (tags.length === 0 && identities.length === 0 && !meters) return frame;
    const text = Buffer.from(frame.payload).toString('utf8');
    const message = decodeMessage(text);
    if (message.type !== 'call' && message.type !== 'callResult') return frame;
    const edits = [
      ...edited(message.payload, tags, (value) => this.#tag(value)),
      ...edited(message.payload, identities, (value) => this.#serial(value)),
      ...(meters?.(protocol, frame.action, message.payload) ?? []),
    ];
    if (edits.length === 0) return frame;
    const index = payloadIndex(message.type);
    const live = replaceTokens(
      text,
      edits.map(({ path, token }) => ({ path: [index, ...path], token })),
    );
    return { ...frame, payload: Buffer.from(live, 'utf8') };
  }

  /** Token of the live tag, of the type that the charger wrote; null for one that stays. */
  #tag(value: Json): string | null {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return null;
    const live = this.#map.tag(String(value));
    if (live === null) return null;
    const token = typeof value !== 'string' && /^(?:0|[1-9]\d*)$/.test(live) ? live : JSON.stringify(live);
    this.#note('idTag', typeof value === 'string' ? JSON.stringify(value) : String(value), token);
    return token;
  }

  #serial(value: Json): string | null {
    return value === this.#recorded ? JSON.stringify(this.identity) : null;
  }

  #note(idClass: Renaming['idClass'], recorded: string, live: string): void {
    this.#renamed.set(`${idClass} ${recorded}`, { idClass, recorded, live });
  }
}

function partOf({ messageType }: Frame): Part | null {
  if (messageType === 'call') return 'call';
  return messageType === 'callResult' ? 'result' : null;
}

function edited(
  payload: Json,
  sites: readonly Site[],
  replace: (value: Json) => string | null,
): { path: Path; token: string }[] {
  return sites
    .flatMap((site) => expand(payload, site.path))
    .flatMap((path) => {
      const token = replace(valueAt(payload, path) ?? null);
      return token === null ? [] : [{ path, token }];
    });
}
