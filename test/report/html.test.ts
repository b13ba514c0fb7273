import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/diff/finding.ts';
import { htmlReport } from '../../src/report/html.ts';
import { hasBrowser, type Page, startBrowser } from '../support/browser.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { comparison, finding, typicalComparison } from '../ui/comparison-fixture.ts';
import { hostileComparison, largeComparison } from './hostile-comparison.ts';

describe('htmlReport', () => {
  it('names nothing to load', () => {
    const page = htmlReport(typicalComparison());
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:)|@import|url\(|<link(?! rel="icon" href="data:,">)/);
    expect(page).toContain("default-src 'none'");
  });

  it('shows what passed around a finding in both lanes when that is given', () => {
    const rung = { offsetUs: -1_500, sender: 'charger', text: 'Authorize <b>', here: false } as const;
    const here = { offsetUs: 0, sender: 'csms', text: '← Authorize Blocked', here: true } as const;
    const around = new Map([['aaaaaaaaaaaa', { baseline: [rung], candidate: [rung, here] }]]);
    const page = htmlReport(typicalComparison(), around);
    expect(page.match(/What passed around it/g)).toHaveLength(1);
    expect(page).toContain(
      '−0.002</span><span class="who charger">charger →</span><span>Authorize &lt;b&gt;</span>',
    );
    expect(page).toContain(
      '<li class="here"><span class="when">+0.000</span><span class="who csms">← CSMS</span>',
    );
  });

  it('escapes all that comes from the wire', () => {
    const page = htmlReport(hostileComparison());
    expect(page).not.toContain('<img');
    expect(page.match(/<\/script>/g)).toHaveLength(page.match(/<script/g)?.length ?? 0);
  });
});

