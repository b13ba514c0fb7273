import { expand, type Json, valueAt } from '../ocpp/json.ts';
import type { Part, Path } from '../ocpp/protocol.ts';
import { placesOf } from './places.ts';
import type { Scope } from './scope.ts';
import { idShape } from './value-shape.ts';

/** A place where the candidate gave out an id that already stood for another one. */
export interface ReusedId {
  path: Path;
  baseline: Json;
  candidate: Json;
}

/**
 * Notes which ids the two CSMSs issued at the same place of the conversation, and returns those that the candidate used twice. An id
 * of another shape or type is a difference of that place already, and is not named again.
 */
export function bindIssued(
  { protocol, ids }: Scope,
  action: string,
  part: Part,
  baseline: Json,
  candidate: Json,
): ReusedId[] {
  const reused: ReusedId[] = [];
  for (const place of placesOf(protocol, action, part).ids) {
    if (place.role === 'used') continue;
    for (const path of expand(baseline, place.path)) {
      const [before, after] = [valueAt(baseline, path), valueAt(candidate, path)];
      if (before === undefined) continue;
      if (after === undefined) ids.lose(place.idClass, before);
      else if (ids.bind(place.idClass, before, after) && idShape(before) === idShape(after))
        reused.push({ path, baseline: before, candidate: after });
    }
  }
  return reused;
}

/** Notes that the ids which the baseline issued there have no counterpart. */
export function loseIssued({ protocol, ids }: Scope, action: string, part: Part, baseline: Json): void {
  for (const place of placesOf(protocol, action, part).ids) {
    if (place.role === 'used') continue;
    for (const path of expand(baseline, place.path)) ids.lose(place.idClass, valueAt(baseline, path) ?? null);
  }
}
