import { createHash } from 'node:crypto';
import type { Json } from '../ocpp/json.ts';
import type { Connection } from '../session/connection.ts';

/** A header of a response, its name as it was spelled. */
interface Header {
  name: string;
  value: string;
}

/** What differs in two answers to a handshake: one header's value, or (at the empty path) how names are spelled. */
export interface HeaderDifference {
  path: string[];
  baseline?: Json;
  candidate?: Json;
}

/** Headers that a charger may act on, or stumble over, in any answer to its handshake; others come and go with servers and proxies. */
const OF_ANY = [
  'connection',
  'upgrade',
  'sec-websocket-version',
  'retry-after',
  'www-authenticate',
  'location',
];

/** Headers that announce a body where none may be (RFC 9110 §8.6): after a 101 they break simple parsers. */
const OF_101 = ['content-length', 'transfer-encoding'];

/** Headers whose value is compared elsewhere or differs by nature; only how they are spelled counts. */
const NAMES_ONLY = ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'];

/** Appended to the key of a handshake before hashing (RFC 6455 §1.3). */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Compares the headers that matter to a charger in two answers of one status. */
export function compareHeaders(baseline: Connection, candidate: Connection): HeaderDifference[] {
  const [before, after] = [headersOf(baseline.responseHead), headersOf(candidate.responseHead)];
  if (before === null || after === null) return [];
  const compared = baseline.status === 101 ? [...OF_ANY, ...OF_101] : OF_ANY;
  return [
    ...compared.flatMap((name) => difference(name, before.get(name)?.value, after.get(name)?.value)),
    ...difference('set-cookie', cookiesOf(before), cookiesOf(after)),
    ...difference('sec-websocket-accept', acceptOf(baseline, before), acceptOf(candidate, after)),
    ...spelling(before, after, [...compared, ...NAMES_ONLY]),
  ];
}

function difference(
  name: string,
  baseline: Json | undefined,
  candidate: Json | undefined,
): HeaderDifference[] {
  if (baseline === candidate) return [];
  return [
    {
      path: [name],
      ...(baseline !== undefined && { baseline }),
      ...(candidate !== undefined && { candidate }),
    },
  ];
}

/** Headers of a head by their names in lower case; several of one name are joined. Null without a head. */
function headersOf(head: string | null): Map<string, Header> | null {
  if (head === null) return null;
  const headers = new Map<string, Header>();
  for (const line of head.split(/\r?\n/).slice(1)) {
    const [, name, value] = /^([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    const known = headers.get(key);
    headers.set(key, known === undefined ? { name, value } : { ...known, value: `${known.value}, ${value}` });
  }
  return headers;
}

/** Names of the cookies that a response sets: their values differ by nature. */
function cookiesOf(headers: ReadonlyMap<string, Header>): string | undefined {
  const names = headers.get('set-cookie')?.value.match(/(?<=^|, )[^=;,\s]+(?==)/g);
  return names?.sort().join(', ');
}

/** Whether the accept header is the one that the charger's key asks for (RFC 6455 §4.2.2); undefined when there is no telling. */
function acceptOf(
  { status, requestHead }: Connection,
  headers: ReadonlyMap<string, Header>,
): Json | undefined {
  const key = headersOf(requestHead)?.get('sec-websocket-key')?.value;
  if (status !== 101 || key === undefined) return undefined;
  const wanted = createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64');
  return headers.get('sec-websocket-accept')?.value === wanted ? 'right' : 'wrong';
}

/** Names that both sides have and spell otherwise; one difference for all of them. */
function spelling(
  before: ReadonlyMap<string, Header>,
  after: ReadonlyMap<string, Header>,
  names: readonly string[],
): HeaderDifference[] {
  const other = names.filter((name) => {
    const [left, right] = [before.get(name)?.name, after.get(name)?.name];
    return left !== undefined && right !== undefined && left !== right;
  });
  if (other.length === 0) return [];
  const spelled = (headers: ReadonlyMap<string, Header>) =>
    other.map((name) => headers.get(name)!.name).join(', ');
  return [{ path: [], baseline: spelled(before), candidate: spelled(after) }];
}
