import type { Json } from '../ocpp/json.ts';

/** JSON type of a value; an integer beyond 2^53 is a number like any other. */
export function typeOf(value: Json): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint') return 'number';
  return typeof value as 'boolean' | 'number' | 'string' | 'object';
}

const MAX_INT32 = 2 ** 31 - 1;

/** Whether a value is an integer that a signed 32-bit one, which is what OCPP 1.6 means and many chargers have, cannot hold. */
export function isBeyondInt32(value: Json): boolean {
  if (typeof value === 'bigint') return value > MAX_INT32 || value < -MAX_INT32 - 1;
  return Number.isInteger(value) && (Number(value) > MAX_INT32 || Number(value) < -MAX_INT32 - 1);
}

/**
 * What kind of id a value is to a charger: many keep ids in a signed 32-bit integer, take 0 or a negative one for `none`, and have
 * no other numbers. Ids of one shape are as good as each other.
 */
export function idShape(value: Json): string {
  if (typeof value === 'string') return value === '' ? 'empty' : 'string';
  if (typeof value !== 'number' && typeof value !== 'bigint') return typeOf(value);
  if (value < 0) return 'negative';
  if (value === 0 || value === 0n) return 'zero';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'fraction';
  return isBeyondInt32(value) ? 'beyond 32 bits' : 'positive';
}
