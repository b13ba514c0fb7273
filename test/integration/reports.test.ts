import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape, type Finished } from '../support/binary.ts';
import { startTestCsms } from '../support/test-csms.ts';

const captures = resolve(import.meta.dirname, '../../fixtures/captures');
const FORMATS = ['text', 'json', 'junit', 'markdown', 'github', 'html'];

/** A real charger at the base build of the test CSMS, and the same charger at a build that blocks its tag. */
const work = mkdtempSync(join(tmpdir(), 'chargetape-reports-'));
const baseline = join(work, 'baseline.db');
const candidate = join(work, 'candidate.db');
let replayed: Finished;

beforeAll(async () => {
  const captured = join(work, 'captured.db');
  const capture = join(captures, 'sap-simulator__ocpp-rpc.jsonl');
  await chargetape(['import', capture, '--out', captured]);
  await replay(captured, baseline, [], ['--no-diff']);
  const outputs = FORMATS.flatMap((format) => ['--output', `${format}=${join(work, `report.${format}`)}`]);
  replayed = await replay(baseline, candidate, ['authorize-blocked'], ['--format', 'github', ...outputs]);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

async function replay(recording: string, out: string, switches: string[], more: string[]): Promise<Finished> {
  const csms = await startTestCsms({ switches });
  const pace = ['--speed', 'max', '--wait', '3'];
  const finished = await chargetape([
    'replay',
    recording,
    '--target',
    csms.url,
    '--out',
    out,
    ...pace,
    ...more,
  ]);
  await csms.close();
  return finished;
}

const report = (format: string) => readFileSync(join(work, `report.${format}`), 'utf8');

describe('chargetape replay --output', () => {
  it('writes every format beside what it prints, and nothing else', () => {
    expect(replayed.code, replayed.stderr).toBe(1);
    expect(replayed.stdout).toBe(report('github'));
    expect(
      readdirSync(work)
        .filter((name) => name.startsWith('report'))
        .sort(),
    ).toEqual(FORMATS.map((format) => `report.${format}`).sort());
  });

  it('tells the same findings in all of them', () => {
    const { verdict, findings } = JSON.parse(report('json'));
    expect(verdict).toBe('different');
    expect(findings).toHaveLength(1);
    const [{ id, count }] = findings;
    expect(count).toBeGreaterThan(0);
    for (const format of FORMATS) expect(report(format), format).toContain(id);
    expect(report('junit')).toContain(' failures="1"');
    expect(report('markdown')).toMatch(/^## ❌ Chargetape: DIFFERENT: 1 finding in 1 session$/m);
    expect(report('html')).toContain('<h1>Different: 1 finding in 1 session</h1>');
    expect(report('text')).toMatch(/^Empty answers \d+ of \d+ \(\d+ %\)/m);
  });
});

describe('chargetape diff --format', () => {
  it.each(FORMATS)('prints %s as replay wrote it', async (format) => {
    const { code, stdout } = await chargetape(['diff', baseline, candidate, '--format', format]);
    expect(code).toBe(1);
    expect(stdout).toBe(report(format));
  });

  it('refuses a format that it does not know, and writes nothing', async () => {
    const file = join(work, 'other.pdf');
    const { code, stderr } = await chargetape(['diff', baseline, candidate, '--output', `pdf=${file}`]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error USAGE: .*text, json, junit, markdown, github, html/);
  });

  it('leaves no half of a report where it cannot write', async () => {
    const { code, stderr } = await chargetape([
      'diff',
      baseline,
      candidate,
      '--output',
      `html=${work}/none/x.html`,
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error CANNOT_WRITE: /);
  });
});

describe('chargetape stats', () => {
  it('says what the recording covers', async () => {
    const { code, stdout } = await chargetape(['stats', baseline]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 session, /);
    expect(stdout).toMatch(/^ {2}StartTransaction +\d+ {2}\d+ results?$/m);
    expect(stdout).toMatch(/^ {2}never: .*Reset/m);
  });

  it('prints JSON with --json', async () => {
    const { stdout } = await chargetape(['stats', baseline, '--json']);
    const { calls, answers, emptyAnswers, actions } = JSON.parse(stdout);
    expect(calls).toBeGreaterThanOrEqual(answers);
    expect(emptyAnswers).toBeGreaterThan(0);
    expect(actions.length).toBeGreaterThan(5);
  });
});
