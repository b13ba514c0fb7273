import { Chance } from '../load/chance.ts';
import type { MishapRule } from '../load/mishap.ts';
import { type Blow, blowsOf, type Scenario } from '../load/scenario.ts';
import { Strain } from '../load/strain.ts';
import { Traffic } from '../load/traffic.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { isInShard, type Shard } from '../replay/clones.ts';
import { type Access, entryOf } from '../replay/credentials.ts';
import type { Recorder } from '../session/recording.ts';
import type { ServerUrl } from '../wire/url.ts';
import type { Act } from './act.ts';
import type { Conformance, ConformanceReport } from './conformance.ts';
import { LivingCharger } from './living-charger.ts';
import { fillPattern } from './pattern.ts';
import type { Profile } from './profile.ts';
import type { Habits } from './visits.ts';

/** A fleet of virtual chargers: who they are, where they go, and what befalls them. */
export interface FleetOptions {
  /** The chargers take turns with these. */
  profiles: readonly Profile[];
  protocol: Protocol;
  count: number;
  /** Which of them live here: every n-th, from the i-th (from 1). */
  shard?: Shard;
  seed: number;
  target: ServerUrl;
  recorder: Recorder;
  /** What they come in with. */
  access: Access;
  /** How people use them; nobody does when not given. */
  habits?: Habits;
  scenario: Scenario;
  mishaps: readonly MishapRule[];
  /** Over how long they arrive, ms. */
  rampMs: number;
  /** How long they live after that, ms; until the signal when not given. */
  durationMs?: number;
  /** Addresses of this machine that they take turns to dial from; the system's choice when empty. */
  localAddresses: readonly string[];
  signal: AbortSignal;
  /** Called with the chargers before they begin to live. */
  onReady?: (chargers: readonly LivingCharger[]) => Promise<void>;
  /** Called each second. */
  onProgress?: (progress: FleetProgress) => void;
}

/** How a fleet stands. */
export interface FleetProgress {
  chargers: number;
  online: number;
  /** Whether they come in over TLS. */
  isSecure: boolean;
  traffic: Traffic;
  strain: Strain;
  conformance: ConformanceReport;
}

const PROGRESS_MS = 1_000;
/** A scenario without an end in sight has its moments as if it lasted so long, ms. */
const UNBOUNDED_MS = 600_000;

/** Lets a fleet of virtual chargers live against a CSMS until its time is over. Trouble with the CSMS is met as chargers meet it. */
export async function runFleet(options: FleetOptions): Promise<FleetProgress> {
  const { rampMs, durationMs, signal } = options;
  const traffic = new Traffic();
  const strain = new Strain();
  const { Conformance } = await import('./conformance.ts');
  const conformance = new Conformance(options.protocol);
  const members = membersOf(options, { traffic, strain, conformance });
  const chargers = members.map(({ charger }) => charger);
  await options.onReady?.(chargers);
  const progress = () => {
    traffic.wanted = chargers.reduce((sum, { wanted }) => sum + wanted, 0);
    return {
      chargers: chargers.length,
      online: count(chargers, ({ isOnline }) => isOnline),
      isSecure: options.target.secure === true,
      ...{ traffic, strain },
      conformance: conformance.report(),
    };
  };
  const timers = [...arrivals(members, options), ...blows(members, options)];
  const ticker = setInterval(() => options.onProgress?.(progress()), PROGRESS_MS);
  await over(durationMs === undefined ? undefined : rampMs + durationMs, signal);
  clearInterval(ticker);
  for (const timer of timers) clearTimeout(timer);
  const last = progress();
  await Promise.all(chargers.map((charger) => charger.leave()));
  return last;
}

/** What all members are measured by together. */
interface Measures {
  traffic: Traffic;
  strain: Strain;
  conformance: Conformance;
}

/** A charger and its place in the whole fleet, from 0. */
interface Member {
  place: number;
  charger: LivingCharger;
}

/** The chargers of this shard; each is the same one whatever the others are. */
function membersOf(options: FleetOptions, measures: Measures): Member[] {
  const { count: total, shard = { index: 1, of: 1 }, seed } = options;
  const chance = new Chance(seed);
  const members: Member[] = [];
  for (let place = 0; place < total; place++) {
    const own = chance.fork();
    if (!isInShard(place, shard)) continue;
    members.push({ place, charger: memberOf(options, place, own, measures) });
  }
  return members;
}

function memberOf(options: FleetOptions, place: number, chance: Chance, measures: Measures): LivingCharger {
  const { profiles, target, recorder, access, habits, protocol, mishaps, localAddresses } = options;
  const profile = profiles[place % profiles.length]!;
  const number = place + 1;
  const identity = fillPattern(profile.identity, { chance, nowMs: 0, counter: number, number });
  const localAddress = localAddresses[place % localAddresses.length];
  return new LivingCharger(
    { profile, protocol, identity, number, seed: chance.whole(-(2 ** 31), 2 ** 31 - 1) },
    {
      target,
      recorder,
      source: recorder.recording.uuid,
      ...entryOf(recorder.recording.uuid, identity, access),
      endpoint: target.path.replace(/\/+$/, ''),
      mishaps,
      ...measures,
      ...(localAddress !== undefined && { localAddress }),
      ...(habits && { habits }),
    },
  );
}

function arrivals(members: readonly Member[], { rampMs, count: total }: FleetOptions): NodeJS.Timeout[] {
  return members.map(({ place, charger }) =>
    setTimeout(() => charger.start(), Math.round((rampMs * place) / total)),
  );
}

function blows(members: readonly Member[], options: FleetOptions): NodeJS.Timeout[] {
  const { scenario, count: total, durationMs = UNBOUNDED_MS, rampMs, seed } = options;
  const byPlace = new Map(members.map(({ place, charger }) => [place, charger]));
  return blowsOf(scenario, { count: total, durationMs, chance: new Chance(seed) }).flatMap((blow) => {
    const member = byPlace.get(blow.charger);
    if (!member) return [];
    const fromMs = rampMs + blow.afterMs;
    return actsOf(blow).map(({ act, afterMs }) => setTimeout(() => member.act(act), fromMs + afterMs));
  });
}

/** What a blow is to a charger that lives, ms after it: who visits it plugs in at the first connector and shows a tag. */
function actsOf(blow: Blow): { act: Act; afterMs: number }[] {
  if (blow.kind === 'drop') return [{ act: { kind: 'drop' }, afterMs: 0 }];
  if (blow.kind === 'power') return [{ act: { kind: 'power', forMs: blow.forMs }, afterMs: 0 }];
  return [
    { act: { kind: 'plug', connector: 1 }, afterMs: 0 },
    { act: { kind: 'tap', connector: 1, tag: 'SURGE' }, afterMs: 3_000 },
  ];
}

function count<Item>(items: readonly Item[], wanted: (item: Item) => boolean): number {
  return items.reduce((sum, item) => sum + (wanted(item) ? 1 : 0), 0);
}

function over(durationMs: number | undefined, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = durationMs === undefined ? undefined : setTimeout(end, durationMs);
    function end() {
      clearTimeout(timer);
      resolve();
    }
    signal.addEventListener('abort', end, { once: true });
  });
}
