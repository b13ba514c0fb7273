/** Who a connection's charger is: its identity, and the path before it. Together the key of its session. */
export interface Identity {
  identity: string;
  endpoint: string;
}

/**
 * Reads the identity from a request target as sent (latin1; OCPP-J 1.6 §3.1.1): the last non-empty path segment, percent-decoded. Empty
 * segments and the query do not count; an absolute URI is read by its path; a bad escape leaves the segment raw. Without any
 * segment it is the Basic user name, else `(none)@address`.
 */
export function identityOf(target: string, basicUser: string | null, address: string | null): Identity {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*/s, '');
  const segments = path.split('/').filter((segment) => segment !== '');
  const last = segments.pop();
  const endpoint = segments.map((segment) => `/${segment}`).join('');
  if (last !== undefined) return { identity: decodeSegment(last), endpoint };
  return { identity: basicUser || `(none)@${address ?? ''}`, endpoint };
}

/** User name of a Basic Authorization value (RFC 7617 §2), up to its first colon; null for another scheme or none. */
export function basicUserOf(authorization: string | null): string | null {
  const credentials = /^\s*basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(authorization ?? '')?.[1];
  if (credentials === undefined) return null;
  const [user] = Buffer.from(credentials, 'base64').toString('latin1').split(':');
  return user ? asUtf8(user) : null;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(asUtf8(segment));
  } catch {
    return asUtf8(segment);
  }
}

/** Latin1 text whose bytes are valid UTF-8 read as such; any other stays latin1. */
function asUtf8(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? latin1 : text;
}
