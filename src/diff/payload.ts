import { isObject, type Json } from '../ocpp/json.ts';
import type { Part, Path, Protocol } from '../ocpp/protocol.ts';
import { isReordered, pairItems } from './array-items.ts';
import type { FindingKind } from './finding.ts';
import type { IdMap } from './id-map.ts';
import { idPlaceAt, isTimeAt, type Places, placesOf } from './places.ts';
import { compareTimes } from './time-difference.ts';
import { idShape, isBeyondInt32, typeOf } from './value-shape.ts';

/** What one place of two payloads differs in; an absent side is an absent key. */
export interface PayloadDifference {
  kind: Extract<
    FindingKind,
    | 'field-changed'
    | 'field-added'
    | 'field-removed'
    | 'type-changed'
    | 'format-changed'
    | 'array-order'
    | 'array-length'
    | 'beyond-int32'
    | 'id-unmapped'
  >;
  path: Path;
  baseline?: Json;
  candidate?: Json;
}

/** What may differ without being a difference. */
export type Variation = 'mapped id' | 'time' | 'expiry' | 'error text';

/** Outcome of comparing two payloads. */
export interface PayloadComparison {
  differences: PayloadDifference[];
  expected: Variation[];
  /** Places that name an id which the candidate never issued; they are not compared. */
  lostIds: number;
  /** Scalars of the baseline that were looked at. */
  fields: number;
}

/** What the comparison of a payload stands on. */
export interface Ground {
  protocol: Protocol;
  action: string;
  part: Part;
  ids: IdMap;
  /** When each side's frame was recorded, µs since the epoch. */
  baselineAtUs: number;
  candidateAtUs: number;
}

/**
 * Compares two payloads place by place (a null or missing one is `{}`): ids by the map, times by format and offset from their
 * receipt, everything else exactly.
 */
export function comparePayloads(baseline: Json, candidate: Json, ground: Ground): PayloadComparison {
  const walk = new Walk(ground);
  walk.compare([], baseline ?? {}, candidate ?? {});
  return walk.comparison;
}

/** One descent through two payloads. */
class Walk {
  readonly comparison: PayloadComparison = { differences: [], expected: [], lostIds: 0, fields: 0 };
  readonly #ground: Ground;
  readonly #places: Places;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#places = placesOf(ground.protocol, ground.action, ground.part);
  }

  compare(path: Path, baseline: Json | undefined, candidate: Json | undefined): void {
    if (baseline === undefined && candidate === undefined) return;
    const id = idPlaceAt(this.#places, path);
    const lost =
      id?.role === 'used' && baseline !== undefined && this.#ground.ids.isLost(id.idClass, baseline);
    if (lost) this.comparison.lostIds++;
    else if (baseline === undefined) this.#add({ kind: 'field-added', path, candidate: candidate! });
    else if (candidate === undefined) this.#add({ kind: 'field-removed', path, baseline });
    else if (id?.role === 'used') this.#compareUsedId(id.idClass, path, baseline, candidate);
    else if (typeOf(baseline) !== typeOf(candidate))
      this.#add({ kind: 'type-changed', path, baseline, candidate });
    else if (id?.role === 'issued') this.#compareIssuedId(path, baseline, candidate);
    else this.#compareAlike(path, baseline, candidate);
  }

  /** Two values of one JSON type. */
  #compareAlike(path: Path, baseline: Json, candidate: Json): void {
    if (isObject(baseline) && isObject(candidate)) {
      const keys = new Set([...Object.keys(baseline), ...Object.keys(candidate)]);
      for (const key of keys)
        this.compare([...path, key], ownMember(baseline, key), ownMember(candidate, key));
      return;
    }
    if (Array.isArray(baseline) && Array.isArray(candidate)) {
      this.#compareArrays(path, baseline, candidate);
      return;
    }
    this.comparison.fields++;
    if (baseline === candidate) return;
    if (typeof baseline === 'string' && typeof candidate === 'string' && isTimeAt(this.#places, path))
      this.#compareTimes(path, baseline, candidate);
    else if (isBeyondInt32(baseline) !== isBeyondInt32(candidate))
      this.#add({ kind: 'beyond-int32', path, baseline, candidate });
    else this.#add({ kind: 'field-changed', path, baseline, candidate });
  }

  #compareArrays(path: Path, baseline: Json[], candidate: Json[]): void {
    const { protocol, action, part } = this.#ground;
    const keyField = protocol.itemKey?.(action, part, path) ?? null;
    if (keyField === null && isReordered(baseline, candidate)) {
      this.#add({ kind: 'array-order', path, baseline, candidate });
      return;
    }
    let isComplete = true;
    for (const pair of pairItems(baseline, candidate, keyField)) {
      if (pair.baseline === undefined || pair.candidate === undefined) isComplete = false;
      else this.compare([...path, pair.baseline], baseline[pair.baseline], candidate[pair.candidate]);
    }
    if (!isComplete) this.#add({ kind: 'array-length', path, baseline, candidate });
  }

  #compareUsedId(idClass: string, path: Path, baseline: Json, candidate: Json): void {
    this.comparison.fields++;
    const outcome = this.#ground.ids.compare(idClass, baseline, candidate);
    if (outcome !== 'same') this.#add({ kind: outcome, path, baseline, candidate });
    else if (baseline !== candidate) this.comparison.expected.push('mapped id');
  }

  #compareIssuedId(path: Path, baseline: Json, candidate: Json): void {
    this.comparison.fields++;
    if (isBeyondInt32(baseline) !== isBeyondInt32(candidate))
      this.#add({ kind: 'beyond-int32', path, baseline, candidate });
    else if (idShape(baseline) !== idShape(candidate))
      this.#add({ kind: 'format-changed', path, baseline, candidate });
    else if (baseline !== candidate) this.comparison.expected.push('mapped id');
  }

  #compareTimes(path: Path, baseline: string, candidate: string): void {
    const { protocol, action, part, baselineAtUs, candidateAtUs } = this.#ground;
    const outcome = compareTimes(
      { text: baseline, atUs: baselineAtUs },
      { text: candidate, atUs: candidateAtUs },
      protocol.isExpiry(action, part, path),
    );
    if (outcome === 'time' || outcome === 'expiry') this.comparison.expected.push(outcome);
    else if (outcome !== 'same') this.#add({ kind: outcome, path, baseline, candidate });
  }

  #add(difference: PayloadDifference): void {
    this.comparison.differences.push(difference);
  }
}

function ownMember(object: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
