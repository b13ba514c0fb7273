import { beforeAll, describe, expect, it } from 'vitest';
import { REGRESSIONS } from './csms-regressions.ts';
import type { Expected } from './csms-switch.ts';
import { SWITCHES } from './csms-switches.ts';
import { HARMLESS } from './csms-variants.ts';
import { changedPlaces, DAY, type Facts, MORNING, observeBuild } from './observed-build.ts';

const CONNECTION = ['handshake-status', 'subprotocol', 'extensions', 'close'];

/** Where a charger sees the regression that this finding tells. */
function placeOf({ kind, caller, action, path }: Expected): string {
  if (CONNECTION.includes(kind) || kind === 'orphan-answer' || kind === 'id-reused') return kind;
  return kind === 'command-order' && action === 'ChangeConfiguration' ? kind : `${caller} ${action} ${path}`;
}

/** What a client library does not see or does not say: spellings, texts that it refuses, times, headers, pings; and a charger of another name. */
const UNSEEN = new Set([
  ...['status-payload-array', 'one-charger-blocked', 'authorize-status-twice', 'heartbeat-payload-null'],
  ...['heartbeat-time-microseconds', 'heartbeat-time-nanoseconds'],
  ...['transaction-id-fraction', 'list-version-constant', 'boot-slow', 'status-slow'],
  ...['authorize-other-id', 'authorize-cut', 'authorize-html', 'authorize-other-type'],
  ...['close-1000-after-stop', 'pings-begin', 'pongs-gone', 'cookie-set', 'content-length'],
  ...['transaction-id-gone', 'charging-profile-after-stop'],
  ...['local-list-reversed', 'independent-commands-swapped', 'expiry-in-an-hour', 'status-available-refused'],
  ...['meter-values-slow', 'heartbeat-fourth-element', 'heartbeat-binary', 'status-error-without-details'],
  ...['heartbeat-byte-order-mark', 'heartbeat-empty-text', 'stop-single-quotes', 'stop-trailing-comma'],
  ...['authorize-numeric-id', 'authorize-type-as-text', 'header-names-small', 'upgrade-value-case'],
  ...['list-version-without-payload', 'local-list-fifth-element'],
]);

/** Builds that are slow see no more than a morning. */
const SLOW = new Set(['latency', 'jitter', 'commands-later']);

const seen = (switches: readonly { name: string }[]): string[] =>
  switches.map(({ name }) => name).filter((name) => !UNSEEN.has(name));

describe('the test CSMS', () => {
  let base: Facts;
  beforeAll(async () => {
    base = await observeBuild([], DAY);
  });

  it('has enough regressions and harmless variants, each with a name of its own', () => {
    expect(REGRESSIONS.length).toBeGreaterThanOrEqual(24);
    expect(HARMLESS.length).toBeGreaterThanOrEqual(8);
    expect(SWITCHES.size).toBe(REGRESSIONS.length + HARMLESS.length + 1);
  });

  it('is the same twice', async () => {
    expect(changedPlaces(base, await observeBuild([], DAY))).toEqual([]);
  });

  it.each(seen(REGRESSIONS))('changes with %s what it says and no more', async (name) => {
    const one = SWITCHES.get(name)!;
    const places = changedPlaces(base, await observeBuild([name], DAY));
    const connectionOnly = one.expected.some(({ kind }) =>
      ['handshake-status', 'subprotocol'].includes(kind),
    );
    // A charger that ocpp-rpc's client plays never gets past such a handshake.
    const told = connectionOnly ? places.filter((place) => place === one.expected[0]?.kind) : places;
    const expected = one.expected.map(placeOf);
    const named = told.map((place) => expected.find((whole) => place.startsWith(`${whole}/`)) ?? place);
    expect([...new Set(named)]).toEqual(expected.sort());
  });

  it.each(seen(HARMLESS))('means the same with %s', async (name) => {
    const script = SLOW.has(name) ? MORNING : DAY;
    const unchanged = script === DAY ? base : await observeBuild([], script);
    expect(changedPlaces(unchanged, await observeBuild([name], script))).toEqual([]);
  });

  it('refuses a switch it does not know', async () => {
    await expect(observeBuild(['no-such-switch'], DAY)).rejects.toThrow('no switch no-such-switch');
  });
});
