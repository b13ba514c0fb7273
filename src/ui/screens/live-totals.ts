import { durationText } from '../../session/clock.ts';
import type { FleetTotals } from '../../view/viewer.ts';
import { type Line, line, type Span } from '../line.ts';
import { count, grouped, momentText, rateText, sparkline } from '../words.ts';

/** What is true of the whole recording, in two lines, the less important dropped where it is narrow. */
export function totalsLines(totals: FleetTotals, columns: number): Line[] {
  const { chargers, online, charging, faulted, calls, rate, callErrors, malformed, refusals, drops, gaps } =
    totals;
  const first = [
    count(chargers, 'charger'),
    `${grouped(online)} online`,
    `${grouped(charging)} charging`,
    `${rateText(rate)} calls/s`,
    ...(totals.csmsLatency ? [`CSMS ${latencyText(totals.csmsLatency)}`] : []),
    ...(totals.fromUs !== null && totals.toUs !== null ? [`since ${momentText(totals.fromUs)}`] : []),
  ];
  const faults: Span[] = [];
  const add = (amount: number, text: string, tone: Span['tone'] = 'medium') => {
    if (amount > 0 && tone) faults.push({ text: `  ${text}`, tone });
  };
  add(faulted, `▲ ${grouped(faulted)} faulted`, 'high');
  add(gaps.count, `▲ ${count(gaps.count, 'gap')} (${count(gaps.frames, 'frame')} missing)`, 'high');
  add(malformed, `▲ ${grouped(malformed)} malformed`, 'high');
  add(refusals, `▲ ${grouped(refusals)} refused`, 'high');
  add(callErrors, `◆ ${count(callErrors, 'call error')}`);
  add(drops, `◆ ${count(drops, 'drop')}`);
  const chart: Span[] =
    totals.recentCalls.length > 0 && columns >= 120
      ? [{ text: `  ${sparkline(totals.recentCalls)} calls/s, last minute`, tone: 'accent' }]
      : [];
  const calm: Span[] = faults.length === 0 ? [{ text: '  ✓ no faults', tone: 'good' }] : faults;
  return [
    line(` ${first.join(' · ')}`),
    [{ text: ` ${count(calls, 'call')}`, tone: 'quiet' }, ...calm, ...chart],
  ];
}

function latencyText({ p50Us, p99Us }: NonNullable<FleetTotals['csmsLatency']>): string {
  return `half ${durationText(p50Us)}, 99 % ${durationText(p99Us)}`;
}
