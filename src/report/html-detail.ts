import type { Example, Finding } from '../diff/finding.ts';
import { alignTexts, closeUp, type Piece, type Row } from '../diff/side-by-side.ts';
import type { Surroundings } from '../diff/surroundings.ts';
import { visible } from '../session/visible.ts';
import type { Excuse } from './excuse.ts';
import { ladder } from './html-ladder.ts';
import { type Html, html, type Part } from './html-text.ts';
import { counted, makesOf, placeOf } from './phrases.ts';

/** Equal lines kept around what changed; a longer stretch is folded. */
const CONTEXT_LINES = 4;

/** Longest stretch of one line, characters; what comes after is cut, and said to be. */
const MAX_PIECE = 2_000;

/** Names of sessions that are listed; the JSON has all. */
const MAX_SESSIONS = 200;

/** What is shown of a finding beside itself. */
export interface DetailOptions {
  /** Why it does not decide; absent when it does. */
  excuse?: Excuse | undefined;
  maxExamples: number;
  around?: Surroundings | undefined;
  /** A chart of how long its answers take. */
  chart?: Part;
}

/** All about one finding: what it means, the payloads of its first examples side by side, the sessions it was seen in. */
export function detail(finding: Finding, { excuse, maxExamples, around, chart = null }: DetailOptions): Html {
  const { id, severity, kind, caller, message, count, sessions, examples, causedBy, reason } = finding;
  const makes = makesOf(finding);
  const shown = examples.slice(0, maxExamples);
  return html`<h2><span class="grade ${severity}">${excuse ?? severity}</span> ${kind} <span class="place">${placeOf(finding)}</span></h2>
<p class="message">${visible(message)}</p>
<p class="facts">${caller === 'csms' ? 'command of the CSMS' : caller === 'charger' ? 'answer to the charger' : 'connection'} · ${counted(count, 'time')} in ${counted(sessions.length, 'session')} · id <code>${id}</code></p>
${makes !== null && html`<p class="facts">${makes}</p>`}${causedBy !== undefined && html`<p class="facts">follows from <a class="link" href="#${causedBy}">${causedBy}</a></p>`}${reason !== undefined && html`<p class="facts">accepted: ${visible(reason)}</p>`}
${chart}
${shown.length === 0 && html`<p class="facts">No text of it was kept.</p>`}
${shown.slice(0, 1).map((example) => exampleOf(example, finding, true))}
${around !== undefined && ladder(around)}
${shown.slice(1).map((example) => exampleOf(example, finding, false))}
<h3>Sessions</h3>
<ul class="sessions">${sessions.slice(0, MAX_SESSIONS).map((name) => html`<li>${visible(name)}</li>`)}${sessions.length > MAX_SESSIONS && html`<li>and ${sessions.length - MAX_SESSIONS} more: see the JSON report</li>`}</ul>
`;
}

/** One occurrence; those after the first are folded. */
function exampleOf(example: Example, finding: Finding, isFirst: boolean): Part {
  const { session, baselineFrame, candidateFrame, baselineText, candidateText } = example;
  const rows = closeUp(alignTexts(baselineText, candidateText, example.path ?? finding.path, false));
  const isOfFrames = baselineFrame !== undefined || candidateFrame !== undefined;
  const heading = html`${visible(session)}${isOfFrames && html` <small>frame ${baselineFrame ?? 'none'} → ${candidateFrame ?? 'none'}</small>`}`;
  const sides = html`<div class="diff" role="table"><div class="r sides"><span>baseline</span><span>candidate</span></div>
${folded(rows)}</div>`;
  if (isFirst) return html`<h3>${heading}</h3>${sides}`;
  return html`<details class="example"><summary>${heading}</summary>${sides}</details>`;
}

/** Rows, with long stretches of equal ones folded. */
function folded(rows: readonly Row[]): Part[] {
  const parts: Part[] = [];
  let equal: Row[] = [];
  const flush = (isEnd: boolean): void => {
    const before = parts.length === 0 ? 0 : CONTEXT_LINES;
    const after = isEnd ? 0 : CONTEXT_LINES;
    const hidden = equal.slice(before, Math.max(before, equal.length - after));
    if (hidden.length <= 2) parts.push(...equal.map(rowOf));
    else {
      parts.push(...equal.slice(0, before).map(rowOf));
      parts.push(html`<details class="fold"><summary>${hidden.length} equal lines</summary>${hidden.map(rowOf)}</details>
`);
      parts.push(...equal.slice(equal.length - after || equal.length).map(rowOf));
    }
    equal = [];
  };
  for (const row of rows) {
    if (!row.changed) {
      equal.push(row);
      continue;
    }
    flush(false);
    parts.push(rowOf(row));
  }
  flush(true);
  return parts;
}

function rowOf({ baseline, candidate, changed, focus }: Row): Html {
  const mark = focus ? ' focus' : changed ? ' changed' : '';
  return html`<div class="r${mark}"><code${baseline !== null && changed && html` class="old"`}>${pieces(baseline, 'del')}</code><code${candidate !== null && changed && html` class="new"`}>${pieces(candidate, 'ins')}</code></div>
`;
}

function pieces(side: readonly Piece[] | null, tag: 'del' | 'ins'): Part {
  return (side ?? []).map(({ text, changed }): Part => {
    const shown = text.length > MAX_PIECE ? `${text.slice(0, MAX_PIECE)}… (${text.length} characters)` : text;
    if (!changed) return shown;
    return tag === 'del' ? html`<del>${shown}</del>` : html`<ins>${shown}</ins>`;
  });
}
