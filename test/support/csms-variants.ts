import { randomBytes, randomUUID } from 'node:crypto';
import type { Behaviour } from './csms-behaviour.ts';
import {
  answer,
  command,
  delayed,
  field,
  idTagField,
  reactions,
  result,
  type Switch,
} from './csms-switch.ts';

const variant = (name: string, change: (base: Behaviour) => Partial<Behaviour>): Switch => ({
  name,
  change,
  expected: [],
});

/** The same value with the keys of every object in reverse. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, reversed(one)] as const);
  return Object.fromEntries(entries.reverse());
}

/** Writes every message another way that means the same. */
const written = (write: (message: unknown[]) => string) => (): Partial<Behaviour> => ({
  texts: ({ message }) => [write(message)],
});

const NEXT_YEAR_MS = 31_536_000_000;

function descendingIds(): (old: unknown) => number {
  let next = 2_000_000_000;
  return () => next--;
}

/** Every character of every text as an escape. */
function escaped(text: string): string {
  return text.replace(/"(?:[^"\\])*"/g, (one) => {
    const codes = [...one.slice(1, -1)].map(
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    return `"${codes.join('')}"`;
  });
}

/** The same value with the keys of every object in the order of the alphabet. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, sorted(one)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Transaction ids that each charger gets from 1, so that two chargers have the same. */
function idsOfEach(): (base: Behaviour) => Partial<Behaviour> {
  const next = new Map<string, number>();
  return result('StartTransaction', (old, { identity }) => {
    const transactionId = (next.get(identity) ?? 0) + 1;
    next.set(identity, transactionId);
    return { ...old, transactionId };
  });
}

function countedIds(): () => string {
  let next = 0;
  return () => String(++next);
}

function prefixedIds(): () => string {
  const next = countedIds();
  return () => `csms:command/${next()}`;
}

