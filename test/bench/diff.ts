// npm run bench:diff: recall and false alarms of the diff, from the planted regressions and harmless changes of the test CSMS.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** One test of Vitest's JSON report. */
interface Result {
  ancestorTitles: string[];
  title: string;
  status: string;
}

const root = resolve(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'chargetape-bench-diff-'));
const file = join(work, 'results.json');
const { error } = spawnSync(
  'vitest',
  [
    ...['run', '--config', 'test/vitest.config.ts', 'test/integration/regressions.test.ts'],
    ...['--reporter=json', `--outputFile=${file}`],
  ],
  {
    cwd: root,
    env: { ...process.env, CHARGETAPE_ALL_BUILDS: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
if (error) throw error;
const report: { testResults: { assertionResults: Result[] }[] } = JSON.parse(readFileSync(file, 'utf8'));
rmSync(work, { recursive: true, force: true });

const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
const of = (group: string): Result[] =>
  results.filter(({ ancestorTitles }) => ancestorTitles.includes(group));
const failed = (group: string): string[] =>
  of(group)
    .filter(({ status }) => status !== 'passed')
    .map(({ title }) => title);
const [regressions, harmless] = ['a planted regression', 'a harmless change'];
const [missed, alarms] = [failed(regressions), failed(harmless)];
const planted = of(regressions).length;
console.log(
  `recall: ${planted - missed.length} of ${planted} planted regressions, each as what it is and alone`,
);
console.log(`false alarms: ${alarms.length} of ${of(harmless).length} harmless changes`);
for (const title of [...missed, ...alarms]) console.log(`  failed: ${title}`);
process.exitCode = missed.length + alarms.length === 0 && planted > 0 ? 0 : 1;
