import { ChargetapeError } from '../errors.ts';
import { isObject } from '../ocpp/json.ts';
import { csvRows, jsonObject } from './pairs-file.ts';
import { type Stint, type TagRecord, tagKey } from './tag-census.ts';

/** A tag that the system under test knows. */
export interface PooledTag {
  tag: string;
  /** What the CSMS says of it; `unknown` for one to stand for tags that the recorded CSMS never judged. */
  status: string;
  /** Its group; null for a tag without. */
  parent: string | null;
}

/** Outcome of a tag that the recorded CSMS never judged. */
const UNKNOWN = 'unknown';

/** Said of a tag that is in another transaction: no outcome of its own. */
const PASSING = 'concurrenttx';

/** A tag of the pool, and the recorded ones that it stands for. */
interface Place {
  pooled: PooledTag;
  stints: Stint[];
  sessions: Set<number>;
}

/** A recorded tag with its outcome. */
interface Wanted {
  record: TagRecord;
  status: string;
  parent: string | null;
}

/**
 * Gives each recorded tag one of the pool with the same outcome, and the tags of a parent tags of one parent, where the pool tells
 * parents. A pooled tag stands for several recorded ones only where no session names two of them and no transaction of one ran during one
 * of another. Tags that the recorded CSMS never judged keep their names when the pool has none for them. BAD_LIST when the pool does
 * not suffice, with what it lacks.
 */
export function assignTags(records: readonly TagRecord[], pool: readonly PooledTag[]): [string, string][] {
  const places = pool.map((pooled): Place => ({ pooled, stints: [], sessions: new Set() }));
  const hasGroups = pool.some(({ parent }) => parent !== null);
  const assigned = new Map<string, string>();
  const short = new Map<string, number>();
  for (const group of groupsOf(records.map(wantedOf), hasGroups)) {
    const placed = placeGroup(group, places, hasGroups);
    for (const { record, status } of placed === null ? group.tags : []) {
      if (record.isUsed && status !== UNKNOWN) short.set(status, (short.get(status) ?? 0) + 1);
    }
    for (const { tag, pooled } of placed ?? []) assigned.set(tag, pooled.tag);
    const parent = placed?.[0]?.pooled.parent ?? null;
    if (group.parent !== null && parent !== null) assigned.set(group.parent, parent);
  }
  refuseShortage(short);
  return [...assigned];
}

function wantedOf(record: TagRecord): Wanted {
  const lasting = record.verdicts.find(({ status }) => status.toLowerCase() !== PASSING);
  const parent = record.verdicts.find((verdict) => verdict.parent !== null)?.parent ?? null;
  const status = lasting?.status ?? (record.verdicts.length > 0 ? 'Accepted' : UNKNOWN);
  return { record, status, parent: parent === null ? null : tagKey(parent) };
}

/** Recorded tags that need tags of one parent; one without a parent is alone. */
interface Group {
  parent: string | null;
  tags: Wanted[];
}

/** The groups of these tags, large ones first. A tag that is a parent itself comes with its group. */
function groupsOf(wanted: readonly Wanted[], hasGroups: boolean): Group[] {
  const parents = new Set(wanted.map(({ parent }) => parent));
  const groups = new Map<string, Group>();
  for (const one of wanted) {
    const key = tagKey(one.record.tag);
    if (parents.has(key)) continue;
    const parent = hasGroups ? one.parent : null;
    const name = parent === null ? `tag ${key}` : `parent ${parent}`;
    const group = groups.get(name) ?? { parent, tags: [] };
    group.tags.push(one);
    groups.set(name, group);
  }
  return [...groups.values()].sort((a, b) => b.tags.length - a.tags.length);
}

/** A recorded tag and the one that stands for it. */
interface Placed {
  tag: string;
  pooled: PooledTag;
}

