import { isObject, type Json, writeJson } from '../ocpp/json.ts';
import type { Path, Protocol } from '../ocpp/protocol.ts';
import type { IdMap } from './id-map.ts';
import type { Exchange } from './lane.ts';
import { idPlaceAt, isTimeAt, type Places, placesOf } from './places.ts';

/**
 * A command's payload as a text that is equal for equal requests: keys sorted, issued ids and times left open, used ids as the
 * baseline spells them.
 */
export function commandText(
  protocol: Protocol,
  ids: IdMap,
  side: 'baseline' | 'candidate',
  { action, call }: Exchange,
): string {
  const places = placesOf(protocol, action, 'call');
  return textOf(call.message.payload ?? {}, [], places, (idClass, id) =>
    side === 'baseline' ? ids.own(idClass, id) : ids.recorded(idClass, id),
  );
}

function textOf(
  value: Json,
  path: Path,
  places: Places,
  idText: (idClass: string, id: Json) => string,
): string {
  const id = idPlaceAt(places, path);
  if (id !== undefined) return id.role === 'issued' ? '#' : `#${idText(id.idClass, value)}`;
  if (isTimeAt(places, path)) return '@';
  if (Array.isArray(value))
    return `[${value.map((item, index) => textOf(item, [...path, index], places, idText)).join()}]`;
  if (!isObject(value)) return writeJson(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${textOf(value[key]!, [...path, key], places, idText)}`);
  return `{${members.join()}}`;
}
