import { describe, expect, it } from 'vitest';
import { markdownReport } from '../../src/report/markdown.ts';
import { comparison, finding, typicalComparison } from '../ui/comparison-fixture.ts';
import { hostileComparison, largeComparison } from './hostile-comparison.ts';

describe('markdownReport', () => {
  it('begins with the verdict, then a table by severity, then each finding as a patch', () => {
    const text = markdownReport(typicalComparison());
    const lines = text.split('\n');
    expect(lines[0]).toBe('## ⚠️ Chargetape: INCOMPLETE: 4 findings in 12 sessions (1 accepted)');
    expect(text).toContain('- incomplete: `ocpp/CP-9`: waited 30 s for a transactionId');
    expect(lines.filter((line) => line.startsWith('| '))).toEqual([
      '| severity | what | where | sessions | times |',
      '| --- | --- | --- | ---: | ---: |',
      '| high | result-to-error | `StartTransaction` | 30 | 41 |',
      '| high | command-missing | `ChangeConfiguration` (command) | 1 | 3 |',
      '| medium | field-changed | `BootNotification /interval` | 2 | 12 |',
      '| low | close | `connection` | 2 | 12 |',
      '| low (accepted) | field-changed | `BootNotification /status` | 2 | 1 |',
    ]);
    expect(text).toContain('-   "interval": 20\n+   "interval": 300\n');
  });

  it('marks in a patch only what the finding is about', () => {
    const text = markdownReport(comparison([finding({})]));
    expect(text).toContain('    "currentTime": "2026-11-22T07:22:59.078Z"\n');
    expect(text).not.toMatch(/^[+-].*currentTime/m);
  });

  it('says so when nothing differs', () => {
    const text = markdownReport(comparison([]));
    expect(text).toMatch(/^## ✅ Chargetape: SAME: no differences in 12 sessions\n/);
    expect(text).not.toContain('| severity');
  });

  it('stays below the limit of a comment with ten thousand findings, and says how many it left out', () => {
    const text = markdownReport(largeComparison(10_000));
    expect(Buffer.byteLength(text)).toBeLessThan(65_536);
    const rows = text.split('\n').filter((line) => /^\| (high|medium|low) \|/.test(line)).length;
    expect(text).toContain(`${10_000 - rows} more findings: see the JSON or HTML report.`);
    const details = text.split('<details>').length - 1;
    expect(details).toBeGreaterThan(10);
    expect(text).toContain(`${10_000 - details} more findings in detail: see`);
    expect(text).toMatch(/Compared: 12 sessions.*\n/);
  });

  it('lets nothing from the wire format, link, ping or be HTML', () => {
    const text = markdownReport(hostileComparison());
    const outside = text
      .replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '')
      .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');
    expect(outside).not.toMatch(/<(?!\/?(?:details|summary)>)/);
    expect(outside).not.toMatch(/@octocat|(?<!&)#1/);
    expect(text).toMatch(/^(`{4,})diff$/m);
    const table = text.split('\n').filter((line) => line.startsWith('| medium'));
    expect(table[0]?.replaceAll('\\|', '').split('|')).toHaveLength(7);
  });
});
