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
    exchangesCompared: 40,
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

Compared      5 sessions, 6 connections, 40 exchanges, 1 command
Not compared  3 (2 call not sent; 1 external command that did not come)
Expected      4 (4 mapped id)
`);
  });

  it('says so when nothing differs', () => {
    const text = textReport({ ...COMPARISON, verdict: 'same', findings: [] });
    expect(text).toMatch(/^SAME: no differences in 5 sessions\n/);
  });

  it('shows an absent side, and no control character of a value', () => {
    const { baseline: _, ...added } = { ...FINDING, candidate: '\u001b[31mred' };
    const text = textReport({ ...COMPARISON, findings: [added] });
    expect(text).toContain('(nothing) -> "\\u001b[31mred"');
    const named = textReport({ ...COMPARISON, findings: [{ ...FINDING, sessions: ['/a/\u001b[2J\n1'] }] });
    expect(named).toContain('/a/\uFFFD[2J\uFFFD1');
  });
});
