import { durationText } from '../../session/clock.ts';
import { visible } from '../../session/visible.ts';
import type { ChargerRow } from '../../view/viewer.ts';
import type { Span } from '../line.ts';
import type { Column } from '../table.ts';
import { count, gravitySpan, momentText, rateText, shortCount, standingText } from '../words.ts';

/** What the list of chargers tells of each. `nowUs` is null for a recording that has ended; with a filter it counts what matches. */
export function chargerColumns(nowUs: number | null, hasFilter: boolean): Column<ChargerRow>[] {
  return [
    { heading: '', width: 1, rank: 0, cell: ({ gravity }) => gravitySpan(gravity) },
    {
      heading: 'charger',
      width: 18,
      grows: true,
      rank: 0,
      cell: ({ charger }) => ({ text: visible(charger) }),
    },
    { heading: 'state', width: 8, rank: 2, cell: presenceSpan },
    { heading: 'connectors', width: 22, rank: 5, cell: (row) => connectorsSpan(row) },
    { heading: 'transaction', width: 14, rank: 7, cell: (row) => ({ text: transactionText(row, nowUs) }) },
    {
      heading: hasFilter ? 'matches' : 'calls',
      width: 8,
      right: true,
      rank: 4,
      cell: ({ calls, matches }) => ({ text: shortCount(matches ?? calls) }),
    },
    { heading: 'calls/s', width: 7, right: true, rank: 6, cell: ({ rate }) => ({ text: rateText(rate) }) },
    { heading: 'last message', width: 22, rank: 8, cell: (row) => ({ text: lastText(row) }) },
    {
      heading: nowUs === null ? 'last' : 'ago',
      width: 8,
      right: true,
      rank: 3,
      cell: ({ lastAtUs }) => ({ text: agoText(lastAtUs, nowUs) }),
    },
    { heading: 'faults', width: 6, right: true, rank: 1, cell: faultsSpan },
    { heading: 'make', width: 24, rank: 9, cell: ({ make }) => ({ text: visible(make), tone: 'quiet' }) },
    { heading: 'of them', width: 34, rank: 10, cell: (row) => ({ text: faultsText(row), tone: 'quiet' }) },
  ];
}

function presenceSpan({ presence }: ChargerRow): Span {
  if (presence === 'online') return { text: '● online', tone: 'good' };
  return presence === 'refused' ? { text: '✗ refused', tone: 'high' } : { text: '○ gone', tone: 'quiet' };
}

function connectorsSpan(row: ChargerRow): Span {
  const text = standingText({ connectors: row.connectors, transactions: [] }, null);
  return row.connectors.some(({ isFault }) => isFault) ? { text, tone: 'high' } : { text };
}

function transactionText({ transactions }: ChargerRow, nowUs: number | null): string {
  const [first] = transactions;
  if (!first) return '';
  const more = transactions.length > 1 ? ` +${transactions.length - 1}` : '';
  return `⚡${first.id}${nowUs === null ? '' : ` ${durationText(Math.max(0, nowUs - first.sinceUs))}`}${more}`;
}

function lastText({ last, lastSender }: ChargerRow): string {
  return last === '' ? '' : `${lastSender === 'csms' ? '◂' : '▸'} ${visible(last)}`;
}

function agoText(lastAtUs: number | null, nowUs: number | null): string {
  if (lastAtUs === null) return '';
  return nowUs === null ? momentText(lastAtUs).slice(11) : durationText(Math.max(0, nowUs - lastAtUs));
}

function faultsOf({ callErrors, malformed, refusals, drops }: ChargerRow): number {
  return callErrors + malformed + refusals + drops;
}

function faultsSpan(row: ChargerRow): Span {
  const faults = faultsOf(row);
  return faults === 0
    ? { text: '' }
    : { text: shortCount(faults), tone: row.gravity === 'high' ? 'high' : 'medium' };
}

function faultsText({ callErrors, malformed, refusals, drops }: ChargerRow): string {
  const parts = [
    [callErrors, 'call error'],
    [malformed, 'malformed'],
    [refusals, 'refusal'],
    [drops, 'drop'],
  ] as const;
  return parts
    .flatMap(([amount, noun]) =>
      amount > 0 ? [noun === 'malformed' ? `${amount} malformed` : count(amount, noun)] : [],
    )
    .join(', ');
}
