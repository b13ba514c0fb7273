import { isObject, type Json } from '../ocpp/json.ts';
import { decodeMessage } from '../ocpp/message.ts';
import type { Connection } from '../session/connection.ts';
import { type Frame, Opcode } from '../session/frame.ts';
import { gravityOf } from '../session/gravity.ts';
import type { SessionEvent } from '../session/recording.ts';
import type { Subject } from './match.ts';

/** Statuses are looked for no deeper than this. */
const MAX_DEPTH = 6;

/** A row of a recording as a filter sees it. `charger` is `endpoint/identity`. */
export class MessageSubject implements Subject {
  readonly #event: SessionEvent;
  readonly #charger: string;

  constructor(event: SessionEvent, charger: string) {
    this.#event = event;
    this.#charger = charger;
  }

  texts(field: string): readonly string[] {
    switch (field) {
      case 'charger':
        return chargerTexts(this.#charger);
      case 'action':
        return present(this.#event.kind === 'frame' ? this.#event.frame.action : null);
      case 'direction':
        return present(this.#event.kind === 'frame' ? this.#event.frame.sender : senderOf(this.#event));
      case 'kind':
        return [kindOf(this.#event)];
      case 'severity':
        return present(gravityOf(this.#event));
      case 'status':
        return this.#statuses();
      default:
        return [];
    }
  }

  number(field: string): number | null {
    if (this.#event.kind === 'frame') {
      return field === 'time' ? this.#event.frame.atUs : this.#event.frame.latencyUs;
    }
    const { openedAtUs, closedAtUs, handshakeUs } = this.#event.connection;
    if (field === 'time') return this.#event.kind === 'opened' ? openedAtUs : (closedAtUs ?? openedAtUs);
    return this.#event.kind === 'opened' ? handshakeUs : null;
  }

  has(text: string): boolean {
    if (this.#charger.toLowerCase().includes(text)) return true;
    if (this.#event.kind !== 'frame') return connectionText(this.#event.connection).includes(text);
    const { action, payload } = this.#event.frame;
    return (action ?? '').toLowerCase().includes(text) || textOf(payload).toLowerCase().includes(text);
  }

  #statuses(): string[] {
    const event = this.#event;
    if (event.kind === 'opened') return present(event.connection.status).map(String);
    if (event.kind === 'closed') return present(event.connection.closeCode).map(String);
    const message = event.frame.messageType === null ? null : decodeMessage(textOf(event.frame.payload));
    if (message?.type === 'callError') return [message.errorCode];
    return message?.type === 'call' || message?.type === 'callResult'
      ? statusesIn(message.payload, MAX_DEPTH)
      : [];
  }
}

/** The two ways to name a charger: by its identity, and with the path before it. */
export function chargerTexts(charger: string): string[] {
  return [charger.slice(charger.lastIndexOf('/') + 1), charger];
}

/** What a row is, as the field `kind` names it. */
export function kindOf(event: SessionEvent): string {
  if (event.kind === 'closed') return 'closed';
  if (event.kind === 'opened') return event.connection.status === 101 ? 'opened' : 'refused';
  return frameKind(event.frame);
}

function frameKind({ messageType, opcode }: Frame): string {
  if (messageType === 'callResult') return 'result';
  if (messageType === 'callError') return 'error';
  if (messageType !== null) return messageType;
  if (opcode === Opcode.ping) return 'ping';
  if (opcode === Opcode.pong) return 'pong';
  return opcode === Opcode.close ? 'close' : 'opaque';
}

function senderOf(event: SessionEvent & { connection: Connection }): string | null {
  if (event.kind === 'opened') return 'charger';
  return event.connection.endedBy === 'chargetape' ? null : event.connection.endedBy;
}

function statusesIn(value: Json, depth: number): string[] {
  if (depth === 0 || value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((item) => statusesIn(item, depth - 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'status' && typeof member === 'string' ? [member] : statusesIn(member, depth - 1),
  );
}

function connectionText({ target, closeReason, chargerAddress, csmsAddress }: Connection): string {
  return [target, closeReason, chargerAddress, csmsAddress].join(' ').toLowerCase();
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
}

function present<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}
