import { emitKeypressEvents, type Key } from 'node:readline';
import type { Act } from '../charge/act.ts';
import type { LivingCharger } from '../charge/living-charger.ts';

/** A key of `charge`: what it does, in words, and the act. */
interface ChargeKey {
  key: string;
  what: string;
  act: Act;
}

/** Tag of whoever sits at the terminal. */
const TAG = '04ABBE2A';

/** What a person at the terminal can do to a charger's first connector. */
export const CHARGE_KEYS: readonly ChargeKey[] = [
  { key: 'p', what: 'plug a cable in', act: { kind: 'plug', connector: 1 } },
  { key: 'u', what: 'unplug it', act: { kind: 'unplug', connector: 1 } },
  { key: 'a', what: `show the tag ${TAG}`, act: { kind: 'tap', connector: 1, tag: TAG } },
  { key: 's', what: 'the vehicle pauses', act: { kind: 'suspend', connector: 1, by: 'SuspendedEV' } },
  { key: 'r', what: 'charging goes on', act: { kind: 'resume', connector: 1 } },
  { key: 'f', what: 'a fault', act: { kind: 'fault', connector: 1, errorCode: 'OtherError' } },
  { key: 'c', what: 'the fault is cleared', act: { kind: 'clear', connector: 1 } },
  { key: 'd', what: 'the connection is lost', act: { kind: 'drop' } },
];

/** Lets a person act on a fleet's chargers by keys: one charger at a time, chosen by the arrows. */
export class ChargeKeys {
  readonly #chargers: readonly LivingCharger[];
  readonly #quit: () => void;
  readonly #onKey = (_text: string | undefined, key: Key) => this.#pressed(key);
  #index = 0;

  constructor(chargers: readonly LivingCharger[], quit: () => void) {
    this.#chargers = chargers;
    this.#quit = quit;
    emitKeypressEvents(process.stdin);
    process.stdin.setRawMode(true);
    process.stdin.on('keypress', this.#onKey).resume();
    const keys = CHARGE_KEYS.map(({ key, what }) => `${key} ${what}`).join(', ');
    process.stderr.write(`keys: ${keys}, ←→ another charger, q quit\n`);
  }

  /** Gives the terminal back as it was. */
  close(): void {
    process.stdin.off('keypress', this.#onKey).pause();
    process.stdin.setRawMode(false);
    process.stderr.write('\r\x1b[J');
  }

  #pressed({ name, ctrl, sequence }: Key): void {
    if (name === 'q' || (ctrl && name === 'c')) {
      this.#quit();
      return;
    }
    if (name === 'left' || name === 'right') this.#choose(name === 'right' ? 1 : -1);
    const charger = this.#chargers[this.#index];
    const found = CHARGE_KEYS.find(({ key }) => key === sequence);
    if (!charger || (!found && name !== 'left' && name !== 'right')) return;
    if (found) charger.act(found.act);
    const [bay] = charger.bays;
    const what = found ? `${found.what}: ` : '';
    process.stderr.write(`\r\x1b[2K${charger.identity}: ${what}${bay?.connector.status}\n`);
  }

  #choose(by: number): void {
    const { length } = this.#chargers;
    this.#index = (this.#index + by + length) % length;
  }
}
