import { Chance } from '../load/chance.ts';
import type { Act } from './act.ts';
import type { Bay } from './bay.ts';
import { fillPattern } from './pattern.ts';

/** How people use chargers: means of exponential waits, s, and probabilities. */
export interface Habits {
  /** From one visit's end to the next one at a connector. */
  pause: number;
  /** How long a vehicle charges. */
  stay: number;
  /** Whether a visit has a pause of the vehicle's in it. */
  suspends: number;
  /** Whether the vehicle is unplugged without the tag shown again. */
  justLeaves: number;
  /** Whether a visit ends in a fault. */
  faults: number;
}

const FAULTS = ['GroundFailure', 'HighTemperature', 'OverCurrentFailure', 'OtherError'] as const;

/** A quarter of an hour between visits, half an hour of charging. */
export const USUAL_HABITS: Habits = { pause: 900, stay: 1800, suspends: 0.2, justLeaves: 0.3, faults: 0.02 };

/** Spreads neighbouring numbers over all seeds (Knuth's multiplicative hash). */
const MIX = 0x9e3779b1;

/** How many people use one charger. */
const USERS = 20;

/** An act, or the beginning of the next visit. */
interface Plan {
  atMs: number;
  act: Act | { kind: 'come'; connector: number };
}

/** The people at one charger: they come, charge and go, each at times of their own; the same ones for the same chance. */
export class Visits {
  readonly #habits: Habits;
  readonly #chance: Chance;
  readonly #users: { tags: string; number: number; nowMs: number; seed: number };
  readonly #plans: Plan[] = [];
  /** Connectors where somebody is already about to plug or unplug. */
  readonly #attended = new Set<string>();

  /** `tags` is a pattern that each user's tag is made of. */
  constructor(
    habits: Habits,
    chance: Chance,
    ground: { tags: string; number: number; connectors: number; nowMs: number },
  ) {
    this.#habits = habits;
    this.#chance = chance;
    const { tags, number, nowMs } = ground;
    this.#users = { tags, number, nowMs, seed: chance.whole(0, 2 ** 31 - 1) };
    for (let id = 1; id <= ground.connectors; id++) this.#comeLater(id, nowMs);
  }

  /** When the next of them does something, ms. */
  get nextMs(): number {
    return this.#plans[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** What they do by now, in order. */
  due(nowMs: number): Act[] {
    const acts: Act[] = [];
    for (let next = this.#plans[0]; next && next.atMs <= nowMs; next = this.#plans[0]) {
      this.#plans.shift();
      if (next.act.kind === 'come') this.#visit(next.act.connector, next.atMs);
      else acts.push(next.act);
    }
    return acts;
  }

  /** Somebody plugs where a remote start waits for it, and unplugs where nothing charges any more. */
  look(bays: readonly Bay[], nowMs: number): void {
    for (const { connector, isCharging } of bays) {
      const { id, status, isPlugged, authorised } = connector;
      const isWaitedFor = authorised !== null && !isPlugged;
      this.#attend(`plug ${id}`, isWaitedFor, { kind: 'plug', connector: id }, nowMs);
      const isDone = status === 'Finishing' && isPlugged && !isCharging;
      this.#attend(`unplug ${id}`, isDone, { kind: 'unplug', connector: id }, nowMs);
    }
  }

  #attend(name: string, isNeeded: boolean, act: Act, nowMs: number): void {
    if (!isNeeded) this.#attended.delete(name);
    else if (!this.#attended.has(name)) {
      this.#attended.add(name);
      this.#plan(nowMs + this.#chance.whole(2, 20) * 1000, act);
    }
  }

  #comeLater(connector: number, nowMs: number): void {
    this.#plan(nowMs + this.#ms(this.#habits.pause), { kind: 'come', connector });
  }

  /** One visit: tag and plug in either order, charging, leaving. */
  #visit(connector: number, atMs: number): void {
    const { stay, suspends, justLeaves, faults } = this.#habits;
    const chance = this.#chance;
    const tag = this.#tagOf(chance.whole(0, USERS - 1));
    const steps: [waitMs: number, act: Act][] = [
      [0, { kind: 'tap', connector, tag }],
      [chance.whole(3, 15) * 1000, { kind: 'plug', connector }],
    ];
    if (chance.happens(0.5)) steps.reverse();
    if (chance.happens(suspends)) {
      steps.push([this.#ms(stay / 2), { kind: 'suspend', connector, by: 'SuspendedEV' }]);
      steps.push([this.#ms(stay / 10), { kind: 'resume', connector }]);
    }
    steps.push([this.#ms(stay), { kind: 'resume', connector }]);
    if (chance.happens(faults)) {
      steps.push([0, { kind: 'fault', connector, errorCode: chance.pick(FAULTS) }]);
      steps.push([chance.whole(10, 60) * 1000, { kind: 'clear', connector }]);
    }
    if (!chance.happens(justLeaves)) steps.push([1000, { kind: 'tap', connector, tag }]);
    steps.push([chance.whole(5, 30) * 1000, { kind: 'unplug', connector }]);
    let ms = atMs;
    for (const [waitMs, act] of steps) {
      ms += waitMs;
      this.#plan(ms, act);
    }
    this.#comeLater(connector, ms);
  }

  /** The tag of one user; made anew each time, since a fleet has more users than it hears of. */
  #tagOf(user: number): string {
    const { tags, number, nowMs, seed } = this.#users;
    return fillPattern(tags, {
      chance: new Chance(Math.imul(seed + user, MIX)),
      nowMs,
      counter: user,
      number,
    });
  }

  #plan(atMs: number, act: Plan['act']): void {
    const index = this.#plans.findIndex((plan) => plan.atMs > atMs);
    this.#plans.splice(index < 0 ? this.#plans.length : index, 0, { atMs, act });
  }

  #ms(meanSeconds: number): number {
    return Math.round(this.#chance.wait(meanSeconds) * 1000);
  }
}
