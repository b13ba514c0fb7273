import { type Json, valueAt } from '../ocpp/json.ts';
import type { ChargerState } from '../ocpp/protocol.ts';
import type { Profile } from './profile.ts';

/** What a profile's chargers answer to GetConfiguration at first; one list for all of them. */
const LISTS = new WeakMap<Profile, Json[]>();

function listOf(profile: Profile): Json[] {
  const known = LISTS.get(profile);
  if (known) return known;
  const list = profile.configuration.map(({ key, value, readonly }): Json => {
    return value === null ? { key, readonly } : { key, readonly, value };
  });
  LISTS.set(profile, list);
  return list;
}

/** The configuration of a charger, by the keys of OCPP 1.6 §9, as its CSMS has set it by now. */
export class Settings {
  readonly #state: ChargerState;

  /** Tells the state the profile's own configuration first. */
  constructor(profile: Profile, state: ChargerState) {
    this.#state = state;
    const result = { configurationKey: listOf(profile) };
    state.recall({ caller: 'csms', action: 'GetConfiguration', call: {}, result });
  }

  /** A whole number; `fallback` when there is none. */
  number(key: string, fallback: number): number {
    const value = Number(this.text(key) ?? Number.NaN);
    return Number.isFinite(value) ? value : fallback;
  }

  /** A yes or no, as `true` or `false` in whatever case. */
  flag(key: string, fallback: boolean): boolean {
    const text = this.text(key)?.toLowerCase();
    return text === undefined ? fallback : text === 'true';
  }

  /** Takes a setting that the charger changes itself. */
  set(key: string, value: string): void {
    this.#state.learn({
      caller: 'csms',
      action: 'ChangeConfiguration',
      call: { key, value },
      result: { status: 'Accepted' },
    });
  }

  /** A text; undefined when there is none. */
  text(key: string): string | undefined {
    const answer = this.#state.answer('GetConfiguration', { key: [key] }, 0);
    const value =
      answer && 'result' in answer ? valueAt(answer.result, ['configurationKey', 0, 'value']) : undefined;
    return typeof value === 'string' ? value : undefined;
  }
}
