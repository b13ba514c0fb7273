import type { Comparison, Finding } from '../../src/diff/finding.ts';

const BOOT = '[3,"a1",{"currentTime":"2026-11-22T07:22:59.078Z","interval":20,"status":"Accepted"}]';
const BOOT_NEXT = '[3,"a1",{"status":"Accepted","currentTime":"2026-11-23T10:01:02.000Z","interval":300}]';

/** A finding with little to say; tests give what they are about. */
export function finding(over: Partial<Finding>): Finding {
  return {
    id: '0123456789ab',
    kind: 'field-changed',
    status: 'new',
    severity: 'medium',
    caller: 'charger',
    action: 'BootNotification',
    path: '/interval',
    baseline: 20,
    candidate: 300,
    count: 12,
    sessions: ['ocpp/CP-1', 'ocpp/CP-2'],
    vendors: [],
    examples: [
      {
        session: 'ocpp/CP-1',
        baselineFrame: 12,
        candidateFrame: 31,
        baselineText: BOOT,
        candidateText: BOOT_NEXT,
      },
      {
        session: 'ocpp/CP-2',
        baselineFrame: 40,
        candidateFrame: 50,
        baselineText: BOOT,
        candidateText: BOOT_NEXT,
      },
    ],
    message: 'The answer to BootNotification has another interval: 20 became 300.',
    ...over,
  };
}

/** A comparison of these findings. */
export function comparison(findings: Finding[], over: Partial<Comparison> = {}): Comparison {
  const facts = {
    uuid: '9f0c',
    label: null,
    upstream: 'ws://127.0.0.1:8180',
    startedAt: '2026-11-22T07:22:59.067Z',
  };
  return {
    schemaVersion: 1,
    verdict: findings.length > 0 ? 'different' : 'same',
    baseline: { ...facts, kind: 'capture' },
    candidate: { ...facts, uuid: 'a1b2', kind: 'run', upstream: 'ws://127.0.0.1:8280' },
    summary: {
      sessionsCompared: 12,
      sessions: Array.from({ length: 12 }, (_, index) => `ocpp/CP-${index + 1}`),
      exchangesCompared: 1340,
      emptyAnswers: 670,
      exchangesDiffering: 4,
      commandsCompared: 18,
      connectionsCompared: 14,
      notCompared: 4,
      notComparedReasons: { 'external command that nothing stimulated': 3, 'call that was not sent': 1 },
      expected: { time: 1340, 'mapped id': 22 },
      incompleteSessions: [],
    },
    findings,
    ...over,
  };
}

/** A comparison as a release candidate might give it: every severity, every shape of example. */
export function typicalComparison(): Comparison {
  const start = '[3,"s1",{"idTagInfo":{"status":"Accepted"},"transactionId":25645}]';
  const error = '[4,"s1","InternalError","column \\"start_meter\\" does not exist",{}]';
  return comparison(
    [
      finding({
        id: 'aaaaaaaaaaaa',
        kind: 'result-to-error',
        severity: 'high',
        action: 'StartTransaction',
        path: '',
        baseline: { idTagInfo: { status: 'Accepted' }, transactionId: 25645 },
        candidate: 'InternalError',
        count: 41,
        sessions: Array.from({ length: 30 }, (_, index) => `ocpp/1.6/CP-${String(index).padStart(3, '0')}`),
        examples: [
          {
            session: 'ocpp/1.6/CP-000',
            baselineFrame: 77,
            candidateFrame: 81,
            baselineText: start,
            candidateText: error,
          },
        ],
        message: 'The answer to StartTransaction became the error InternalError.',
      }),
      finding({
        id: 'bbbbbbbbbbbb',
        kind: 'command-missing',
        severity: 'high',
        caller: 'csms',
        action: 'ChangeConfiguration',
        path: '',
        count: 3,
        sessions: ['ocpp/東京-充電器'],
        examples: [
          {
            session: 'ocpp/東京-充電器',
            baselineFrame: 9,
            baselineText:
              '[2,"x",  "ChangeConfiguration",{"key":"MeterValueSampleInterval","value":"30 秒🔌"}]',
          },
        ],
        message:
          'After BootNotification the baseline sent ChangeConfiguration (MeterValueSampleInterval); the candidate did not send it within five seconds of its answer, in any of the sessions where it was due.',
      }),
      finding({}),
      finding({ id: 'cccccccccccc', severity: 'low', path: '/status', status: 'accepted', count: 1 }),
      finding({
        id: 'dddddddddddd',
        kind: 'close',
        severity: 'low',
        caller: null,
        action: null,
        path: '',
        baseline: 1000,
        candidate: 1006,
        examples: [],
        message: 'The CSMS ended the connection with a reset.',
      }),
    ],
    {
      verdict: 'incomplete',
      summary: {
        ...comparison([]).summary,
        incompleteSessions: [
          { session: 'ocpp/CP-9', reason: 'waited 30 s for a transactionId' },
          { session: 'ocpp/CP-10', reason: 'the CSMS refused the connection' },
        ],
      },
    },
  );
}
