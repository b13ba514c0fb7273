import { describe, expect, it } from 'vitest';
import { githubReport } from '../../src/report/github.ts';
import { typicalComparison } from '../ui/comparison-fixture.ts';
import { hostileComparison, largeComparison } from './hostile-comparison.ts';

describe('githubReport', () => {
  it('is an error for each grave finding and incomplete session, a warning for the slight, a notice with the verdict', () => {
    const lines = githubReport(typicalComparison()).trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf('::', 2)))).toEqual([
      '::error title=incomplete%3A ocpp/CP-9',
      '::error title=incomplete%3A ocpp/CP-10',
      '::error title=result-to-error StartTransaction',
      '::error title=command-missing ChangeConfiguration',
      '::error title=field-changed BootNotification /interval',
      '::warning title=close connection',
      '::notice title=Chargetape',
    ]);
    expect(lines.at(-1)).toContain('INCOMPLETE: 4 findings in 12 sessions (1 accepted)');
  });

  it('keeps to the ten annotations of a level that GitHub shows, and counts the others', () => {
    const lines = githubReport(largeComparison(300)).trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10);
    expect(lines[9]).toContain('191 more findings');
    expect(lines.filter((line) => line.startsWith('::warning'))).toHaveLength(10);
  });

  it('keeps every text in its own command', () => {
    const lines = githubReport(hostileComparison()).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^::(error|notice) title=[^:,\r]*::[^\r]*$/);
    expect(lines[0]).toContain('%250A');
  });
});
