import type { Comparison, RecordingFacts } from '../../diff/finding.ts';
import { visible } from '../../session/visible.ts';
import { type Line, line, wrapWords } from '../line.ts';
import { count, grouped } from '../words.ts';

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
    ...section(`Not compared: ${grouped(summary.notCompared)}`, tally(summary.notComparedReasons), columns),
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
  const width = Math.max(0, ...rows.map(([, amount]) => grouped(amount).length));
  return rows.map(([reason, amount]) => `${grouped(amount).padStart(width)}  ${reason}`);
}

function recordingText(side: string, facts: RecordingFacts): string {
  const parts = [facts.kind, facts.label, facts.upstream, facts.startedAt, facts.uuid];
  return `${side}: ${parts.filter((part) => part !== null).join(', ')}`;
}
