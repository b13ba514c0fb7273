import type { Comparison, Finding, Severity } from '../../diff/finding.ts';
import { visible } from '../../session/visible.ts';
import { fit, type Line, line } from '../line.ts';
import { SEVERITIES, VERDICTS } from '../theme.ts';
import { count, grouped } from '../words.ts';

/** The verdict, how much was compared and what was not: the top of the findings screen. */
export function headerLines(comparison: Comparison, columns: number, rows: number): Line[] {
  const { incompleteSessions } = comparison.summary;
  return [
    verdictLine(comparison),
    line(` ${comparedText(comparison)}`, { tone: 'quiet' }),
    ...(incompleteSessions.length === 0 ? [] : [incompleteLine(comparison)]),
    ...(rows < 16 ? [] : [line('')]),
  ].map((each) => fit(each, columns));
}

function verdictLine(comparison: Comparison): Line {
  const { sign, tone } = VERDICTS[comparison.verdict];
  const verdict = { text: ` ${sign} ${comparison.verdict} `, tone, strong: true, mark: true };
  return [verdict, { text: '  ' }, ...countSpans(comparison.findings)];
}

/** New findings by severity, then those that are accepted or noise. */
function countSpans(findings: readonly Finding[]): Line {
  const fresh = findings.filter((finding) => finding.status === 'new');
  const severities = (['high', 'medium', 'low'] satisfies Severity[]).flatMap((severity) => {
    const amount = fresh.filter((finding) => finding.severity === severity).length;
    const { sign, tone } = SEVERITIES[severity];
    return amount === 0 ? [] : [{ text: `  ${sign} ${amount} ${severity}`, tone }];
  });
  const settled = findings.length - fresh.length;
  return [
    { text: count(fresh.length, 'finding'), strong: true },
    ...severities,
    ...(settled === 0 ? [] : [{ text: `  ✓ ${settled} accepted or noise`, tone: 'quiet' as const }]),
  ];
}

function comparedText({ summary }: Comparison): string {
  const parts = [
    count(summary.sessionsCompared, 'charger'),
    count(summary.exchangesCompared, 'exchange'),
    count(summary.commandsCompared, 'command'),
    `${grouped(summary.notCompared)} not compared`,
  ];
  return parts.join(' · ');
}

function incompleteLine({ summary }: Comparison): Line {
  const [first] = summary.incompleteSessions;
  const reason = first === undefined ? '' : `${first.session}: ${first.reason}`;
  const amount = summary.incompleteSessions.length;
  const more = amount > 1 ? ` (and ${amount - 1} more: press i)` : '';
  return line(visible(` ! ${count(amount, 'charger')} incomplete: ${reason}${more}`), { tone: 'medium' });
}
