import { matchesPattern } from '../ocpp/json.ts';
import type { Part, Path, PathPattern, Protocol, Site } from '../ocpp/protocol.ts';

/** A place where a payload carries an id. */
export interface IdPlace {
  idClass: string;
  path: PathPattern;
  /** Whether the CSMS issues the id there, or either side names one that was issued before. */
  role: 'issued' | 'used';
}

/** Where one payload (the call's or the result's of an action) carries what is expected to vary. */
export interface Places {
  ids: readonly IdPlace[];
  times: readonly PathPattern[];
}

const CACHE = new WeakMap<Protocol, Map<string, Places>>();

/** Places of ids and times of one payload; worked out once per protocol, action and part. */
export function placesOf(protocol: Protocol, action: string, part: Part): Places {
  const known = CACHE.get(protocol) ?? new Map<string, Places>();
  CACHE.set(protocol, known);
  const key = `${part} ${action}`;
  const places = known.get(key) ?? {
    ids: idPlaces(protocol, action, part),
    times: protocol.timePaths(action, part),
  };
  if (protocol.callerOf(action) !== null) known.set(key, places);
  return places;
}

/** The id that a place carries; undefined for all other places. */
export function idPlaceAt(places: Places, path: Path): IdPlace | undefined {
  return places.ids.find((place) => matchesPattern(path, place.path));
}

/** Whether a place carries a time. */
export function isTimeAt(places: Places, path: Path): boolean {
  return places.times.some((pattern) => matchesPattern(path, pattern));
}

function idPlaces(protocol: Protocol, action: string, part: Part): IdPlace[] {
  const here = (site: Site) => site.action === action && site.part === part;
  return protocol.idClasses.flatMap(({ name, issued, used }) => [
    ...issued.filter(here).map((site): IdPlace => ({ idClass: name, path: site.path, role: 'issued' })),
    ...used.filter(here).map((site): IdPlace => ({ idClass: name, path: site.path, role: 'used' })),
  ]);
}
