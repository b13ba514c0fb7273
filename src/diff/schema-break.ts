import type { Part, Protocol } from '../ocpp/protocol.ts';
import type { PayloadDifference } from './payload.ts';

/**
 * Whether a changed value is one that the schema does not allow there, where it allowed the baseline's. A field that is missing, new or
 * of another type is told as that, not as a break of the schema.
 */
export function breaksSchema(
  protocol: Protocol,
  action: string,
  part: Part,
  { kind, path, baseline, candidate }: PayloadDifference,
): boolean {
  if (kind !== 'field-changed' || baseline === undefined || candidate === undefined) return false;
  return protocol.allows(action, part, path, baseline) && !protocol.allows(action, part, path, candidate);
}
