import { Chance } from '../load/chance.ts';
import { Redial, type RedialModel } from '../load/redial.ts';
import { blowsOf, type Scenario } from '../load/scenario.ts';
import type { Session } from '../session/recording.ts';
import { Outage } from './outage.ts';
import type { SessionRun } from './session-run.ts';

/** A scenario, the seed of its chances, and how the charger of a session comes back. */
export interface ScenarioOptions {
  name: Scenario;
  seed: number;
  redialOf: (session: Session) => RedialModel;
}

/** How a session is cut off: its charger comes back as its make does, by chances of its own. */
export function outageOf(session: Session, { seed, redialOf }: ScenarioOptions): Outage {
  const { endpoint, identity } = session;
  return new Outage(new Redial(redialOf(session), Chance.of(seed, `${endpoint}/${identity}`)));
}

/** Cuts the sessions off as the scenario has it, in a run of this length from now. */
export function cutOffs(
  runs: readonly SessionRun[],
  { name, seed }: ScenarioOptions,
  durationMs: number,
): NodeJS.Timeout[] {
  const blows = blowsOf(name, { count: runs.length, durationMs, chance: new Chance(seed) });
  return blows.flatMap((blow) => {
    if (blow.kind === 'visit') return [];
    const forMs = blow.kind === 'power' ? blow.forMs : undefined;
    return [setTimeout(() => runs[blow.charger]!.cutOff(name, forMs), blow.afterMs)];
  });
}
