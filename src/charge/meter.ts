import type { Chance } from '../load/chance.ts';
import type { Json } from '../ocpp/json.ts';
import type { Profile } from './profile.ts';
import { fillTemplate } from './template.ts';

/** Line voltage, V. */
const VOLTS = 230;
/** Voltage of a DC output, V. */
const DC_VOLTS = 400;
/** Below this a vehicle does not charge, A for each phase (IEC 61851-1). */
const LEAST_AMPERES = 6;

/** What one connector gives a vehicle: power, and the energy that it adds up to. Times are ms since the epoch. */
export class Meter {
  readonly #power: Profile['power'];
  readonly #samples: Profile['samples'];
  readonly #chance: Chance;
  #wattHours: number;
  #sessionBeginsAt = 0;
  #watts = 0;
  #atMs: number;
  #limitWatts = Number.POSITIVE_INFINITY;
  /** State of charge of the vehicle, %. */
  #charge = 20;

  constructor({ power, samples }: Profile, chance: Chance, nowMs: number) {
    this.#power = power;
    this.#samples = samples;
    this.#chance = chance;
    this.#atMs = nowMs;
    this.#wattHours = power.meter === 'lifetime' ? chance.whole(1_000, 5_000_000) : 0;
  }

  /** Register at this time, whole Wh. */
  register(nowMs: number): number {
    this.#run(nowMs);
    if (this.#power.meter === 'none') return 0;
    const from = this.#power.meter === 'session' ? this.#sessionBeginsAt : 0;
    return Math.floor(this.#wattHours - from);
  }

  /** A transaction begins. */
  begin(nowMs: number): void {
    this.#run(nowMs);
    this.#sessionBeginsAt = this.#wattHours;
    this.#charge = this.#chance.whole(10, 60);
  }

  /** Power flows, or not. Whether it does: a limit may be too low for any vehicle. */
  flow(isOn: boolean, nowMs: number): boolean {
    this.#run(nowMs);
    const least = LEAST_AMPERES * VOLTS * (this.#power.kind === 'dc' ? 1 : this.#power.phases);
    const watts = Math.min(this.#power.watts, this.#limitWatts);
    const canFlow = isOn && watts >= least;
    this.#watts = canFlow ? watts : 0;
    return canFlow;
  }

  /** Sets the limit of a charging profile; null lifts it. */
  limit(limit: { value: number; unit: 'A' | 'W' } | null, nowMs: number): void {
    this.#run(nowMs);
    if (limit === null) this.#limitWatts = Number.POSITIVE_INFINITY;
    else this.#limitWatts = limit.unit === 'W' ? limit.value : limit.value * this.#wattsPerAmpere();
  }

  /** The sampledValues of this moment, as the profile writes them. */
  sample(context: string, nowMs: number): Json[] {
    this.#run(nowMs);
    return this.#samples.map(({ quantity, phase, decimals, scale, offset, value }) => {
      const number = this.#reading(quantity, phase, nowMs) * scale + offset;
      const trigger = context === 'Sample.Periodic' ? undefined : context;
      return fillTemplate(value, { value: number.toFixed(decimals), context, trigger });
    });
  }

  #reading(
    quantity: Profile['samples'][number]['quantity'],
    phase: number | undefined,
    nowMs: number,
  ): number {
    const phases = this.#power.kind === 'dc' ? 1 : this.#power.phases;
    const share = phase === undefined ? 1 : phase <= phases ? 1 / phases : 0;
    const amperes = this.#watts / this.#wattsPerAmpere();
    switch (quantity) {
      case 'energy':
        return this.register(nowMs);
      case 'power':
        return this.#watts * share;
      case 'current':
        return phase === undefined || phase <= phases ? amperes : 0;
      case 'offered':
        return Math.min(this.#power.watts, this.#limitWatts) / this.#wattsPerAmpere();
      case 'voltage':
        return (this.#power.kind === 'dc' ? DC_VOLTS : VOLTS) + this.#chance.whole(-20, 20) / 10;
      case 'soc':
        return Math.min(100, this.#charge);
      case 'temperature':
        return 30 + this.#chance.whole(0, 50) / 10;
      case 'frequency':
        return 50 + this.#chance.whole(-5, 5) / 100;
    }
  }

  #wattsPerAmpere(): number {
    return this.#power.kind === 'dc' ? DC_VOLTS : VOLTS * this.#power.phases;
  }

  #run(nowMs: number): void {
    const hours = Math.max(0, nowMs - this.#atMs) / 3_600_000;
    this.#wattHours += this.#watts * hours;
    this.#charge += (this.#watts * hours) / 600;
    this.#atMs = Math.max(this.#atMs, nowMs);
  }
}
