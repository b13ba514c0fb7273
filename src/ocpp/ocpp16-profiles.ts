import { type Json, valueAt } from './json.ts';

/** An installed charging profile (OCPP 1.6 §7.9), and the connector it was set on. */
interface Profile {
  connectorId: Json;
  profile: Json;
}

/** The charging profiles of a charger. */
export class Profiles {
  #profiles: Profile[] = [];

  /** Installs a profile; it replaces one of its id, and one of its connector, purpose and stack level (OCPP 1.6 §3.13.2). */
  set(connectorId: Json, profile: Json): void {
    const same = (one: Profile, ...fields: string[]) =>
      fields.every((field) => valueAt(one.profile, [field]) === valueAt(profile, [field]));
    this.#profiles = this.#profiles.filter((one) => {
      if (same(one, 'chargingProfileId')) return false;
      return one.connectorId !== connectorId || !same(one, 'chargingProfilePurpose', 'stackLevel');
    });
    this.#profiles.push({ connectorId, profile });
  }

  /** Whether there is any that ClearChargingProfile names (OCPP 1.6 §5.5): by an id alone, else all that meet every other field. */
  has(payload: Json): boolean {
    return this.#profiles.some((one) => isMeant(one, payload));
  }

  /** Removes what ClearChargingProfile names. */
  clear(payload: Json): void {
    this.#profiles = this.#profiles.filter((one) => !isMeant(one, payload));
  }

  /** The transaction is over, and with it the profiles for it. */
  end(connectorId: Json): void {
    this.#profiles = this.#profiles.filter(
      (one) => one.connectorId !== connectorId || purposeOf(one) !== 'TxProfile',
    );
  }

  /** The schedule that rules a connector: of the strongest purpose, then of the highest stack level; undefined when there is none. */
  ruling(connectorId: number): Json | undefined {
    const strength = ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'];
    const [best] = this.#profiles
      .filter((one) => one.connectorId === connectorId || one.connectorId === 0)
      .sort((a, b) => {
        const byPurpose = strength.indexOf(purposeOf(b)) - strength.indexOf(purposeOf(a));
        return byPurpose || levelOf(b) - levelOf(a);
      });
    return best === undefined ? undefined : valueAt(best.profile, ['chargingSchedule']);
  }
}

function isMeant(one: Profile, payload: Json): boolean {
  const id = valueAt(payload, ['id']);
  if (id !== undefined) return valueAt(one.profile, ['chargingProfileId']) === id;
  const connector = valueAt(payload, ['connectorId']);
  if (connector !== undefined && connector !== one.connectorId) return false;
  return ['chargingProfilePurpose', 'stackLevel'].every((field) => {
    const wanted = valueAt(payload, [field]);
    return wanted === undefined || wanted === valueAt(one.profile, [field]);
  });
}

function purposeOf({ profile }: Profile): string {
  return String(valueAt(profile, ['chargingProfilePurpose']));
}

function levelOf({ profile }: Profile): number {
  return Number(valueAt(profile, ['stackLevel']) ?? 0);
}
