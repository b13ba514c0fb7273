import { globPattern } from '../session/glob.ts';
import { AddressList, isBlock } from '../wire/address-list.ts';

/** Who may connect: globs of identities, and addresses or CIDR blocks, in any mixture. */
export interface AdmissionRules {
  allow: readonly string[];
  deny: readonly string[];
}

/** Decides who may connect; an identity is null for what names none (ordinary HTTP). */
export type Admission = (identity: string | null, address: string | null) => boolean;

/**
 * What `deny` names is refused. What `allow` names is admitted: an address in one of its blocks, if it has any, and an
 * identity that one of its globs matches, if it has any. Null when there are no rules.
 */
export function admissionOf({ allow, deny }: AdmissionRules): Admission | null {
  if (allow.length + deny.length === 0) return null;
  const allowed = namesIn(allow);
  const denied = namesIn(deny);
  return (identity, address) => {
    if (denied.addresses.has(address) || matches(denied.globs, identity)) return false;
    const isFromHere = !allowed.hasAddresses || allowed.addresses.has(address);
    return (
      isFromHere && (allowed.globs.length === 0 || identity === null || matches(allowed.globs, identity))
    );
  };
}

function namesIn(rules: readonly string[]) {
  const blocks = rules.filter(isBlock);
  const globs = rules.filter((rule) => !isBlock(rule)).map(globPattern);
  return { addresses: new AddressList(blocks), hasAddresses: blocks.length > 0, globs };
}

function matches(globs: readonly RegExp[], identity: string | null): boolean {
  return identity !== null && globs.some((glob) => glob.test(identity));
}
