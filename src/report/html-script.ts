/**
 * Script of the HTML page. All findings stand in the page as inert text; the script filters them, puts the first lines into the list
 * (more when asked), and opens the finding that the address names. So ten thousand findings open at once.
 */
export const SCRIPT = `
'use strict';
const PAGE = 200;
const byId = (id) => document.getElementById(id);
const list = byId('list'), detail = byId('detail'), filters = byId('filters');
const findings = list ? JSON.parse(byId('data').textContent) : [];
const known = new Map(findings.map((finding) => [finding.id, finding]));
let shown = findings;
let limit = PAGE;
let current = null;

function filter() {
  const words = byId('search').value.toLowerCase().split(/\\s+/).filter(Boolean);
  const kind = byId('kind').value;
  const off = new Set([...filters.querySelectorAll('.toggle input:not(:checked)')].map((box) => box.name + box.value));
  shown = findings.filter((one) => (kind === '' || one.kind === kind)
    && !off.has('severity' + one.severity) && !off.has('standing' + one.standing)
    && words.every((word) => one.search.includes(word)));
  limit = PAGE;
  draw();
}

function draw() {
  list.innerHTML = shown.slice(0, limit).map(({ row }) => row).join('');
  const more = shown.length - limit;
  byId('more').hidden = more <= 0;
  byId('more').textContent = 'Show ' + Math.min(PAGE, more) + ' of ' + more + ' more';
  byId('shown').value = shown.length === findings.length ? '' : shown.length + ' of ' + findings.length + ' shown';
  byId('none').hidden = shown.length > 0;
  mark(current);
}

function mark(finding) {
  current = finding;
  for (const row of list.querySelectorAll('.current')) row.classList.remove('current');
  const row = current && list.children[shown.indexOf(current)];
  row?.classList.add('current');
  return row;
}

function reveal(finding, block) {
  const at = shown.indexOf(finding);
  if (at >= limit) {
    limit = (Math.floor(at / PAGE) + 1) * PAGE;
    draw();
  }
  mark(finding)?.scrollIntoView({ block });
}

function route() {
  const finding = known.get(decodeURIComponent(location.hash.slice(1)));
  byId('overview').hidden = Boolean(finding);
  detail.hidden = !finding;
  if (!finding) {
    if (current) reveal(current, 'center');
    return;
  }
  current = finding;
  byId('finding').innerHTML = byId('d-' + finding.id).textContent;
  const place = shown.indexOf(finding);
  byId('place').textContent = place < 0 ? '' : (place + 1) + ' of ' + shown.length;
  scrollTo(0, 0);
}

function step(by) {
  if (shown.length === 0) return;
  const at = shown.indexOf(current);
  const finding = shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + by))];
  if (detail.hidden) reveal(finding, 'nearest');
  else location.hash = finding.id;
}

function back() {
  if (detail.hidden) return;
  history.pushState(null, '', location.pathname + location.search);
  route();
}

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.style.colorScheme ? root.style.colorScheme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.style.colorScheme = dark ? 'light' : 'dark';
}

const KEYS = {
  n: () => step(1), j: () => step(1), p: () => step(-1), k: () => step(-1), Escape: back,
  Enter: () => { if (detail.hidden && current) location.hash = current.id; },
  '/': () => { if (detail.hidden) byId('search').focus(); },
};

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches('input[type=search], select');
  if (typing && event.key === 'Escape') event.target.blur();
  if (typing || (event.key === 'Enter' && event.target.closest('a, button, summary'))) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
byId('theme').addEventListener('click', toggleTheme);
if (list) {
  filters.addEventListener('input', filter);
  filters.addEventListener('submit', (event) => event.preventDefault());
  byId('back').addEventListener('click', back);
  byId('next').addEventListener('click', () => step(1));
  byId('previous').addEventListener('click', () => step(-1));
  byId('more').addEventListener('click', () => { limit += PAGE; draw(); });
  addEventListener('hashchange', route);
  addEventListener('popstate', route);
  draw();
  route();
}
`;
