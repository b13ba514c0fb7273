import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { junitReport } from '../../src/report/junit.ts';
import { comparison, finding, typicalComparison } from '../ui/comparison-fixture.ts';
import { HOSTILE, hostileComparison, largeComparison } from './hostile-comparison.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;

interface Suite {
  name: string;
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
  cases: { name: string; result: string | null; message: string; text: string }[];
}

/** The report as Python's own XML parser reads it. */
function parsed(xml: string): Suite[] {
  const script = `
import sys, json, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
def case(node):
    result = node[0] if len(node) else None
    return dict(name=node.get('name'), result=None if result is None else result.tag,
      message='' if result is None else result.get('message'), text='' if result is None else result.text or '')
def suite(node):
    counts = {key: int(node.get(key)) for key in ('tests', 'failures', 'errors', 'skipped')}
    return dict(name=node.get('name'), cases=[case(one) for one in node], **counts)
print(json.dumps([suite(one) for one in root]))`;
  const python = spawnSync('python3', ['-c', script], { input: xml, maxBuffer: 100_000_000 });
  expect(python.stderr.toString()).toBe('');
  return JSON.parse(python.stdout.toString());
}

describe.skipIf(!hasPython)('junitReport, as python3 reads it', () => {
  it('has a suite for each charger, a failure for each finding, a skip for what is accepted, an error for what is incomplete', () => {
    const suites = parsed(junitReport(typicalComparison()));
    const results = (name: string) =>
      suites.find((suite) => suite.name === name)?.cases.map((one) => [one.name, one.result]);
    expect(results('ocpp/CP-1')).toEqual([
      ['compared to its end', null],
      ['field-changed BootNotification /interval [0123456789ab]', 'failure'],
      ['field-changed BootNotification /status [cccccccccccc]', 'skipped'],
      ['close connection [dddddddddddd]', 'failure'],
    ]);
    expect(results('ocpp/CP-9')).toEqual([['compared to its end', 'error']]);
    expect(results('ocpp/CP-3')).toEqual([['compared to its end', null]]);
    expect(results('ocpp/東京-充電器')?.[0]).toEqual([
      'command-missing ChangeConfiguration [bbbbbbbbbbbb]',
      'failure',
    ]);
  });

  it('counts what it lists', () => {
    for (const suite of parsed(junitReport(typicalComparison()))) {
      const count = (result: string) => suite.cases.filter((one) => one.result === result).length;
      expect([suite.tests, suite.failures, suite.errors, suite.skipped]).toEqual([
        suite.cases.length,
        count('failure'),
        count('error'),
        count('skipped'),
      ]);
    }
  });

  it('says in a failure what differs, where, and what both sides said', () => {
    const suites = parsed(junitReport(comparison([finding({})])));
    const failure = suites.find(({ name }) => name === 'ocpp/CP-1')?.cases[1];
    expect(failure?.message).toBe(
      'medium: The answer to BootNotification has another interval: 20 became 300.',
    );
    expect(failure?.text).toContain('20 -> 300');
    expect(failure?.text).toContain('candidate: [3,"a1",{"status":"Accepted"');
  });

  it('reads the same text back, but for characters that XML cannot hold', () => {
    const suites = parsed(junitReport(hostileComparison()));
    const [, suite] = suites;
    const held = [...HOSTILE]
      .map((one) => ('\u0000\u0008\u001b\ud800\ufffe'.includes(one) ? '\ufffd' : one))
      .join('');
    expect(suite?.cases[0]?.text).toBe(held);
    expect(suite?.cases[1]?.message).toBe(`medium: ${held}`);
  });

  it('stays within its size with ten thousand findings in thousands of chargers, and says what it left out', () => {
    const sessions = Array.from({ length: 3_000 }, (_, index) => `CP-${index}`);
    const xml = junitReport(largeComparison(10_000, sessions));
    expect(xml.length).toBeLessThan(16_000_000);
    const suites = parsed(xml);
    const ids = new Set(suites.flatMap(({ cases }) => cases.map(({ name }) => name)));
    expect(ids.size).toBe(10_002);
    expect(suites[0]?.cases[1]).toMatchObject({ name: 'every failure is listed', result: 'failure' });
  });
});

it('gives a finding the same name in another run with other values', () => {
  const names = (xml: string) =>
    [...xml.matchAll(/testcase classname="([^"]*)" name="([^"]*)"/g)].map(String);
  const first = junitReport(comparison([finding({})]));
  const second = junitReport(
    comparison([finding({ count: 77, baseline: 30, candidate: 301, examples: [] })]),
  );
  expect(names(second)).toEqual(names(first));
});