describe.skipIf(!hasBrowser)('the page in Chromium', () => {
  let page: Page;
  let clean: () => void = () => {};
  const folder = temporaryFolder((whenDone) => {
    clean = whenDone;
  });
  const open = async (name: string, shown: Comparison): Promise<void> => {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, htmlReport(shown));
    await page.open(pathToFileURL(file).href);
  };
  const text = (selector: string) =>
    page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).innerText`);
  const rows = () =>
    page.evaluate<string[]>(`[...document.querySelectorAll('#list .place')].map((one) => one.innerText)`);
  const type = (words: string) =>
    page.evaluate(
      `(() => { const box = document.getElementById('search'); box.value = ${JSON.stringify(words)}; box.dispatchEvent(new Event('input', { bubbles: true })); })()`,
    );

  beforeAll(async () => {
    page = await startBrowser(join(folder, 'profile'));
  });
  afterAll(async () => {
    await page?.close();
    clean();
  });

  it('shows the verdict and the findings, the gravest first', async () => {
    await open('typical', typicalComparison());
    expect(await text('h1')).toBe('Incomplete: 4 findings in 12 sessions (1 accepted)');
    expect(await rows()).toEqual([
      'StartTransaction',
      'ChangeConfiguration command',
      'BootNotification /interval',
      'connection',
      'BootNotification /status',
    ]);
    expect(await text('.reach')).toBe('2 high, 1 medium, 1 low; 33 of 12 chargers touched');
  });

  it('shows what follows from a finding beneath it', async () => {
    const cause = finding({ id: 'c00000000001', severity: 'medium' });
    const follows = finding({ id: 'c00000000002', severity: 'high', causedBy: cause.id, path: '/status' });
    await open('follows', comparison([follows, cause]));
    expect(await rows()).toEqual(['BootNotification /interval', 'BootNotification /status']);
    expect(await text('#list .then .grade')).toBe('follows');
  });

  it('charts how long answers take, and again at the finding of a slower action', async () => {
    const fast = { p5: 1, p25: 2, p50: 3, p75: 4, p95: 5, max: 9 };
    const slow = { p5: 601, p25: 602, p50: 603, p75: 604, p95: 605, max: 609 };
    const latencies = [
      { action: 'Authorize', answers: 20, baseline: fast, candidate: slow },
      { action: 'Heartbeat', answers: 20, baseline: fast, candidate: fast },
    ];
    const shown = comparison([
      finding({ kind: 'latency', action: 'Authorize', path: '', baseline: 3, candidate: 603 }),
    ]);
    await open('latency', { ...shown, summary: { ...shown.summary, latencies } });
    expect(await text('.latency summary')).toBe('Latency of 2 actions, 1 slower');
    await page.evaluate(`document.querySelector('.latency summary').click()`);
    expect(await text('.latency .slower')).toMatch(/^Authorize\s+20\s+3 → 603\s+5 → 605/);
    const boxes = await page.evaluate<number[][]>(
      `[...document.querySelectorAll('.latency tbody tr')].map((row) => [...row.querySelectorAll('rect')].map((box) => Math.round(box.getBoundingClientRect().x)))`,
    );
    expect(boxes[0]![1]! - boxes[0]![0]!).toBeGreaterThan(100);
    expect(boxes[1]![1]).toBe(boxes[1]![0]);
    await page.press('n');
    await page.press('Enter');
    expect(await page.evaluate(`document.querySelectorAll('#finding .latency rect').length`)).toBe(2);
  });

  it('filters by words, by severity and by kind', async () => {
    await open('filters', typicalComparison());
    await type('boot interval');
    expect(await rows()).toEqual(['BootNotification /interval']);
    expect(await text('#shown')).toBe('1 of 5 shown');
    await type('');
    await page.evaluate(`document.querySelector('input[value=high]').click()`);
    expect(await rows()).toHaveLength(3);
    await page.evaluate(`document.querySelector('input[value=accepted]').click()`);
    expect(await rows()).toEqual(['BootNotification /interval', 'connection']);
    await page.evaluate(
      `(() => { const box = document.getElementById('kind'); box.value = 'close'; box.dispatchEvent(new Event('input', { bubbles: true })); })()`,
    );
    expect(await rows()).toEqual(['connection']);
    await type('no such thing');
    expect(await text('#none')).toBe('No finding matches these filters.');
  });

  it('opens a finding by key, with the changed words of both payloads marked, and goes on and back by key', async () => {
    await open('keys', typicalComparison());
    for (const key of ['n', 'n', 'n', 'p', 'n', 'Enter']) await page.press(key);
    expect(await text('#finding h2')).toContain('BootNotification /interval');
    expect(await text('.focus del')).toBe('20');
    expect(await text('.focus ins')).toBe('300');
    await page.press('p');
    expect(await text('#place')).toBe('2 of 5');
    expect(await text('#finding')).toContain('30 秒🔌');
    await page.press('Escape');
    expect(await page.evaluate(`document.getElementById('overview').hidden`)).toBe(false);
    expect(await text('#list .current .place')).toBe('ChangeConfiguration command');
  });

  it('opens a finding by its address and by a click', async () => {
    await open('address', typicalComparison());
    await page.evaluate(
      `new Promise((done) => { addEventListener('hashchange', () => setTimeout(done), { once: true }); document.querySelector('#list a').click(); })`,
    );
    expect(await text('#finding h2')).toContain('StartTransaction');
    expect(await page.evaluate('location.hash')).toBe('#aaaaaaaaaaaa');
  });

  it('follows the theme of the system, and of its button', async () => {
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await page.theme('light');
    await open('themes', typicalComparison());
    const light = await ground();
    await page.theme('dark');
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.evaluate(`document.getElementById('theme').click()`);
    expect(await ground()).toBe(light);
  });

  it('runs nothing that comes from the wire', async () => {
    await open('hostile', hostileComparison());
    await page.press('n');
    await page.press('Enter');
    expect(await text('#finding h2')).toContain('onerror=alert(1)');
    expect(await page.evaluate(`document.querySelectorAll('img').length`)).toBe(0);
  });

  it('shows a comparison without findings', async () => {
    await open('same', comparison([]));
    expect(await text('h1')).toBe('Same: no differences in 12 sessions');
  });

  it('opens ten thousand findings, and any of them', async () => {
    await open('large', largeComparison(10_000));
    expect(await rows()).toHaveLength(200);
    await type('field9999');
    await page.press('Escape');
    await page.evaluate(`document.getElementById('search').blur()`);
    await page.press('n');
    await page.press('Enter');
    expect(await text('#finding h2')).toContain('/field9999');
  });

  it('logs no error and asks for nothing but itself', () => {
    expect(page.errors).toEqual([]);
    expect(page.requests.length).toBeGreaterThan(5);
    expect(page.requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(page.requests.filter((url) => !url.endsWith('.html'))).toEqual([]);
  });
});
