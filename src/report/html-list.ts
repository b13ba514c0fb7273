import type { Finding } from '../diff/finding.ts';
import { visible } from '../session/visible.ts';
import type { Excuses } from './excuse.ts';
import { Html, html, type Part } from './html-text.ts';
import { counted, placeOf, sidesOf } from './phrases.ts';

/** How much of the session names can be searched for, characters. */
const MAX_SEARCHED = 200;

/** What the page's script knows of each finding: what the filters look at, and its line in the list. */
interface Listed {
  id: string;
  severity: string;
  kind: string;
  standing: string;
  search: string;
  row: string;
}

/** The findings as a block of inert JSON; the script puts as many lines of it into the list as are looked at. */
export function listData(findings: readonly Finding[], excuses: Excuses, sessions: number): Html {
  const json = JSON.stringify(
    findings.map((finding) => listed(finding, excuses.get(finding.id) ?? null, sessions)),
  ).replaceAll('<', '\\u003c');
  return html`<script type="application/json" id="data">${new Html(json)}</script>`;
}

function listed(finding: Finding, excuse: string | null, all: number): Listed {
  const { id, severity, kind, sessions } = finding;
  const searched = [kind, placeOf(finding), id, visible(sessions.join(' ').slice(0, MAX_SEARCHED))];
  return {
    id,
    severity,
    kind,
    standing: excuse ?? 'new',
    search: searched.join(' ').toLowerCase(),
    row: listRow(finding, excuse, all).source,
  };
}

/** One line: how grave, what, where, the values, how often. A link, so that it can be reached by key and by address. */
function listRow(finding: Finding, excuse: string | null, all: number): Html {
  const { id, severity, kind, caller, count, sessions } = finding;
  const change = sidesOf(finding) ?? [];
  const follows = excuse === 'consequence';
  return html`<li${follows && html` class="then"`}><a href="#${id}"><span class="grade ${severity}">${follows ? 'follows' : (excuse ?? severity)}</span><span class="kind">${kind}</span><span class="place">${placeOf(finding)}${caller === 'csms' && html` <small>command</small>`}</span><span class="change">${change.map((side) => html`<span>${side}</span>`)}</span><span class="extent">${sessions.length} of ${counted(all, 'charger')} ×${count}</span></a></li>`;
}

/** The controls above the list: a search, the severities, what decides and what not, the kinds. */
export function filters(findings: readonly Finding[], excuses: Excuses): Html {
  const severities = countsOf(findings.map(({ severity }) => severity));
  const standings = countsOf(findings.map(({ id }) => excuses.get(id) ?? 'new'));
  const kinds = countsOf(findings.map(({ kind }) => kind));
  return html`<form id="filters" role="search">
<input id="search" type="search" placeholder="Search action, path, charger, id  ( / )" aria-label="Search">
${['high', 'medium', 'low'].map((name) => toggle('severity', name, severities.get(name) ?? 0))}
${standings.size > 1 && [...standings].map(([name, count]) => toggle('standing', name, count))}
<select id="kind" aria-label="Kind"><option value="">every kind</option>${[...kinds].sort().map(([name, count]) => html`<option value="${name}">${name} (${count})</option>`)}</select>
<output id="shown"></output>
</form>`;
}

function toggle(group: string, name: string, count: number): Part {
  return html`<label class="toggle"><input type="checkbox" name="${group}" value="${name}" checked${count === 0 && html` disabled`}> ${name} <small>${count}</small></label>`;
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