/** Places all tags of a group together, where the fewest others are; null when they have no place. */
function placeGroup(group: Group, places: readonly Place[], hasGroups: boolean): Placed[] | null {
  if (group.parent === null) {
    const alone = places.filter(({ pooled }) => pooled.parent === null);
    return placeOn(group.tags, alone) ?? (hasGroups ? placeOn(group.tags, places) : null);
  }
  const families = Map.groupBy(
    places.filter(({ pooled }) => pooled.parent !== null),
    ({ pooled }) => tagKey(pooled.parent ?? ''),
  );
  for (const family of [...families.values()].sort((a, b) => loadOf(a) - loadOf(b))) {
    if (family.some((place) => group.tags.some(({ record }) => clash(record, place)))) continue;
    const placed = placeOn(group.tags, family);
    if (placed) return placed;
  }
  return null;
}

function loadOf(places: readonly Place[]): number {
  return Math.max(...places.map(({ sessions }) => sessions.size));
}

function placeOn(tags: readonly Wanted[], places: readonly Place[]): Placed[] | null {
  const taken = new Map<Place, Wanted>();
  for (const one of tags) {
    const [best] = places
      .filter((place) => place.pooled.status.toLowerCase() === one.status.toLowerCase() && !taken.has(place))
      .filter((place) => !clash(one.record, place))
      .sort((a, b) => a.sessions.size - b.sessions.size);
    if (!best) return null;
    taken.set(best, one);
  }
  return [...taken].map(([place, { record }]) => {
    place.stints.push(...record.stints);
    for (const session of record.sessions) place.sessions.add(session);
    return { tag: tagKey(record.tag), pooled: place.pooled };
  });
}

/** Whether two tags cannot be one: a session tells them apart, or both were in a transaction at once. */
function clash(a: Pick<Place, 'stints' | 'sessions'>, b: Pick<Place, 'stints' | 'sessions'>): boolean {
  for (const session of a.sessions) if (b.sessions.has(session)) return true;
  return a.stints.some((one) => b.stints.some((other) => one.fromUs < other.toUs && other.fromUs < one.toUs));
}

function refuseShortage(short: ReadonlyMap<string, number>): void {
  if (short.size === 0) return;
  const lacking = [...short].map(([status, count]) => `${count} ${status}`).join(', ');
  throw new ChargetapeError(
    'BAD_LIST',
    `The pools of --idtags do not suffice; no tag is left for: ${lacking}.`,
  );
}

/**
 * Reads pools of tags: CSV with the header `tag,status` or `tag,status,parent`, or a JSON object of a list for each status, whose items
 * are tags or `{"tag", "parent"}`. Null for a text that is no such list. `file` names it in errors. BAD_LIST.
 */
export function parsePool(text: string, file: string): PooledTag[] | null {
  const pool = /^\s*\{/.test(text) ? jsonPool(text, file) : csvPool(text, file);
  const twice = pool?.find(
    ({ tag }, index) => pool.findIndex((one) => tagKey(one.tag) === tagKey(tag)) < index,
  );
  if (twice) throw new ChargetapeError('BAD_LIST', `${file} has the tag ${twice.tag} twice.`);
  return pool;
}

function csvPool(text: string, file: string): PooledTag[] | null {
  const [header, ...rows] = csvRows(text, file);
  const columns = header?.cells.map((cell) => cell.toLowerCase()).join(',');
  if (columns !== 'tag,status' && columns !== 'tag,status,parent') return null;
  return rows.map(({ cells: [tag = '', status = '', parent = ''], line }) => {
    if (tag !== '' && status !== '') return { tag, status, parent: parent === '' ? null : parent };
    throw new ChargetapeError('BAD_LIST', `Line ${line} of ${file} has no tag or no status.`);
  });
}

function jsonPool(text: string, file: string): PooledTag[] | null {
  const pools = Object.entries(jsonObject(text, file));
  if (!pools.some(([, tags]) => Array.isArray(tags))) return null;
  return pools.flatMap(([status, tags]) => {
    if (!Array.isArray(tags)) throw new ChargetapeError('BAD_LIST', `${file} has no list for ${status}.`);
    return tags.map((item) => {
      const tag = isObject(item) ? item.tag : item;
      const parent = isObject(item) ? (item.parent ?? null) : null;
      if (typeof tag === 'string' && (typeof parent === 'string' || parent === null))
        return { tag, status, parent };
      throw new ChargetapeError('BAD_LIST', `${file} has something under ${status} that is no tag.`);
    });
  });
}
