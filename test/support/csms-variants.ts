import type { Behaviour } from './csms-behaviour.ts';
import { answer, field, idTagField, type Switch } from './csms-switch.ts';

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
];
