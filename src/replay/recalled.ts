import type { Call } from '../ocpp/message.ts';
import type { Exchanged, Protocol } from '../ocpp/protocol.ts';
import type { RecordedCommand } from './plan.ts';

/** The exchanges of a recording that tell what its charger is able to: its answers to commands, and a call about each of its connectors. */
export class Recalled {
  readonly #calls = new Map<number, Exchanged>();

  /** Takes a call of the charger. */
  take({ action, payload: call }: Call, protocol: Protocol): void {
    const connector = protocol.connectorOf(call);
    if (connector === null || this.#calls.has(connector)) return;
    this.#calls.set(connector, { caller: 'charger', action, call, result: {} });
  }

  /** All of them, with those of the commands. */
  exchanges(commands: readonly RecordedCommand[]): Exchanged[] {
    const answered = commands.flatMap(({ call, answers: [first] }): Exchanged[] => {
      if (first?.message.type !== 'callResult') return [];
      return [{ caller: 'csms', action: call.action, call: call.payload, result: first.message.payload }];
    });
    return [...answered, ...this.#calls.values()];
  }
}
