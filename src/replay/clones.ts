import type { Session } from '../session/recording.ts';
import type { StagingMap } from './staging-map.ts';

/** Which part of a run is played here: every `of`-th player, from the `index`-th (from 1). */
export interface Shard {
  index: number;
  of: number;
}

/** Whether the player at this place (from 0) belongs to the shard. */
export function isInShard(place: number, { index, of }: Shard): boolean {
  return place % of === index - 1;
}

/** A shard as it is written, and kept with its run; null for a whole run. */
export function shardName(shard: Shard | undefined): string | null {
  return shard ? `${shard.index}/${shard.of}` : null;
}

/** Golden ratio: its multiples fall evenly between 0 and 1, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Clones arrive so when nothing is said of it. */
const USUAL: Arrivals = { withinUs: 60_000_000, afterShare: 0 };

/**
 * How clones arrive, in the time of the recording: all of them over so long, µs; so many chargers each second; or anywhere within so long, µs,
 * once this share of the recording is over.
 */
export type Arrivals = { overUs: number } | { perSecond: number } | { withinUs: number; afterShare: number };

/** What the arrival of a clone depends on beside its number. */
export interface ArrivalGround {
  sessions: number;
  clones: number;
  /** From the first to the last event of the recording, µs. */
  spanUs: number;
  /** Anywhere in a minute when not given. */
  arrivals?: Arrivals;
}

/** How much later than its original a clone does everything, µs of the recording; the same for the same clone. */
export function phaseOf(
  clone: number,
  { sessions, clones, spanUs, arrivals = USUAL }: ArrivalGround,
): number {
  if ('withinUs' in arrivals) {
    const fromUs = clone === 0 ? 0 : spanUs * arrivals.afterShare;
    const withinUs = Math.min(arrivals.withinUs, spanUs * (1 - arrivals.afterShare));
    return Math.round(fromUs + ((clone * GOLDEN) % 1) * withinUs);
  }
  const apartUs = 'overUs' in arrivals ? arrivals.overUs / clones : (sessions / arrivals.perSecond) * 1e6;
  return Math.round(clone * apartUs);
}

/** The name of a clone's session in the run; the original (0) keeps its own. */
export function cloneOf(session: Session, clone: number): Session {
  return clone === 0 ? session : { ...session, identity: named(session.identity, clone) };
}

/**
 * How a clone calls things: identity, serials and message ids of its own, and tags of its own, so that many may play one recording at once. Digits
 * are turned, each by another number, so that what was different stays different and lengths stay.
 */
export function cloneMap(original: StagingMap, clone: number): StagingMap {
  if (clone === 0) return original;
  const own = (text: string) => turned(text, clone);
  return {
    identity: (recorded) => named(original.identity(recorded), clone),
    tag: (recorded) => ownTag(original.tag(recorded) ?? recorded, clone),
    messageId: own,
  };
}

function named(identity: string, clone: number): string {
  return `${identity}~${clone}`;
}

/** A tag without digits gets the clone's number at its end; 20 characters are all that a tag may have (OCPP 1.6 §7.28). */
function ownTag(tag: string, clone: number): string {
  return /\d/.test(tag) ? turned(tag, clone) : tag.slice(0, 20 - String(clone).length) + clone;
}

function turned(text: string, clone: number): string {
  let at = 0;
  return text.replace(/\d/g, (digit) => String((Number(digit) + turnOf(clone, at++)) % 10));
}

/** By how much a clone turns its digit at this place: the digits of its number, over and over. */
function turnOf(clone: number, at: number): number {
  const digits = String(clone);
  return Number(digits[at % digits.length]);
}
