import type { Stood } from './answered.ts';
import type { ChargerStanding, ConnectorState, RunningTransaction } from './viewer.ts';

/** What stands at one charger: its connectors' statuses and its running transactions. */
export class Board {
  readonly #connectors = new Map<string, ConnectorState>();
  readonly #transactions = new Map<string, RunningTransaction>();

  /** Takes what an answered call made true or ended. */
  take({ standing, connector, atUs }: Stood): void {
    const { kind, key, ends, says = '', isFault = false } = standing;
    if (kind === 'status') this.#connectors.set(key, { connector, status: says, isFault });
    else if (kind === 'transaction' && ends) this.#transactions.delete(key);
    else if (kind === 'transaction') this.#transactions.set(key, { id: says, connector, sinceUs: atUs });
  }

  get isCharging(): boolean {
    return this.#transactions.size > 0;
  }

  get isFaulted(): boolean {
    for (const { isFault } of this.#connectors.values()) if (isFault) return true;
    return false;
  }

  /** All of it, connectors in their order. */
  get standing(): ChargerStanding {
    const connectors = [...this.#connectors.values()];
    return {
      connectors: connectors.sort((a, b) => (a.connector ?? -1) - (b.connector ?? -1)),
      transactions: [...this.#transactions.values()],
    };
  }
}
