import type { Comparison, RecordingFacts } from '../../diff/finding.ts';
import { visible } from '../../session/visible.ts';
import { KEYS } from '../keys.ts';
import { type Line, line, wrapWords } from '../line.ts';
import type { Screen } from '../state.ts';
import { SEVERITIES } from '../theme.ts';
import { count } from './header.ts';

/** The help for a screen, from the key table. */
export function helpLines(screen: Screen): Line[] {
  const keys = KEYS.filter((key) => key.on.includes(screen));
  const signs = Object.entries(SEVERITIES).map(([severity, { sign, tone }]) => [
    { text: `  ${sign.padEnd(14)}`, tone },
    { text: `a finding of ${severity} severity` },
  ]);
  return [
    line(screen === 'detail' ? ' Keys in the payloads' : ' Keys in the findings', { strong: true }),
    line(''),
    ...keys.map((key) => [
      { text: `  ${key.label.padEnd(14)}`, tone: 'accent' as const },
      { text: key.does },
    ]),
    line(''),
    line(' Signs', { strong: true }),
    line(''),
    ...signs,
    [{ text: '  -             ', tone: 'baseline' }, { text: 'only so in the baseline' }],
    [
      { text: '  +             ', tone: 'candidate' },
      { text: 'only so in the candidate; inverse where the finding is' },
    ],
  ];
}

/** What was compared, what was not and why, and the sessions that did not run to their end. */
export function summaryLines(comparison: Comparison, columns: number): Line[] {
  const { summary } = comparison;
  const compared: [number, string][] = [
    [summary.sessionsCompared, 'charger'],
    [summary.connectionsCompared, 'connection'],
    [summary.exchangesCompared, 'exchange'],
    [summary.commandsCompared, 'command'],
  ];
  return [
    ...section(
      'Recordings',
      [recordingText('baseline', comparison.baseline), recordingText('candidate', comparison.candidate)],
      columns,
    ),
    ...section(
      'Compared',
      compared.map(([amount, noun]) => count(amount, noun)),
      columns,
    ),
    ...section(
      `Not compared: ${summary.notCompared.toLocaleString('en')}`,
      tally(summary.notComparedReasons),
      columns,
    ),
    ...section('Expected to vary, and did', tally(summary.expected), columns),
    ...section(
      `Incomplete: ${count(summary.incompleteSessions.length, 'charger')}`,
      summary.incompleteSessions.map(({ session, reason }) => `${session}: ${reason}`),
      columns,
    ),
  ];
}

function section(title: string, texts: string[], columns: number): Line[] {
  const shown = texts.length === 0 ? ['none'] : texts;
  const rows = shown.flatMap((text) => hanging(visible(text), columns));
  return [line(` ${title}`, { strong: true }), ...rows, line('')];
}

/** A text wrapped, its further lines indented. */
function hanging(text: string, columns: number): Line[] {
  return wrapWords(text, columns - 6).map((row, index) => line(`${index === 0 ? '   ' : '     '}${row}`));
}

function tally(counts: Record<string, number>): string[] {
  const rows = Object.entries(counts).sort(([, left], [, right]) => right - left);
  const width = Math.max(0, ...rows.map(([, amount]) => amount.toLocaleString('en').length));
  return rows.map(([reason, amount]) => `${amount.toLocaleString('en').padStart(width)}  ${reason}`);
}

function recordingText(side: string, facts: RecordingFacts): string {
  const parts = [facts.kind, facts.label, facts.upstream, facts.startedAt, facts.uuid];
  return `${side}: ${parts.filter((part) => part !== null).join(', ')}`;
}
