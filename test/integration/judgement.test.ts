import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/diff/finding.ts';
import { chargetape, type Finished } from '../support/binary.ts';
import { STAGING_PLACES } from '../support/csms-environment.ts';
import { startTestCsms } from '../support/test-csms.ts';

const captures = resolve(import.meta.dirname, '../../fixtures/captures');

/** A real charger at the base build of the test CSMS, and at builds that answer otherwise. */
const work = mkdtempSync(join(tmpdir(), 'chargetape-judgement-'));
const at = (name: string): string => join(work, name);
const [baseline, slower, blocked, rules] = ['base.db', 'slower.db', 'blocked.db', 'rules.yaml'].map(at) as [
  string,
  string,
  string,
  string,
];
const PACE = ['--speed', 'max', '--wait', '3'];

beforeAll(async () => {
  const captured = at('captured.db');
  await chargetape(['import', join(captures, 'sap-simulator__ocpp-rpc.jsonl'), '--out', captured]);
  await replay(captured, baseline, []);
  await replay(baseline, slower, ['boot-interval']);
  await replay(baseline, blocked, ['boot-interval', 'authorize-blocked']);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

async function replay(recording: string, out: string, switches: string[]): Promise<void> {
  const csms = await startTestCsms({ switches });
  const args = ['replay', recording, '--target', csms.url, '--out', out, '--no-diff', ...PACE];
  const { code, stderr } = await chargetape(args);
  await csms.close();
  expect(code, stderr).toBe(0);
}

const diff = (candidate: string, ...more: string[]): Promise<Finished> =>
  chargetape(['diff', baseline, candidate, '--json', ...more]);
const told = ({ stdout }: Finished): Comparison => JSON.parse(stdout);
const statuses = (finished: Finished): string[] =>
  told(finished).findings.map(({ action, path, status }) => `${action} ${path} ${status}`);

describe('chargetape diff --noise', () => {
  it('does not let decide what another run of the same build shows too', async () => {
    const finished = await diff(slower, '--noise', slower);
    expect(statuses(finished)).toEqual(['BootNotification /interval noise']);
    expect(finished.code).toBe(0);
    const { stdout } = await chargetape(['diff', baseline, slower, '--noise', slower, '--plain']);
    expect(stdout).toMatch(/^A\/A: 2 of \d+ exchanges differ in 1 run of the baseline's build$/m);
  });

  it('exits 1 for what it does not show', async () => {
    const finished = await diff(blocked, '--noise', slower);
    expect(statuses(finished)).toEqual([
      'Authorize /idTagInfo/status new',
      'BootNotification /interval noise',
    ]);
    expect(finished.code).toBe(1);
  });
});

describe('chargetape accept', () => {
  it('writes what diff --rules then takes as accepted, until it is rejected', async () => {
    const comparison = at('comparison.json');
    const first = await diff(blocked, '--output', `json=${comparison}`);
    expect(first.code).toBe(1);
    const [status, interval] = told(first).findings.map(({ id }) => id) as [string, string];
    const accept = (...ids: string[]) =>
      chargetape(['accept', ...ids, '--from', comparison, '--reason', 'on purpose', '--rules', rules]);
    const both = await accept(status, interval);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining(`${status} is high`)]);
    expect(existsSync(rules)).toBe(false);
    const preview = await accept(interval, '--preview');
    expect(preview.stdout).toContain(`would accept ${interval}, 2 times in 1 session: `);
    expect(preview.stdout).toMatch(/^would accept 1 of 2 findings, 0 of them high$/m);
    const place = await chargetape([
      ...['accept', '--from', comparison, '--reason', 'by place', '--rules', rules, '--preview'],
      ...['--action', 'Authorize', '--path', '/idTagInfo/status'],
    ]);
    expect(place.stdout).toBe('would accept 0 of 2 findings, 0 of them high\n');
    expect(existsSync(rules)).toBe(false);
    const one = await accept(status.slice(0, 6));
    expect([one.code, one.stdout]).toEqual([
      0,
      expect.stringContaining(`accepted ${status}, 4 times in 1 session: `),
    ]);
    expect(readFileSync(rules, 'utf8')).toMatch(/reason: on purpose\n(.*\n)* +builds: ws:.* -> ws:/);
    expect((await diff(blocked, '--rules', rules)).code).toBe(1);
    await accept(interval);
    const accepted = await diff(blocked, '--rules', rules, '--strict-rules');
    expect(statuses(accepted)).toEqual([
      'Authorize /idTagInfo/status accepted',
      'BootNotification /interval accepted',
    ]);
    expect([accepted.code, told(accepted).verdict]).toEqual([0, 'same']);
    expect((await diff(slower, '--rules', rules)).code).toBe(0);
    expect((await diff(slower, '--rules', rules, '--strict-rules')).code).toBe(1);
    expect((await chargetape(['reject', interval, '--rules', rules])).code).toBe(0);
    expect((await diff(slower, '--rules', rules)).code).toBe(1);
    expect((await chargetape(['reject', interval, '--rules', rules])).stderr).toContain('NO_SUCH_FINDING');
  });

  it('has nothing to do with rules in a form that is not understood', async () => {
    const wrong = at('wrong.yaml');
    writeFileSync(wrong, 'accepted: [{ action: Authorize, path: idTagInfo.status, reason: r }]');
    const finished = await diff(blocked, '--rules', wrong);
    expect([finished.code, finished.stdout]).toEqual([2, '']);
    expect(finished.stderr).toMatch(/^error BAD_RULES: .*accepted 1: "idTagInfo.status" is no path/);
    expect((await diff(blocked, '--rules', at('none.yaml'))).stderr).toContain('NO_SUCH_FILE');
    expect((await diff(blocked, '--strict-rules')).stderr).toContain('USAGE');
  });
});

describe('chargetape replay --against', () => {
  const both = async (oldSwitches: string[], newSwitches: string[], out: string): Promise<Finished> => {
    const old = await startTestCsms({ switches: oldSwitches });
    const next = await startTestCsms({ switches: newSwitches });
    const targets = ['--target', next.url, '--against', old.url];
    const finished = await chargetape(['replay', baseline, ...targets, '--out', out, '--json', ...PACE]);
    await Promise.all([old.close(), next.close()]);
    return finished;
  };
  const classed = (finished: Finished): string[] =>
    told(finished).findings.map(({ class: build, action, path }) => `${build} ${action} ${path}`);

  it('exits 0 when both builds differ from the recording alike, in 200 places', async () => {
    const finished = await both(['staging'], ['staging'], at('alike.db'));
    expect(told(finished).summary.classes).toEqual({ new: 0, environment: STAGING_PLACES, fixed: 0 });
    expect(STAGING_PLACES).toBe(200);
    expect(finished.code, finished.stderr).toBe(0);
  });

  it('exits 1 for the three things that only the new build does, where the old one differs from the recording too or not', async () => {
    const out = at('new.db');
    const changes = ['authorize-blocked', 'charging-limit', 'boot-interval-zero'];
    const finished = await both(['staging'], ['staging', ...changes], out);
    expect(finished.code, finished.stderr).toBe(1);
    expect(classed(finished).filter((one) => one.startsWith('new '))).toEqual([
      'new Authorize /idTagInfo/status',
      'new SetChargingProfile /csChargingProfiles/chargingSchedule/chargingSchedulePeriod/0/limit',
      'new BootNotification /interval',
    ]);
    expect(told(finished).summary.classes).toEqual({ new: 3, environment: STAGING_PLACES - 1, fixed: 0 });
    const again = await diff(out, '--against', at('new-against.db'));
    expect([again.code, classed(again)]).toEqual([1, classed(finished)]);
  });

  it('tells what only the old build did as fixed, which does not decide', async () => {
    const finished = await both(['boot-interval', 'heartbeat-error'], ['boot-interval'], at('fixed.db'));
    expect(told(finished).summary.classes).toEqual({ new: 0, environment: 1, fixed: 1 });
    expect(finished.code, finished.stderr).toBe(0);
  });
});
