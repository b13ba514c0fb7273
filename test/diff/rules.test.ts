import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { exitCodeOf } from '../../src/diff/exit-code.ts';
import type { Comparison } from '../../src/diff/finding.ts';
import { RuleBook } from '../../src/diff/rule-book.ts';
import { withAccepted, withoutAccepted } from '../../src/diff/rule-edit.ts';
import { parseRules } from '../../src/diff/rule-file.ts';
import { runOf, scripted } from '../support/session-script.ts';

/** A charger that asks for a load figure, boots and authorises a tag. */
const charger = (name: string, data: string, interval: number, status: string): string => `
session ${name}
connect
> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
< {"status":"Accepted","interval":${interval}}
> DataTransfer {"vendorId":"v"}
< {"status":"Accepted","data":${data}}
> Authorize {"idTag":"TAG-1"}
< {"idTagInfo":{"status":"${status}"}}
charger close 1000
`;

const BASE = charger('SAP-1', '"10"', 300, 'Accepted') + charger('LAB-1', '"10"', 300, 'Accepted');
const NOTE = {
  reason: 'known',
  author: 'A',
  date: '2026-11-23',
  builds: '4.2 -> 4.3',
  expires: null,
  chargers: null,
};

async function compared(candidate: string, rules = '', strict = false): Promise<Comparison> {
  const before = scripted(BASE);
  const book = new RuleBook(parseRules(rules, 'rules.yaml'), '2026-11-23');
  const comparison = await compareRecordings(before, runOf(before, candidate), { rules: book });
  return book.judge(comparison, strict);
}

const statuses = ({ findings }: Comparison): string[] =>
  findings.map(({ action, path, status }) => `${action} ${path} ${status}`);
const problems = ({ summary }: Comparison): string[] =>
  summary.rules!.problems.map(({ rule, problem }) => `${rule}: ${problem}`);

const SLOWER = charger('SAP-1', '"10"', 60, 'Accepted') + charger('LAB-1', '"10"', 300, 'Accepted');
const BLOCKED = charger('SAP-1', '"10"', 60, 'Blocked') + charger('LAB-1', '"10"', 300, 'Accepted');

describe('an accepted finding', () => {
  it('is still told, with its reason, and decides nothing', async () => {
    const [finding] = (await compared(SLOWER)).findings;
    const rules = withAccepted('', [finding!], NOTE);
    const comparison = await compared(SLOWER, rules, true);
    expect(comparison.findings).toMatchObject([{ id: finding!.id, status: 'accepted', reason: 'known' }]);
    expect(comparison.summary.rules).toEqual({ inForce: 1, strict: true, problems: [] });
    expect([comparison.verdict, exitCodeOf(comparison)]).toEqual(['same', 0]);
  });

  it('accepts nothing else: another finding still decides', async () => {
    const [finding] = (await compared(SLOWER)).findings;
    const comparison = await compared(BLOCKED, withAccepted('', [finding!], NOTE));
    expect(statuses(comparison)).toEqual([
      'Authorize /idTagInfo/status new',
      'BootNotification /interval accepted',
    ]);
    expect(exitCodeOf(comparison)).toBe(1);
  });

  it('is accepted by its place, unless it is high', async () => {
    const rules = `accepted:
  - { action: BootNotification, path: /interval, kind: field-changed, reason: r }
  - { action: Authorize, path: /idTagInfo/status, reason: r }`;
    const comparison = await compared(BLOCKED, rules);
    expect(statuses(comparison)).toEqual([
      'Authorize /idTagInfo/status new',
      'BootNotification /interval accepted',
    ]);
    expect(problems(comparison)).toEqual(['accepted 2 (Authorize /idTagInfo/status): over-broad']);
  });

  it('is accepted only while no other charger shows it', async () => {
    const rules = (chargers: string) =>
      `accepted: [{ action: BootNotification, path: /interval, chargers: "${chargers}", reason: r }]`;
    expect(statuses(await compared(SLOWER, rules('SAP-*')))).toEqual(['BootNotification /interval accepted']);
    expect(statuses(await compared(SLOWER, rules('LAB-*')))).toEqual(['BootNotification /interval new']);
  });

  it('all of them give exit code 0, whatever differs, and taking them out again gives what was before', async () => {
    const values = fc.tuple(
      fc.nat(99).map((n) => `"${n}"`),
      fc.nat(3),
      fc.constantFrom('Accepted', 'Blocked', 'Expired'),
    );
    await fc.assert(
      fc.asyncProperty(values, values, async (one, other) => {
        const script = charger('SAP-1', ...one) + charger('LAB-1', ...other);
        const { findings } = await compared(script);
        const rules = withAccepted('# ours\n', findings, NOTE);
        const comparison = await compared(script, rules, true);
        expect(exitCodeOf(comparison)).toBe(0);
        expect(comparison.findings.map(({ status }) => status)).toEqual(findings.map(() => 'accepted'));
        const ids = findings.map(({ id }) => id);
        const { text, removed } = withoutAccepted(rules, ids);
        expect(removed).toEqual(ids);
        expect(text).toContain('# ours');
        expect((await compared(script, text)).findings).toEqual(findings);
      }),
      { numRuns: 40 },
    );
  });
});

