import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/diff/finding.ts';
import { chargetape } from '../support/binary.ts';
import type { ChargerLog } from '../support/csms-judge.ts';
import { REGRESSIONS } from '../support/csms-regressions.ts';
import { expectedFindings, type Switch } from '../support/csms-switch.ts';
import { HARMLESS } from '../support/csms-variants.ts';
import { recordedOutstanding } from '../support/recorded-outstanding.ts';
import { startTestCsms } from '../support/test-csms.ts';

const captures = resolve(import.meta.dirname, '../../fixtures/captures');

/** Real chargers of seven authors, with whole transactions, reconnects, several connectors, pings and deflated frames. */
const SESSIONS = [
  'microocpp-sim__ocpp-rpc',
  'sap-simulator__mobilityhouse',
  'ocpp-go-cp__mobilityhouse',
  'open-ocpp-cp__ocpp-rpc',
  'solidstudio-vcp__ocpp-rpc',
  'mobilityhouse-cp__voltbras-cs',
  'ocpp-ws-io-client__mobilityhouse',
];

/** All of them take minutes: `npm run bench:diff` plays each, the test suite every third. */
const played = <T>(builds: readonly T[]): T[] =>
  builds.filter((_, place) => place % 3 === 0 || process.env.CHARGETAPE_ALL_BUILDS !== undefined);

/** A recording of those chargers at the base build of the test CSMS, and what that build saw of them. */
const work = mkdtempSync(join(tmpdir(), 'chargetape-regressions-'));
const baseline = join(work, 'baseline.db');
let observed: ChargerLog[] = [];

beforeAll(async () => {
  const captured = join(work, 'captured.db');
  const files = SESSIONS.map((name) => join(captures, `${name}.jsonl`));
  const imported = await chargetape(['import', ...files, '--out', captured]);
  expect(imported.code, imported.stderr).toBe(0);
  const csms = await startTestCsms({});
  const replayed = await chargetape([
    ...['replay', captured, '--target', csms.url, '--out', baseline],
    ...['--speed', 'max', '--wait', '3', '--no-diff', '--no-cleanup'],
  ]);
  expect(replayed.code, replayed.stdout + replayed.stderr).toBe(0);
  observed = csms.judgement();
  await csms.close();
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Replays the baseline against a build and returns what the binary says of it. */
async function judge(
  name: string,
  switches: string[],
  waitSeconds = 3,
): Promise<{ code: number | null; comparison: Comparison; log: ChargerLog[] }> {
  const csms = await startTestCsms({ switches });
  const run = join(work, `${name}.db`);
  const args = [
    'replay',
    baseline,
    '--target',
    csms.url,
    '--out',
    run,
    '--speed',
    'max',
    '--wait',
    String(waitSeconds),
    '--no-cleanup',
    '--json',
  ];
  const { code, stdout, stderr } = await chargetape(args);
  const log = csms.judgement();
  await csms.close();
  expect(stdout, stderr).not.toBe('');
  return { code, comparison: JSON.parse(stdout), log };
}

/** Whether a build answers late by seconds; on a busy machine its answers are waited for longer than those that never come. */
const isSlow = ({ expected }: Switch): boolean => expected.some(({ kind }) => kind === 'latency');

/** What each charger called, in order, by its session. */
const actions = (log: readonly ChargerLog[]) =>
  Object.fromEntries(log.map(({ session, calls }) => [session, calls.map(({ action }) => action)]));

/** What a finding is, apart from its wording. */
const facts = ({ kind, caller, action, path, count, sessions }: Comparison['findings'][number]) => ({
  ...{ kind, caller, action, path, count, sessions },
});

const sorted = <T>(findings: T[]): T[] =>
  findings.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

describe('a replay against the unchanged CSMS', () => {
  it.concurrent.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('finds nothing, time %i', async (round) => {
    const { code, comparison, log } = await judge(`unchanged-${round}`, []);
    expect(comparison.findings).toEqual([]);
    expect(comparison.verdict).toBe('same');
    expect(code).toBe(0);
    expect(log.flatMap((one) => one.violations)).toEqual([]);
    for (const one of log) expect(one.maxOutstanding).toBeLessThanOrEqual(recordedOutstanding(baseline));
    expect(actions(log)).toEqual(actions(observed));
  });
});

describe('a planted regression', () => {
  it.concurrent.each(played(REGRESSIONS).map((one) => [one.name, one] as const))(
    '%s is found as what it is, and nothing beside it',
    async (name, regression) => {
      const { code, comparison } = await judge(name, [name], isSlow(regression) ? 15 : 3);
      const expected = expectedFindings(regression, observed);
      expect(
        expected.reduce((sum, one) => sum + one.count, 0),
        'these sessions show this regression',
      ).toBeGreaterThan(0);
      expect(sorted(comparison.findings.map(facts))).toEqual(sorted(expected));
      expect(comparison.verdict).toBe(regression.incomplete ? 'incomplete' : 'different');
      expect(code).toBe(regression.incomplete ? 3 : 1);
    },
  );
});

describe('a harmless change', () => {
  it.concurrent.each(played(HARMLESS).map((one) => one.name))('%s is no finding', async (name) => {
    const { code, comparison } = await judge(name, [name]);
    expect(comparison.findings).toEqual([]);
    expect(code).toBe(0);
  });
});
