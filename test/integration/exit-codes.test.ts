import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/diff/finding.ts';
import { chargetape, type Finished } from '../support/binary.ts';
import { startTestCsms } from '../support/test-csms.ts';

const captures = resolve(import.meta.dirname, '../../fixtures/captures');
const work = mkdtempSync(join(tmpdir(), 'chargetape-exit-codes-'));
const at = (name: string): string => join(work, name);
const baseline = at('base.db');

/** Several changes, grave and not, in answers, commands and connections. */
const CHANGES = [
  'authorize-blocked',
  'boot-interval',
  'charging-limit',
  'heartbeat-time-seconds',
  'cookie-set',
];

/** Two real chargers at the base build of the test CSMS, and at builds of which one refuses the second connection. */
beforeAll(async () => {
  const files = ['microocpp-sim__ocpp-rpc', 'sap-simulator__mobilityhouse'].map((name) =>
    join(captures, `${name}.jsonl`),
  );
  await chargetape(['import', ...files, '--out', at('captured.db')]);
  await replay(at('captured.db'), baseline, [], 0);
  await Promise.all([
    replay(baseline, at('same.db'), [], 0),
    replay(baseline, at('changed.db'), CHANGES, 0),
    replay(baseline, at('more.db'), [...CHANGES, 'start-blocked'], 0),
    replay(baseline, at('refused.db'), ['second-connection-refused', 'boot-interval'], 3),
  ]);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

async function replay(recording: string, out: string, switches: string[], code: number): Promise<void> {
  const csms = await startTestCsms({ switches });
  const pace = ['--speed', 'max', '--wait', '3', '--no-diff'];
  const finished = await chargetape(['replay', recording, '--target', csms.url, '--out', out, ...pace]);
  await csms.close();
  expect(finished.code, finished.stdout + finished.stderr).toBe(code);
}

const diff = (candidate: string, ...more: string[]): Promise<Finished> =>
  chargetape(['diff', baseline, at(candidate), '--json', ...more]);
const told = ({ stdout }: Finished): Comparison => JSON.parse(stdout);

/** A rules file that accepts, one after the other, all findings of a comparison. */
async function acceptAll(comparison: Comparison, rules: string): Promise<void> {
  const from = `${rules}.json`;
  writeFileSync(from, JSON.stringify(comparison));
  const accept = async (...ids: string[]) => {
    const args = ['accept', ...ids, '--from', from, '--reason', 'all', '--rules', rules];
    expect((await chargetape(args)).code).toBe(0);
  };
  const high = comparison.findings.filter(({ severity }) => severity === 'high');
  for (const { id } of high) await accept(id);
  await accept(...comparison.findings.filter((one) => !high.includes(one)).map(({ id }) => id));
}

describe('accepting all findings', () => {
  it('gives exit 0, and accepts nothing else', async () => {
    const rules = at('all.yaml');
    const first = await diff('changed.db');
    expect(first.code).toBe(1);
    expect(new Set(told(first).findings.map(({ severity }) => severity)).size).toBeGreaterThan(1);
    await acceptAll(told(first), rules);
    const accepted = await diff('changed.db', '--rules', rules, '--strict-rules');
    expect([accepted.code, told(accepted).verdict]).toEqual([0, 'same']);
    expect(told(accepted).findings.map(({ id, status }) => [id, status])).toEqual(
      told(first).findings.map(({ id }) => [id, 'accepted']),
    );
    const other = await diff('more.db', '--rules', rules);
    const left = told(other).findings.filter(({ status }) => status === 'new');
    expect(left.map(({ action, path }) => `${action} ${path}`)).toEqual([
      'StartTransaction /idTagInfo/status',
    ]);
    expect(other.code).toBe(1);
  });
});

describe('the exit code', () => {
  const unused = at('unused.yaml');
  beforeAll(() => {
    writeFileSync(unused, 'expected: [{ type: ignore, action: Reset, path: /type, reason: none }]');
  });

  it.concurrent.each([
    ['0: nothing differs', 'same.db', [], 0],
    ['1: something differs that no noise excuses', 'changed.db', ['--noise', at('changed.db')], 1],
    ['0: all that differs is of the environment', 'changed.db', ['--against', at('changed.db')], 0],
    ['1: something differs', 'changed.db', [], 1],
    ['1: a rule is unused, under --strict-rules', 'same.db', ['--rules', unused, '--strict-rules'], 1],
    ['0: a rule is unused', 'same.db', ['--rules', unused], 0],
    ['3: a session is incomplete, which wins over the findings', 'refused.db', [], 3],
    ['3: also over strict rules', 'refused.db', ['--rules', unused, '--strict-rules'], 3],
    ['3: also with an old build that has it too', 'refused.db', ['--against', at('refused.db')], 3],
    ['3: the old build is incomplete', 'same.db', ['--against', at('refused.db')], 3],
    ['2: strict without rules, which wins over all', 'refused.db', ['--strict-rules'], 2],
    ['2: rules that are not there', 'refused.db', ['--rules', at('none.yaml')], 2],
    ['2: a run of --noise that is not there', 'refused.db', ['--noise', at('none.db')], 2],
    ['2: a folder that is not there', 'refused.db', ['--output', `json=${at('none/x.json')}`], 2],
    ['2: a format that is not there', 'refused.db', ['--format', 'pdf'], 2],
    ['2: a candidate that is not there', 'none.db', [], 2],
    ['3: a candidate that is no recording', 'unused.yaml', [], 3],
  ] as const)('is %s', async (_cause, candidate, flags, code) => {
    const finished = await diff(candidate, ...flags);
    expect(finished.code, finished.stdout.slice(0, 500) + finished.stderr).toBe(code);
    if (code !== 2 && candidate.endsWith('.db')) expect(told(finished).findings).toBeDefined();
    else expect(finished.stderr).toMatch(/^error [A-Z_]+: /);
  });

  it('is 3 with the findings printed all the same', async () => {
    const { findings, verdict } = told(await diff('refused.db'));
    expect(verdict).toBe('incomplete');
    expect(findings.map(({ kind }) => kind)).toEqual(['handshake-status', 'field-changed']);
  });
});
