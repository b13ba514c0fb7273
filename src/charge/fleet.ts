import type { Protocol } from '../ocpp/protocol.ts';
import { ownHeaders, type Passwords } from '../replay/credentials.ts';
import type { Recorder } from '../session/recording.ts';
import type { ServerUrl } from '../wire/url.ts';
import { Chance } from './chance.ts';
import { LivingCharger } from './living-charger.ts';
import { fillPattern } from './pattern.ts';
import type { Profile } from './profile.ts';
import { Traffic } from './traffic.ts';
import type { Habits } from './visits.ts';

/** A fleet of virtual chargers, and how long it lives. */
export interface FleetOptions {
  /** The chargers take turns with these. */
  profiles: readonly Profile[];
  protocol: Protocol;
  count: number;
  seed: number;
  target: ServerUrl;
  recorder: Recorder;
  passwords: Passwords;
  habits: Habits;
  /** Over how long they arrive, ms. */
  rampMs: number;
  /** How long they live, ms; until the signal when not given. */
  durationMs?: number;
  signal: AbortSignal;
  /** Called each second. */
  onProgress?: (progress: FleetProgress) => void;
}

/** How a fleet stands. */
export interface FleetProgress {
  chargers: number;
  online: number;
  traffic: Traffic;
}

const PROGRESS_MS = 1_000;

/** Lets a fleet of virtual chargers live against a CSMS until its time is over. Trouble with the CSMS is met as chargers meet it. */
export async function runFleet(options: FleetOptions): Promise<FleetProgress> {
  const { count, rampMs, durationMs, signal } = options;
  const traffic = new Traffic();
  const chargers = membersOf(options, traffic);
  const progress = () => ({
    chargers: count,
    online: chargers.filter(({ isOnline }) => isOnline).length,
    traffic,
  });
  const arrivals = chargers.map((charger, index) =>
    setTimeout(() => charger.start(), Math.round((rampMs * index) / count)),
  );
  const ticker = setInterval(() => options.onProgress?.(progress()), PROGRESS_MS);
  await over(durationMs, signal);
  clearInterval(ticker);
  for (const arrival of arrivals) clearTimeout(arrival);
  const last = progress();
  await Promise.all(chargers.map((charger) => charger.leave()));
  return last;
}

function membersOf(options: FleetOptions, traffic: Traffic): LivingCharger[] {
  const { profiles, count, seed, target, recorder, passwords, habits, protocol } = options;
  const chance = new Chance(seed);
  return Array.from({ length: count }, (_, index) => {
    const profile = profiles[index % profiles.length]!;
    const number = index + 1;
    const own = chance.fork();
    const identity = fillPattern(profile.identity, { chance: own, nowMs: 0, counter: number, number });
    return new LivingCharger(
      { profile, protocol, identity, number, seed: own.whole(-(2 ** 31), 2 ** 31 - 1) },
      {
        target,
        recorder,
        source: recorder.recording.uuid,
        headers: ownHeaders(recorder.recording.uuid, identity, passwords),
        onFrame: (frame) => traffic.take(frame),
        endpoint: target.path.replace(/\/+$/, ''),
        habits,
      },
    );
  });
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
