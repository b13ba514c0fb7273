import { expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { withConfirmation } from '../../src/diff/confirmation.ts';
import { exitCodeOf } from '../../src/diff/exit-code.ts';
import { runOf, scripted } from '../support/session-script.ts';

it('lets a finding decide when it comes again in every further run, else it is flaky and counted', async () => {
  const script = (one: string, other: string) =>
    `session A\nconnect\n> Heartbeat {}\n< ${one}\n> Vendor {}\n< ${other}\ncharger fin`;
  const recording = scripted(script('{}', '{}'));
  const comparison = await compareRecordings(
    recording,
    runOf(recording, script('{"a":1}', '!InternalError')),
  );
  const [refused, added] = comparison.findings.map(({ id }) => id);
  const both = new Set([refused!, added!]);
  expect(withConfirmation(comparison, [])).toBe(comparison);
  expect(exitCodeOf(withConfirmation(comparison, [both, both]))).toBe(1);
  const once = withConfirmation(comparison, [both, new Set([added!])]);
  expect(once.findings.map(({ status }) => status)).toEqual(['flaky', 'new']);
  expect(once.summary.confirmation).toEqual({ runs: 2, flaky: 1 });
  expect(exitCodeOf(once)).toBe(1);
  const never = withConfirmation(comparison, [new Set()]);
  expect([never.verdict, exitCodeOf(never)]).toEqual(['same', 0]);
});
