import type { Comparison, Finding } from '../../src/diff/finding.ts';
import { comparison, finding } from '../ui/comparison-fixture.ts';

/** What a charger or CSMS may put into any text to break a report. */
export const HOSTILE =
  '</script><img src=x onerror=alert(1)> ]]> --> "quoted" \'single\' & %0A | ``` @octocat #1 \u0000\u0008\u001b[31m\ud800 \u202e\ufffe\r\nnext';

/** A comparison in which everything that comes from the wire is hostile. */
export function hostileComparison(): Comparison {
  const over: Partial<Finding> = {
    id: 'eeeeeeeeeeee',
    action: HOSTILE,
    path: `/${HOSTILE}`,
    baseline: HOSTILE,
    candidate: { [HOSTILE]: HOSTILE },
    sessions: [HOSTILE],
    vendors: [{ vendor: HOSTILE, model: HOSTILE, firmware: null }],
    message: HOSTILE,
    examples: [
      {
        session: HOSTILE,
        baselineText: JSON.stringify([3, HOSTILE, { [HOSTILE]: HOSTILE }]),
        candidateText: HOSTILE,
      },
    ],
  };
  const base = comparison([finding(over)], { verdict: 'incomplete' });
  base.baseline.label = HOSTILE;
  base.summary.incompleteSessions = [{ session: HOSTILE, reason: HOSTILE }];
  return base;
}

/** A comparison of so many findings, each in one session and with its payloads. */
export function largeComparison(count: number, sessions = ['ocpp/CP-1']): Comparison {
  const severities = ['high', 'medium', 'low'] as const;
  return comparison(
    Array.from({ length: count }, (_, index) =>
      finding({
        id: index.toString(16).padStart(12, '0'),
        path: `/field${index}`,
        severity: severities[index % 3]!,
        sessions,
      }),
    ),
  );
}
