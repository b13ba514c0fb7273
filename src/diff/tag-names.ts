import { expand, type Json, valueAt, withValue } from '../ocpp/json.ts';
import type { Part, Protocol } from '../ocpp/protocol.ts';
import type { Binding } from '../session/recording.ts';

/** Tags as the replayed recording spells them; others stay. */
export type TagNames = ReadonlyMap<string, string>;

/** Class under which a run keeps the tags that it was told to call otherwise. */
const TAG_CLASS = 'idTag';

/**
 * How one side's tags are named for the comparison: those that its run called otherwise go back to the recorded ones, found without
 * regard to case; so do those of a recording whose counterpart did.
 */
export function tagNames(own: readonly Binding[], others: readonly Binding[]): TagNames {
  const names = new Map<string, string>();
  for (const { recorded } of tagsOf(others)) names.set(keyOf(recorded), recorded);
  for (const { recorded, live } of tagsOf(own)) names.set(keyOf(live), recorded);
  return names;
}

/** The payload with its tags named so. */
export function withTagNames(
  protocol: Protocol,
  message: { action: string; part: Part; payload: Json },
  names: TagNames,
): Json {
  let { payload } = message;
  for (const site of protocol.tagSites) {
    if (site.action !== message.action || site.part !== message.part) continue;
    for (const path of expand(payload, site.path)) {
      const tag = valueAt(payload, path);
      const name = tag === undefined ? undefined : names.get(keyOf(JSON.stringify(String(tag))));
      if (name !== undefined) payload = withValue(payload, path, JSON.parse(name));
    }
  }
  return payload;
}

function tagsOf(bindings: readonly Binding[]): Binding[] {
  return bindings.filter(({ idClass }) => idClass === TAG_CLASS);
}

/** Exact JSON text of a tag without its quotes and case. */
function keyOf(token: string): string {
  return (token.startsWith('"') ? String(JSON.parse(token)) : token).toLowerCase();
}
