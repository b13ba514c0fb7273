import { createHash } from 'node:crypto';
import { globPattern } from '../session/glob.ts';

/** Decides whose connections are put on record. */
export type RecordOnly = (identity: string) => boolean;

/** A part of the fleet, and always the same: a charger is in it by its identity alone, on every recorder and after every restart. */
const PERCENTAGE = /^(\d{1,3}(?:\.\d+)?)%$/;

/** Whether a text means to be a percentage. */
export function isPercentage(text: string): boolean {
  return PERCENTAGE.test(text) && Number.parseFloat(text) <= 100;
}

/** On record is who matches one of these: a glob of identities, or a percentage such as `10%`. Null when there are none. */
export function recordOnlyOf(rules: readonly string[]): RecordOnly | null {
  if (rules.length === 0) return null;
  const globs = rules.filter((rule) => !isPercentage(rule)).map(globPattern);
  const share = Math.max(0, ...rules.filter(isPercentage).map((rule) => Number.parseFloat(rule) / 100));
  return (identity) => globs.some((glob) => glob.test(identity)) || shareOf(identity) < share;
}

/** Where an identity stands among all, from 0 to below 1, as its hash says. */
function shareOf(identity: string): number {
  return createHash('sha256').update(identity).digest().readUIntBE(0, 6) / 2 ** 48;
}
