import { describe, expect, it } from 'vitest';
import type { Comparison, Finding } from '../../src/diff/finding.ts';
import { textReport } from '../../src/report/text.ts';

const FINDING: Finding = {
  id: '0123456789ab',
  kind: 'field-changed',
  status: 'new',
  severity: 'high',
  caller: 'charger',
  action: 'Authorize',
  path: '/idTagInfo/status',
  baseline: 'Accepted',
  candidate: 'Blocked',
  count: 5,
  sessions: ['/a/1', '/a/2', '/a/3', '/a/4', '/a/5'],
  vendors: [{ vendor: 'Wallbox Ltd', model: 'W1', firmware: '2.0' }],
  examples: [],
  message: 'The answer to Authorize has another status.',
};
const COMPARISON: Comparison = {
  schemaVersion: 1,
  verdict: 'incomplete',
  baseline: {
    uuid: 'u1',
    kind: 'capture',
    label: 'friday',
    upstream: 'ws://now',
    startedAt: '2026-03-01T08:00:00.000Z',
  },
  candidate: {
    uuid: 'u2',
    kind: 'run',
    label: null,
    upstream: 'ws://next',
    startedAt: '2026-03-01T09:00:00.000Z',
  },
  summary: {
    sessionsCompared: 5,
    sessions: ['/a/1', '/a/2', '/a/3', '/a/4', '/a/5'],
    exchangesCompared: 40,
    emptyAnswers: 30,
    exchangesDiffering: 4,
    commandsCompared: 1,
    connectionsCompared: 6,
    notCompared: 3,
    notComparedReasons: { 'call not sent': 2, 'external command that did not come': 1 },
    expected: { 'mapped id': 4 },
    incompleteSessions: [{ session: '/a/5', reason: 'the CSMS went away' }],
  },
  findings: [FINDING],
};

describe('textReport', () => {
  it('begins with the verdict and says who, what, where, how often, and what was left out', () => {
    expect(textReport(COMPARISON)).toBe(`INCOMPLETE: 1 finding in 5 sessions

  baseline   friday  (capture, 2026-03-01T08:00:00.000Z)
  candidate  ws://next  (run, 2026-03-01T09:00:00.000Z)

Incomplete:
  /a/5: the CSMS went away

HIGH    field-changed  Authorize /idTagInfo/status
        The answer to Authorize has another status.
        "Accepted" -> "Blocked"
        5 times in 5 sessions: /a/1, /a/2, /a/3 and 2 more   [0123456789ab]
        Wallbox Ltd W1 2.0

Compared      5 sessions, 6 connections, 40 exchanges, 1 command
Not compared  3 (2 × call not sent, 1 × external command that did not come)
Expected      4 (4 × mapped id)
Empty answers 30 of 40 (75 %): what the CSMS made of these calls does not show
`);
  });

  it('shows the values of a finding unless its sentence has both', () => {
    const told = { ...FINDING, message: 'The status is "Blocked" instead of "Accepted".' };
    expect(textReport({ ...COMPARISON, findings: [FINDING] })).toContain('"Accepted" -> "Blocked"');
    expect(textReport({ ...COMPARISON, findings: [told] })).not.toContain('->');
  });

  it('says so when nothing differs', () => {
    const text = textReport({ ...COMPARISON, verdict: 'same', findings: [] });
    expect(text).toMatch(/^SAME: no differences in 5 sessions\n/);
  });

  it('puts what follows from a finding beneath it, and what does not decide apart', () => {
    const findings: Finding[] = [
      FINDING,
      {
        ...FINDING,
        id: 'aaaaaaaaaaaa',
        kind: 'unanswered',
        action: 'MeterValues',
        path: '',
        causedBy: FINDING.id,
      },
      { ...FINDING, id: 'bbbbbbbbbbbb', action: 'Heartbeat', path: '/currentTime', status: 'noise' },
      {
        ...FINDING,
        id: 'cccccccccccc',
        action: 'Authorize',
        path: '/idTagInfo/parentIdTag',
        class: 'environment',
      },
    ];
    const text = textReport({ ...COMPARISON, verdict: 'different', findings });
    expect(text).toMatch(/^DIFFERENT: 1 finding in 5 sessions \(1 consequence, 1 noise, 1 environment\)\n/);
    const blocks = text.split('\n\n');
    expect(blocks.find((block) => block.startsWith('HIGH'))).toContain(
      '\n        then  unanswered  MeterValues  ×5   [aaaaaaaaaaaa]',
    );
    expect(blocks).toContain('noise  field-changed  Heartbeat /currentTime  ×5   [bbbbbbbbbbbb]');
    expect(blocks).toContain(
      'environment  field-changed  Authorize /idTagInfo/parentIdTag  ×5   [cccccccccccc]',
    );
  });

  it('says how noisy the baseline is by itself, and what is wrong with the rules', () => {
    const text = textReport({
      ...COMPARISON,
      summary: {
        ...COMPARISON.summary,
        noise: {
          runs: 2,
          exchanges: 1240,
          differing: 0,
          refused: [{ finding: '0123456789ab', reason: 'a status' }],
        },
        rules: {
          inForce: 1,
          strict: false,
          problems: [{ rule: 'accepted 1', problem: 'unused', message: 'It matches nothing.' }],
        },
      },
    });
    expect(text).toContain("A/A: 0 of 1,240 exchanges differ in 2 runs of the baseline's build\n");
    expect(text).toContain('Not noise: 0123456789ab: a status\n');
    expect(text).toContain('Rule accepted 1 is unused: It matches nothing.\n');
  });

  it('shows an absent side, and no control character of a value', () => {
    const { baseline: _, ...added } = { ...FINDING, candidate: '\u001b[31mred' };
    const text = textReport({ ...COMPARISON, findings: [added] });
    expect(text).toContain('(nothing) -> "\\u001b[31mred"');
    const named = textReport({ ...COMPARISON, findings: [{ ...FINDING, sessions: ['/a/\u001b[2J\n1'] }] });
    expect(named).toContain('/a/\\u001b[2J\\u000a1');
  });
});