describe('an expectation', () => {
  const data = (value: string) =>
    charger('SAP-1', value, 300, 'Accepted') + charger('LAB-1', '"10"', 300, 'Accepted');
  const rule = (type: string) =>
    `expected: [{ type: ${type}, action: DataTransfer, path: /data, reason: r }]`;

  it.each([
    ['a number within its tolerance', 'tolerance, within: 5', '"15"', true],
    ['a number beyond it', 'tolerance, within: 5', '"15.5"', false],
    ['no number', 'tolerance, within: 5', '"x"', false],
    ['another type', 'tolerance, within: 5', '15', false],
    ['another id of the same shape', 'id', '"ab"', true],
    ['an empty id', 'id', '""', false],
    ['what is no time', 'time', '"2026-11-23T00:00:00Z"', false],
    ['anything, where ignored', 'ignore', '{"a":[]}', true],
  ])('judges %s', async (_name, type, value, allowed) => {
    const comparison = await compared(data(value), rule(type));
    expect(comparison.findings).toHaveLength(allowed ? 0 : 1);
    expect(comparison.summary.expected).toEqual(allowed ? { [`${type.split(',')[0]} by rule`]: 1 } : {});
  });
});

describe('a quarantined charger', () => {
  it('is not compared, and counted', async () => {
    const rules = 'quarantined: [{ chargers: "SAP-*", reason: r }]';
    const comparison = await compared(BLOCKED, rules);
    expect(comparison.findings).toEqual([]);
    expect(comparison.summary.notComparedReasons).toEqual({ 'session in quarantine': 1 });
    expect(comparison.summary.sessions).toEqual(['/ocpp/LAB-1']);
    expect(comparison.verdict).toBe('same');
  });

  it('is too much when nothing is left to compare', async () => {
    const comparison = await compared(BLOCKED, 'quarantined: [{ chargers: "*", reason: r }]');
    expect(problems(comparison)).toEqual(['quarantined 1 (chargers *): over-broad']);
    expect(comparison.verdict).toBe('incomplete');
  });
});

describe('a rule', () => {
  const UNUSED = 'expected: [{ type: ignore, action: DataTransfer, path: /x, reason: r }]';

  it('that matches nothing is reported, and fails only a strict comparison', async () => {
    const [lenient, strict] = [await compared(BASE, UNUSED), await compared(BASE, UNUSED, true)];
    expect(problems(lenient)).toEqual(['expected 1 (ignore DataTransfer /x): unused']);
    expect([lenient, strict].map(exitCodeOf)).toEqual([0, 1]);
  });

  it('that is over does nothing and is reported; its last day counts', async () => {
    const rules = (day: string) =>
      `accepted: [{ action: BootNotification, path: /interval, expires: ${day}, reason: r }]`;
    const over = await compared(SLOWER, rules('2026-11-22'));
    expect(problems(over)).toEqual(['accepted 1 (BootNotification /interval): expired']);
    expect(statuses(over)).toEqual(['BootNotification /interval new']);
    expect(over.summary.rules?.inForce).toBe(0);
    expect(statuses(await compared(SLOWER, rules('2026-11-23')))).toEqual([
      'BootNotification /interval accepted',
    ]);
  });

  it.each([
    ['idTagInfo.status', 'is no path'],
    ['$.idTagInfo', 'is no path'],
    ['/idTagInfo.status', 'is no path'],
    ['/idTagInfo/', 'is no path'],
    ['/a/b*', 'is no path'],
    ['/meterValue[*]/x', 'is no path'],
    ['/meterValue/0/x', 'write \\* for its index'],
  ])('with the path %s is an error', (path, message) => {
    const rule = `accepted: [{ action: Authorize, path: "${path}", reason: r }]`;
    expect(() => parseRules(rule, 'rules.yaml')).toThrow(new RegExp(`^rules.yaml: accepted 1: .*${message}`));
  });

  it.each([
    ['- 1', 'no map'],
    ['other: []', 'no list "other"'],
    ['accepted: 5', 'accepted is no list'],
    ['accepted: [{ finding: 2671a6abd100 }]', 'no reason'],
    ['accepted: [{ finding: xyz, reason: r }]', 'no id of a finding'],
    ['accepted: [{ finding: 2671a6abd100, path: /x, reason: r }]', 'no field "path"'],
    ['accepted: [{ action: A, path: /x, kind: odd, reason: r }]', 'no kind'],
    ['expected: [{ type: any, action: A, path: /x, reason: r }]', 'none of'],
    ['expected: [{ type: ignore, action: A, path: "", reason: r }]', 'whole payload'],
    ['expected: [{ type: tolerance, action: A, path: /x, reason: r }]', 'within'],
    ['quarantined: [{ reason: r }]', 'no chargers'],
    ['quarantined: [{ chargers: a, reason: r, expires: soon }]', 'no day'],
    ['accepted: [', 'rules.yaml'],
  ])('that is not understood is an error: %s', (text, message) => {
    expect(() => parseRules(text, 'rules.yaml')).toThrow(message);
  });

  it('is read with its id as it is written, digits or not', () => {
    const finding = {
      id: '123456789012',
      kind: 'close',
      action: null,
      path: '',
    } as Comparison['findings'][number];
    const text = withAccepted('', [finding], NOTE);
    expect(parseRules(text, 'r').accepted[0]?.target).toEqual({ finding: '123456789012' });
    expect(withAccepted(text, [finding], NOTE)).toBe(text);
    expect(withoutAccepted(text, ['123456789012']).removed).toEqual(['123456789012']);
  });

  it('keeps the comments around it when a finding is accepted', () => {
    const text =
      '# head\naccepted:\n  # why\n  - { finding: 2671a6abd100, reason: r } # tail\nexpected: []\n';
    const finding = {
      id: '8f1461ac2789',
      kind: 'close',
      action: null,
      path: '',
    } as Comparison['findings'][number];
    const after = withAccepted(text, [finding], NOTE);
    for (const comment of ['# head', '# why', '# tail']) expect(after).toContain(comment);
    expect(parseRules(after, 'r').accepted).toHaveLength(2);
  });
});