/** What a new build may do without anyone minding: no finding may come of these. */
export const HARMLESS: readonly Switch[] = [
  variant(
    'key-order',
    written((message) => JSON.stringify(reversed(message))),
  ),
  variant(
    'white-space',
    written((message) => JSON.stringify(message, null, 2)),
  ),
  variant(
    'escapes',
    written((message) =>
      JSON.stringify(message).replace(/"[^"\\]*"/g, (string) => string.replaceAll('a', '\\u0061')),
    ),
  ),
  variant(
    'number-spelling',
    written((message) => JSON.stringify(message).replace(/"(interval|limit)":(\d+)/g, '"$1":$2.0')),
  ),
  variant(
    'other-expiry',
    idTagField('Authorize', 'expiryDate', () => new Date(Date.now() + NEXT_YEAR_MS).toISOString()),
  ),
  variant('jitter', () => ({ delayMs: () => 50 + Math.random() * 150 })),
  variant('latency', () => ({ delayMs: () => 250 })),
  variant('message-ids', () => ({ commandId: countedIds() })),
  variant('transaction-ids-descending', field('StartTransaction', 'transactionId', descendingIds())),
  variant(
    'error-description',
    answer('StatusNotification', (old) =>
      'errorCode' in old ? { ...old, description: 'unknown connector' } : old,
    ),
  ),
  variant(
    'slashes',
    written((message) => JSON.stringify(message).replaceAll('/', '\\/')),
  ),
  variant(
    'tabs',
    written((message) => JSON.stringify(message, null, '\t')),
  ),
  variant(
    'windows-lines',
    written((message) => JSON.stringify(message, null, 2).replaceAll('\n', '\r\n')),
  ),
  variant(
    'last-line-break',
    written((message) => `${JSON.stringify(message)}\n`),
  ),
  variant(
    'leading-space',
    written((message) => ` ${JSON.stringify(message)}`),
  ),
  variant(
    'exponents',
    written((message) =>
      JSON.stringify(message).replace(
        /"(interval|limit)":(\d+)/g,
        (_, name, number) => `"${name}":${Number(number).toExponential()}`,
      ),
    ),
  ),
  variant('message-ids-with-prefix', () => ({ commandId: prefixedIds() })),
  variant(
    'transaction-ids-random',
    field('StartTransaction', 'transactionId', () => 1 + Math.floor(Math.random() * 2_000_000_000)),
  ),
  variant(
    'error-without-description',
    answer('StatusNotification', (old) => ('errorCode' in old ? { ...old, description: '' } : old)),
  ),
  variant(
    'expiry-tomorrow',
    idTagField('Authorize', 'expiryDate', () => new Date(Date.now() + 86_400_000).toISOString()),
  ),
  variant(
    'error-code-spelling',
    answer('StatusNotification', (old) =>
      'errorCode' in old ? { ...old, errorCode: 'OccurrenceConstraintViolation' } : old,
    ),
  ),
  variant(
    'error-details',
    written((message) =>
      JSON.stringify(message[0] === 4 ? [...message.slice(0, 4), { connector: 2 }] : message),
    ),
  ),
  variant(
    'independent-commands-swapped',
    reactions('StatusNotification', (all) => all.toReversed()),
  ),
  variant(
    'local-list-reversed',
    command('SendLocalList', (old) => ({
      ...old,
      localAuthorizationList: (old.localAuthorizationList as unknown[]).toReversed(),
    })),
  ),
  variant('headers-of-a-framework', () => ({
    headers: [
      'X-Powered-By: Express',
      `Date: ${new Date().toUTCString()}`,
      'Cache-Control: no-cache',
      'Via: 1.1 lb',
    ],
  })),
  variant('commands-later', () => ({ delayMs: ({ message }) => (message[0] === 2 ? 200 : 0) })),
  variant('stop-latency', delayed('StopTransaction', 300)),
  variant(
    'clock-two-seconds-off',
    field('Heartbeat', 'currentTime', (old) => new Date(Date.parse(String(old)) + 2_000).toISOString()),
  ),
  variant(
    'expiry-in-ten-years',
    idTagField('StartTransaction', 'expiryDate', () =>
      new Date(Date.now() + 10 * NEXT_YEAR_MS).toISOString(),
    ),
  ),
  variant('message-ids-long', () => ({ commandId: () => randomBytes(18).toString('hex') })),
  variant(
    'trailing-zeros',
    written((message) => JSON.stringify(message).replace(/"limit":(\d+)/g, '"limit":$1.000')),
  ),
  variant('list-versions-from-one', (base) => {
    const next = new Map<string, number>();
    return {
      reactions: (call, given) =>
        base.reactions(call, given).map((one) => {
          if (one.action !== 'SendLocalList') return one;
          const listVersion = (next.get(call.identity) ?? 0) + 1;
          next.set(call.identity, listVersion);
          return { ...one, payload: { ...one.payload, listVersion } };
        }),
    };
  }),
  variant(
    'everything-escaped',
    written((message) => escaped(JSON.stringify(message))),
  ),
  variant(
    'keys-sorted',
    written((message) => JSON.stringify(sorted(message))),
  ),
  variant(
    'exponents-large',
    written((message) => JSON.stringify(message).replace(/"(interval|limit)":(\d+)/g, '"$1":$2E+0')),
  ),
  variant(
    'space-around-everything',
    written((message) => `\r\n\t ${JSON.stringify(message, null, '\t\t').replaceAll('\n', ' \r\n')} \r\n`),
  ),
  variant('fragmented', () => ({ fragments: 3 })),
  variant('handshake-slow', () => ({ handshakeMs: 300 })),
  variant('transaction-ids-of-each-charger', idsOfEach()),
  variant('message-ids-odd', () => {
    const next = countedIds();
    return { commandId: () => `"\\/ é ${next()}` };
  }),
  variant('message-ids-in-capitals', () => ({ commandId: () => randomUUID().toUpperCase() })),
  variant(
    'expiry-in-an-hour',
    idTagField('Authorize', 'expiryDate', () => new Date(Date.now() + 3_600_000).toISOString()),
  ),
  variant(
    'expiry-of-transactions-next-year',
    idTagField('StartTransaction', 'expiryDate', () => new Date(Date.now() + NEXT_YEAR_MS).toISOString()),
  ),
  variant(
    'clock-two-seconds-behind',
    field('BootNotification', 'currentTime', (old) =>
      new Date(Date.parse(String(old)) - 2_000).toISOString(),
    ),
  ),
  variant(
    'clock-jitter',
    field('Heartbeat', 'currentTime', (old) =>
      new Date(Date.parse(String(old)) + Math.round(2_000 * Math.random()) - 1_000).toISOString(),
    ),
  ),
  variant(
    'error-in-another-language',
    answer('StatusNotification', (old) =>
      'errorCode' in old ? { ...old, description: 'unbekannter Anschluß 充电桩 🔌' } : old,
    ),
  ),
  variant(
    'error-details-many',
    written((message) =>
      JSON.stringify(
        message[0] === 4 ? [...message.slice(0, 4), { trace: ['a', 'b'], at: Date.now() }] : message,
      ),
    ),
  ),
  variant('headers-in-another-order', () => ({
    head: ([first, ...lines]) => [String(first), ...lines.toReversed()],
  })),
  variant('headers-of-a-proxy', () => ({
    headers: [
      'Server: envoy',
      'X-Request-Id: 7f3a',
      'Strict-Transport-Security: max-age=31536000',
      'X-Envoy-Upstream-Service-Time: 3',
    ],
  })),
  variant(
    'independent-commands-turned',
    reactions('StatusNotification', (all) => [...all.slice(1), ...all.slice(0, 1)]),
  ),
  variant(
    'local-list-item-keys-turned',
    command('SendLocalList', (old) => ({
      ...old,
      localAuthorizationList: (old.localAuthorizationList as object[]).map(reversed),
    })),
  ),
  variant('hiccups', () => {
    let sent = 0;
    return { delayMs: () => (++sent % 40 === 0 ? 900 : 0) };
  }),
  variant('commands-jitter', () => ({
    delayMs: ({ message }) => (message[0] === 2 ? Math.random() * 300 : 0),
  })),
  variant('authorize-latency', delayed('Authorize', 400)),
];
