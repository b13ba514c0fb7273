import { appendFileSync } from 'node:fs';
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/** How many tests of a run ended how. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of a test module that counting needs. */
type Module = Pick<TestModule, 'state' | 'errors'> & {
  children: { allTests(): Iterable<{ result(): { state: string } }> };
};

/** Counts a run. What has no result (its worker crashed), a file that would not load and an unhandled error are failures. */
export function countTests(
  modules: readonly Module[],
  unhandledErrors: number,
  reason: TestRunEndReason,
): Counts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    for (const state of states) {
      if (state === 'passed' || state === 'skipped') counts[state] += 1;
      else counts.failed += 1;
    }
    const unseen = module.errors().length > 0 || module.state() === 'pending' || module.state() === 'queued';
    if (unseen && states.every((state) => state === 'passed' || state === 'skipped')) counts.failed += 1;
  }
  if (reason !== 'passed' && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Appends a run's counts as one line, `PASSED FAILED SKIPPED`, to the file that CHARGETAPE_TEST_COUNT names. */
export class CountReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
    reason: TestRunEndReason,
  ): void {
    const { CHARGETAPE_TEST_COUNT: file } = process.env;
    if (file === undefined) return;
    const { passed, failed, skipped } = countTests(modules, unhandledErrors.length, reason);
    appendFileSync(file, `${passed} ${failed} ${skipped}\n`);
  }
}
