import type { Json } from '../ocpp/json.ts';
import type { FindingKind } from './finding.ts';
import type { Expectation } from './rule.ts';
import type { Occurrence } from './tally.ts';
import { idShape } from './value-shape.ts';

/** Kinds that are about one place of a payload. */
const OF_A_PLACE: ReadonlySet<FindingKind> = new Set([
  'field-changed',
  'field-added',
  'field-removed',
  'type-changed',
  'format-changed',
  'array-order',
  'array-length',
  'beyond-int32',
  'duplicate-key',
  'id-unmapped',
  'command-changed',
  'call-changed',
  'reply-changed',
  'schema',
]);

/** Whether a difference at the place of an expectation is one that it allows. */
export function isWithin({ type, within }: Expectation, { kind, baseline, candidate }: Occurrence): boolean {
  if (!OF_A_PLACE.has(kind)) return false;
  if (type === 'ignore') return true;
  if (baseline === undefined || candidate === undefined) return false;
  if (kind !== 'field-changed' && kind !== 'command-changed') return false;
  if (type === 'time') return isTime(baseline) && isTime(candidate);
  if (type === 'id') return isId(baseline) && idShape(baseline) === idShape(candidate);
  return Math.abs(numberOf(baseline) - numberOf(candidate)) <= within;
}

function isTime(value: Json): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));
}

function isId(value: Json): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

/** A number, or a text that is one; else not a number, which is within no distance. */
function numberOf(value: Json): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}
