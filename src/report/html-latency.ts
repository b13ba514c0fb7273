import type { Comparison, Finding, LatencyFacts, Spread } from '../diff/finding.ts';
import { type Html, html, type Part } from './html-text.ts';

/** Width of a chart and height of one side's strip, in its own units. */
const WIDTH = 600;
const STRIP = 14;

/** Below this, durations are not told apart, ms. */
const LEAST_MS = 0.5;

/**
 * How long each action took to be answered, both sides one above the other on one logarithmic scale: a line from the 5th to the 95th of
 * a hundred, a box from the 25th to the 75th, a mark at the median. Folded, since findings come first.
 */
export function latencyCharts({ summary, findings }: Comparison): Part {
  const { latencies = [] } = summary;
  if (latencies.length === 0) return null;
  const slower = new Set(findings.filter(({ kind }) => kind === 'latency').map(({ action }) => action));
  return html`<details class="latency"><summary>Latency of ${latencies.length} action${latencies.length !== 1 && 's'}${slower.size > 0 && html`, <b>${slower.size} slower</b>`}</summary>
${table(latencies, slower)}</details>`;
}

/** The same of the action that a `latency` finding is about; nothing for any other finding. */
export function latencyChart({ kind, action }: Finding, { latencies = [] }: Comparison['summary']): Part {
  const own = kind === 'latency' ? latencies.filter((one) => one.action === action) : [];
  return own.length > 0 && html`<div class="latency">${table(own, new Set())}</div>`;
}

function table(latencies: readonly LatencyFacts[], slower: ReadonlySet<string | null>): Html {
  const all = latencies.flatMap(({ baseline, candidate }) => [baseline, candidate]);
  const scale = scaleOf(all.flatMap(({ p5, p95 }) => [p5, p95]));
  return html`<table><thead><tr><th>action</th><th>answers</th><th>median, ms</th><th>95 of 100, ms</th><th>${axis(scale)}</th></tr></thead>
<tbody>${latencies.map((one) => row(one, scale, slower.has(one.action)))}</tbody></table>
<p class="quiet"><span class="key before"></span> baseline <span class="key after"></span> candidate. Line: 5 to 95 of 100 answers; box: 25 to 75; mark: median. Logarithmic.</p>`;
}

/** Where a duration stands in the chart, from 0 to WIDTH. */
type Scale = { at(ms: number): number; ticks: number[] };

function scaleOf(durations: readonly number[]): Scale {
  const from = 10 ** Math.floor(Math.log10(Math.max(LEAST_MS, Math.min(...durations))));
  const to = 10 ** Math.ceil(Math.log10(Math.max(from * 10, ...durations)));
  const decades = Math.log10(to / from);
  const at = (ms: number) => round((WIDTH * Math.log10(Math.max(from, ms) / from)) / decades);
  const ticks = Array.from({ length: Math.round(decades) + 1 }, (_, nth) => from * 10 ** nth);
  return { at, ticks };
}

function axis({ at, ticks }: Scale): Html {
  const labels = ticks.map((ms, nth) => {
    const anchor = nth === 0 ? 'start' : nth === ticks.length - 1 ? 'end' : 'middle';
    return html`<text x="${at(ms)}" y="11" text-anchor="${anchor}">${ms >= 1_000 ? `${ms / 1_000} s` : `${round(ms)} ms`}</text>`;
  });
  return html`<svg viewBox="0 0 ${WIDTH} 14" role="img" aria-label="scale of durations">${labels}</svg>`;
}

function row({ action, answers, baseline, candidate }: LatencyFacts, scale: Scale, slower: boolean): Html {
  const lines = scale.ticks.map((ms) => html`<path class="tick" d="M${scale.at(ms)} 0V${2 * STRIP}"/>`);
  return html`<tr${slower && html` class="slower"`}><td>${action}</td><td>${answers}</td><td>${pair(baseline.p50, candidate.p50)}</td><td>${pair(baseline.p95, candidate.p95)}</td><td><svg viewBox="0 0 ${WIDTH} ${2 * STRIP}" role="img" aria-label="${action}: median ${baseline.p50} ms, then ${candidate.p50} ms">${lines}${strip(baseline, scale, 'before', 0)}${strip(candidate, scale, 'after', STRIP)}</svg></td></tr>
`;
}

function pair(before: number, after: number): Html {
  return html`${shown(before)} → ${shown(after)}`;
}

function strip({ p5, p25, p50, p75, p95 }: Spread, { at }: Scale, side: string, top: number): Html {
  const middle = top + STRIP / 2;
  const width = Math.max(2, at(p75) - at(p25));
  return html`<g class="${side}"><path d="M${at(p5)} ${middle}H${at(p95)}"/><rect x="${at(p25)}" y="${top + 3}" width="${round(width)}" height="${STRIP - 6}" rx="2"/><path class="median" d="M${at(p50)} ${top + 1}V${top + STRIP - 1}"/></g>`;
}

function shown(ms: number): string {
  return ms >= 10 ? Math.round(ms).toLocaleString('en') : String(ms);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
