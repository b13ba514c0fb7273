import { visible } from '../session/visible.ts';
import type { ActionCoverage, Coverage } from './coverage.ts';
import { breakdown, counted } from './phrases.ts';

const SIDES = { charger: 'Calls of the chargers', csms: 'Commands of the CSMS' } as const;

/** What a recording holds, for people: chargers, connections, then each side's actions with how they were answered. */
export function coverageText(coverage: Coverage): string {
  const { sessions, connections, calls, answers, emptyAnswers, malformed } = coverage;
  const percent = answers === 0 ? 0 : Math.round((100 * emptyAnswers) / answers);
  const blocks = [
    [
      `${counted(sessions, 'session')}, ${counted(connections, 'connection')}, ${counted(calls, 'call')}, ${counted(answers, 'answer')}`,
      `Empty answers  ${emptyAnswers.toLocaleString('en')} of ${answers.toLocaleString('en')} (${percent} %)`,
      `Malformed      ${malformed.toLocaleString('en')}`,
      `Refused        ${breakdown(coverage.refused)}`,
      `Ended          ${breakdown(coverage.endings)}`,
    ],
    ['Chargers', ...coverage.makes.map((make) => `  ${makeWords(make)}  ×${make.sessions}`)],
    ...(['charger', 'csms'] as const).map((side) => sideLines(coverage, side)),
  ];
  return `${blocks.map((lines) => lines.map(visible).join('\n')).join('\n\n')}\n`;
}

function makeWords({ vendor, model, firmware }: Coverage['makes'][number]): string {
  return [vendor, model, firmware].filter((part) => part !== null).join(' ') || '(did not say)';
}

function sideLines({ actions, absent }: Coverage, side: 'charger' | 'csms'): string[] {
  const mine = actions.filter(({ caller }) => caller === side);
  const missing = absent.filter(({ caller }) => caller === side).map(({ action }) => action);
  return [
    SIDES[side],
    ...mine.flatMap(actionLines),
    ...(missing.length > 0 ? [`  never: ${missing.join(', ')}`] : []),
  ];
}

function actionLines({
  action,
  calls,
  results,
  empty,
  errors,
  unanswered,
  values,
}: ActionCoverage): string[] {
  const answers = [
    `${counted(results, 'result')}${empty > 0 ? ` (${empty === results ? 'all' : empty} empty)` : ''}`,
    ...Object.entries(errors).map(([code, count]) => `${count} ${code}`),
    ...(unanswered > 0 ? [`${unanswered} unanswered`] : []),
  ];
  return [
    `  ${action.padEnd(30)} ${String(calls).padStart(7)}  ${answers.join(', ')}`,
    ...values.map(
      ({ part, path, counts }) => `    ${part === 'result' ? '← ' : ''}${path}  ${valueWords(counts)}`,
    ),
  ];
}

function valueWords(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([value, count]) => `${value} ${count}`)
    .join(', ');
}
