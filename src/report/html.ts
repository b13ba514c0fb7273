import { createHash } from 'node:crypto';
import type { Comparison, Finding } from '../diff/finding.ts';
import type { Surroundings } from '../diff/surroundings.ts';
import { visible } from '../session/visible.ts';
import { type Excuses, excusesOf, sortFindings } from './excuse.ts';
import { detail } from './html-detail.ts';
import { latencyChart, latencyCharts } from './html-latency.ts';
import { filters, listData } from './html-list.ts';
import { SCRIPT } from './html-script.ts';
import { STYLE } from './html-style.ts';
import { Html, html, type Part } from './html-text.ts';
import {
  breakdown,
  comparedWords,
  counted,
  emptyShare,
  foundWords,
  judgementLines,
  nameOf,
  reachWords,
  sessionWords,
} from './phrases.ts';

/** How much of the page the findings' details may take, characters; beyond it only the gravest have theirs. */
const MAX_DETAILS = 40_000_000;

/** With more findings than this, each shows one example. */
const MANY_FINDINGS = 500;

/** Nothing may be loaded, and only the page's own script runs. */
const POLICY = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`;

const WORDS = {
  same: 'Same',
  different: 'Different',
  incomplete: 'Incomplete',
} as const;

/** One self-contained page: the verdict, the findings with filters, each one's payloads side by side. No network, dark and light, keyboard. */
export function htmlReport(
  comparison: Comparison,
  surroundings: ReadonlyMap<string, Surroundings> = new Map(),
): string {
  const { baseline, candidate, verdict } = comparison;
  const findings = inReadingOrder(comparison.findings);
  const excuses = excusesOf(findings);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${WORDS[verdict]}: ${nameOf(baseline)} and ${nameOf(candidate)}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<div id="overview">
${header(comparison)}
<main>
${findings.length > 0 && list(findings, excuses)}
</main>
</div>
${findings.length > 0 && [DETAIL, listData(findings, excuses, comparison.summary.sessionsCompared)]}
${detailBlocks(findings, excuses, surroundings, comparison)}
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return page.source;
}

/** First causes by gravity, each followed by what comes of it; then those that do not decide. */
function inReadingOrder(findings: readonly Finding[]): Finding[] {
  const { deciding, excused } = sortFindings(findings);
  return [
    ...deciding.flatMap(({ finding, consequences }) => [finding, ...consequences]),
    ...[...excused.values()].flat(),
  ];
}

function header(comparison: Comparison): Html {
  const { verdict, baseline, candidate, against, summary } = comparison;
  const empty = emptyShare(summary);
  const reach = reachWords(comparison);
  return html`<header>
<button id="theme" type="button">Light / dark</button>
<div class="verdict ${verdict}">
<h1>${WORDS[verdict]}: ${foundWords(comparison)}</h1>
${reach !== null && html`<p class="reach">${reach}</p>`}
<p class="facts">${nameOf(baseline)} <small>${baseline.kind}, ${baseline.startedAt}</small> → ${against !== undefined && html`${nameOf(against)} <small>old build</small> and `}${nameOf(candidate)} <small>${candidate.kind}, ${candidate.startedAt}</small></p>
<p class="facts">Compared ${comparedWords(summary)}.${empty !== null && ` Empty answers: ${empty}.`}</p>
${judgementLines(summary).map((line) => html`<p class="facts">${line}</p>`)}
</div>
${incomplete(summary)}
${latencyCharts(comparison)}
<details><summary>Not compared: ${summary.notCompared}. Expected to vary: ${Object.values(summary.expected).reduce((sum, count) => sum + count, 0)}.</summary>
<p class="quiet">Not compared: ${breakdown(summary.notComparedReasons)}</p>
<p class="quiet">Expected to vary: ${breakdown(summary.expected)}</p></details>
</header>`;
}

function incomplete({ incompleteSessions }: Comparison['summary']): Part {
  if (incompleteSessions.length === 0) return null;
  const lines = incompleteSessions.map(
    ({ session, reason }) => html`<li>${sessionWords(session)}: ${visible(reason)}</li>`,
  );
  return html`<details${lines.length <= 5 && html` open`}><summary>${counted(lines.length, 'incomplete session')}</summary><ul>${lines}</ul></details>`;
}

function list(findings: readonly Finding[], excuses: Excuses): Html {
  return html`${filters(findings, excuses)}
<noscript><p class="none">The list needs JavaScript; the text and Markdown reports do not.</p></noscript>
<ol id="list"></ol>
<p id="none" class="none" hidden>No finding matches these filters.</p>
<p class="none"><button id="more" type="button" hidden></button></p>`;
}

const DETAIL = html`<main id="detail" hidden>
<nav><button id="back" type="button">← All findings</button><button id="previous" type="button">Previous</button><button id="next" type="button">Next</button><span id="place" class="quiet"></span><span class="keys"><kbd>n</kbd> next <kbd>p</kbd> previous <kbd>Esc</kbd> back</span></nav>
<article id="finding"></article>
</main>`;

/** The findings' details as inert text, which the script brings to life one at a time. */
function detailBlocks(
  findings: readonly Finding[],
  excuses: Excuses,
  surroundings: ReadonlyMap<string, Surroundings>,
  { summary }: Comparison,
): Part[] {
  const examples = findings.length > MANY_FINDINGS ? 1 : Number.POSITIVE_INFINITY;
  let room = MAX_DETAILS;
  return findings.map((finding) => {
    const excuse = excuses.get(finding.id);
    const around = surroundings.get(finding.id);
    const shown = { excuse, maxExamples: examples, around, chart: latencyChart(finding, summary) };
    const whole =
      room > 0 ? detail(finding, shown) : detail({ ...finding, examples: [] }, { excuse, maxExamples: 0 });
    room -= whole.source.length;
    return html`<script type="text/plain" id="d-${finding.id}">${whole}</script>
`;
  });
}
