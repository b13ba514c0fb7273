/** What the first bytes of a connection are: a TLS ClientHello, something else, or too few to tell. */
export type FirstBytes = { kind: 'hello'; serverName: string | null } | { kind: 'other' } | { kind: 'more' };

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const MAX_HELLO = 16 * 1024;
const MORE: FirstBytes = { kind: 'more' };
const OTHER: FirstBytes = { kind: 'other' };

/** Reads the server name (SNI) of a ClientHello, which may lie in several records (RFC 8446 §4.1.2, §5.1; RFC 6066 §3). */
export function readClientHello(bytes: Buffer): FirstBytes {
  const body = handshakeOf(bytes);
  if (body === null) return OTHER;
  if (body.length < 4) return bytes.length > MAX_HELLO ? OTHER : MORE;
  if (body[0] !== CLIENT_HELLO) return OTHER;
  const length = body.readUIntBE(1, 3);
  if (length > MAX_HELLO) return OTHER;
  if (body.length < 4 + length) return MORE;
  try {
    return { kind: 'hello', serverName: serverNameOf(body.subarray(4, 4 + length)) };
  } catch {
    return { kind: 'hello', serverName: null };
  }
}

/** The handshake bytes of the records so far; null when these are no TLS records. */
function handshakeOf(bytes: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== HANDSHAKE || (at + 1 < bytes.length && bytes[at + 1] !== 3)) return null;
    if (at + 5 > bytes.length) break;
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    parts.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** Reads past version, random, session id, cipher suites and compression to the extensions; throws a RangeError when cut short. */
function serverNameOf(hello: Buffer): string | null {
  let at = 34;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  if (at === hello.length) return null;
  const end = at + 2 + hello.readUInt16BE(at);
  at += 2;
  while (at < end) {
    const type = hello.readUInt16BE(at);
    const length = hello.readUInt16BE(at + 2);
    if (type === SERVER_NAME && length > 5 && hello.readUInt8(at + 6) === 0) {
      const name = hello.readUInt16BE(at + 7);
      return hello.toString('latin1', at + 9, at + 9 + name).toLowerCase();
    }
    at += 4 + length;
  }
  return null;
}
