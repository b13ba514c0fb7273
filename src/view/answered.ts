import type { Json } from '../ocpp/json.ts';
import { decodeMessage } from '../ocpp/message.ts';
import type { Protocol, Standing } from '../ocpp/protocol.ts';
import type { FrameColumns } from './frame-columns.ts';

/** What an answered call made true or ended, and the connector it is about. */
export interface Stood {
  standing: Standing;
  connector: number | null;
  atUs: number;
}

/** Calls that nobody answers are forgotten beyond this many. */
const MAX_OPEN = 50_000;

/** Joins the calls that make something last with their answers, as they pass. */
export class Answered {
  readonly #open = new Map<number, { payload: Json; atUs: number; action: string }>();

  /** Takes the next frame of any connection; gives what it makes true or ends. */
  take(frame: FrameColumns, protocol: Protocol): readonly Stood[] {
    if (frame.action === null || frame.payload === null || !protocol.lasting.has(frame.action)) return [];
    if (frame.sender === 'charger' && frame.messageType === 'call') this.#called(frame);
    if (frame.sender !== 'csms' || frame.messageType !== 'callResult' || frame.answers === null) return [];
    const call = this.#open.get(frame.answers);
    const answer = messageOf(frame.payload);
    this.#open.delete(frame.answers);
    if (!call || answer.type !== 'callResult') return [];
    const connector = protocol.connectorOf(call.payload);
    const standings = protocol.standing(call.action, call.payload, answer.payload);
    return standings.map((standing) => ({ standing, connector, atUs: call.atUs }));
  }

  #called({ id, payload, atUs }: FrameColumns): void {
    const call = messageOf(payload ?? new Uint8Array());
    if (call.type !== 'call') return;
    this.#open.set(id, { payload: call.payload, atUs, action: call.action });
    if (this.#open.size <= MAX_OPEN) return;
    for (const oldest of this.#open.keys()) {
      this.#open.delete(oldest);
      return;
    }
  }
}

function messageOf(payload: Uint8Array) {
  return decodeMessage(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'));
}
