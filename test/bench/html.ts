// npm run bench:html [-- FINDINGS...]: how large the HTML of so many findings is, and how long a headless Chromium takes to open it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { htmlReport } from '../../src/report/html.ts';
import { largeComparison } from '../report/hostile-comparison.ts';
import { type Page, startBrowser } from '../support/browser.ts';

const ROUNDS = 3;
const sizes = process.argv.slice(2).map(Number);
const work = mkdtempSync(join(tmpdir(), 'chargetape-bench-html-'));

/** From the beginning of the navigation to the end of the load event, ms. */
async function loadMs(page: Page, file: string): Promise<number> {
  await page.open(pathToFileURL(file).href);
  return page.evaluate<number>(
    `(({ loadEventEnd, startTime }) => loadEventEnd - startTime)(performance.getEntriesByType('navigation')[0])`,
  );
}

const page = await startBrowser(join(work, 'profile'));
try {
  console.log('findings      size   opened in (three times)');
  for (const findings of sizes.length > 0 ? sizes : [100, 1_000, 10_000]) {
    const file = join(work, `${findings}.html`);
    const text = htmlReport(largeComparison(findings));
    writeFileSync(file, text);
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await loadMs(page, file));
    const size = `${(text.length / 1e6).toFixed(1)} MB`;
    console.log(
      `${String(findings).padStart(8)}  ${size.padStart(8)}   ${rounds.map((ms) => `${Math.round(ms)} ms`).join(', ')}`,
    );
  }
} finally {
  await page.close();
  rmSync(work, { recursive: true, force: true });
}
