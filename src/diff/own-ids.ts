import { parseJson } from '../ocpp/json.ts';
import type { Binding } from '../session/recording.ts';
import type { IdMap } from './id-map.ts';
import type { Lane } from './lane.ts';

/**
 * Tells the id map which ids the two CSMSs issued in answer to calls that are not compared (a preamble's): the run has kept of each
 * what it was in the recording. Without that, a command that names one would look changed.
 */
export function bindOwnIds(ids: IdMap, baseline: BoundLane, candidate: BoundLane): void {
  const before = new Map(ownBindings(baseline).map((binding) => [keyOf(binding), binding.live]));
  for (const binding of ownBindings(candidate)) {
    const { idClass, recorded, live } = binding;
    ids.bind(idClass, parseJson(before.get(keyOf(binding)) ?? recorded), parseJson(live));
  }
}

/** A lane, and the ids that its session keeps both ways. */
export interface BoundLane {
  lane: Lane;
  bindings: readonly Binding[];
}

function ownBindings({ lane, bindings }: BoundLane): Binding[] {
  const answers = new Set(lane.own.flatMap((exchange) => exchange.answers.map(({ frame }) => frame.id)));
  return bindings.filter(({ frame }) => answers.has(frame));
}

function keyOf({ idClass, recorded }: Binding): string {
  return `${idClass} ${recorded}`;
}
