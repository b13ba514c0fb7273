import { type Json, valueAt } from '../ocpp/json.ts';
import { decodeMessage } from '../ocpp/message.ts';
import type { Path, Protocol, Register } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { SessionEvent } from '../session/recording.ts';

/** How far a meter was first and last; `isAnew` when it counts each transaction for itself. */
interface Count {
  lowestWh: number;
  lastWh: number;
  isAnew: boolean;
}

/** Meters go on from lap to lap by whole kilowatt-hours, so that a value keeps its digits in either unit. */
const STEP_WH = 1000;

/**
 * By how much a charger's meters count on in one playing of its recording, so that they can go on when it is played again. A meter that
 * counts each transaction for itself (it begins at zero, or runs back within the recording) does so in each lap too.
 */
export class MeterLaps {
  readonly #counts = new Map<string, Count>();
  readonly #protocols = new Map<number, Protocol>();
  /** Connector by transaction, however it is called, and by a call that starts one. */
  readonly #connectors = new Map<string, string>();
  readonly #starting = new Map<number, string>();
  /** Where a transaction began last. */
  #latest: string | undefined;

  /** Looks at the next event of the recorded session. The samples of a transaction that its end repeats are older than it. */
  look(event: SessionEvent): void {
    if (event.kind !== 'frame') {
      this.#protocols.set(event.connection.id, protocolFor(event.connection.subprotocol));
      return;
    }
    const { frame } = event;
    const protocol = this.#protocols.get(frame.connection);
    if (!protocol || frame.action === null || frame.messageType === 'malformed') return;
    if (frame.sender === 'csms' && !this.#starting.has(frame.answers ?? -1)) return;
    const message = decodeMessage(Buffer.from(frame.payload).toString('utf8'));
    if (message.type === 'callResult') this.#answered(frame.answers, message.payload);
    if (message.type !== 'call' || frame.sender !== 'charger') return;
    for (const register of protocol.registers(frame.action, message.payload)) {
      if (register.path[0] === 'transactionData') continue;
      this.#count(this.#meterOf(register), register);
      const { connector, transaction } = register;
      if (connector === null) continue;
      if (register.path[0] === 'meterStart') {
        this.#starting.set(frame.id, connector);
        this.#latest = connector;
      } else if (transaction !== null) this.#connectors.set(transaction, connector);
    }
  }

  /** Edits that let the meters of a call go on after so many laps; paths are relative to the payload. */
  edits(protocol: Protocol, action: string, call: Json, laps: number): { path: Path; token: string }[] {
    return protocol.registers(action, call).flatMap((register) => {
      const { path, text, unitWh } = register;
      const byWh = this.#advanceWh(this.#meterOf(register)) * laps;
      const moved = byWh === 0 ? null : plus(text, BigInt(byWh / unitWh));
      if (moved === null) return [];
      const isText = typeof valueAt(call, path) === 'string';
      return [{ path, token: isText ? JSON.stringify(moved) : moved }];
    });
  }

  #meterOf({ connector, transaction, meter }: Register): string {
    const known = this.#connectors.get(transaction ?? '') ?? this.#latest;
    return `${connector ?? known ?? '?'} ${meter}`;
  }

  #answered(call: number | null, result: Json): void {
    const connector = this.#starting.get(call ?? -1);
    const transaction = valueAt(result, ['transactionId']);
    if (connector !== undefined && transaction !== undefined)
      this.#connectors.set(String(transaction), connector);
  }

  #count(meter: string, { path, text, unitWh }: Register): void {
    const wh = Number(text) * unitWh;
    if (!Number.isFinite(wh)) return;
    const count = this.#counts.get(meter) ?? { lowestWh: wh, lastWh: wh, isAnew: false };
    const isZeroed = path[0] === 'meterStart' && wh === 0;
    count.isAnew ||= isZeroed || wh < count.lastWh;
    count.lastWh = wh;
    this.#counts.set(meter, count);
  }

  #advanceWh(meter: string): number {
    const count = this.#counts.get(meter);
    if (!count || count.isAnew) return 0;
    return Math.ceil((count.lastWh - count.lowestWh) / STEP_WH) * STEP_WH;
  }
}

/** A decimal number with its fraction as it is and so much added; null for one in another notation. */
function plus(text: string, by: bigint): string | null {
  const [, whole, fraction = ''] = /^(\d+)(\.\d*)?$/.exec(text) ?? [];
  return whole === undefined ? null : `${BigInt(whole) + by}${fraction}`;
}
