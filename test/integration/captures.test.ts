import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import type { ChargerLog, Violation } from '../support/csms-judge.ts';
import { judgedCapture } from '../support/judged-capture.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';

const folder = resolve(import.meta.dirname, '../../fixtures/captures');
const captures = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.replace('.jsonl', ''));

/** What the CSMS itself holds against a charger, as far as a faithful charger may not do it: the captured one's own faults aside. */
function newViolations(live: readonly ChargerLog[], captured: readonly ChargerLog[]): Violation[] {
  const key = ({ kind, messageId }: Violation) => `${kind} ${messageId}`;
  const known = new Set(captured.flatMap((log) => log.violations.map(key)));
  return live.flatMap((log) => log.violations).filter((violation) => !known.has(key(violation)));
}

describe('every capture', () => {
  it('is there', () => {
    expect(captures.length).toBeGreaterThanOrEqual(28);
  });

  it.concurrent.for(captures)(
    '%s replays against a CSMS on ocpp-rpc that finds no fault with it',
    async (name, { expect, onTestFinished }) => {
      const work = temporaryFolder(onTestFinished);
      const recording = join(work, 'capture.db');
      const imported = await chargetape(['import', join(folder, `${name}.jsonl`), '--out', recording]);
      expect(imported.code, imported.stderr).toBe(0);
      const captured = judgedCapture(name);
      const maxOutstanding = Math.max(...captured.map((log) => log.maxOutstanding));
      const csms = await startTestCsms({ maxOutstanding });
      const run = join(work, 'run.db');
      const replayed = await chargetape([
        ...['replay', recording, '--target', csms.url, '--out', run],
        ...['--speed', 'max', '--wait', '3', '--no-diff', '--json'],
      ]);
      const live = csms.judgement();
      await csms.close();
      const summary = JSON.parse(replayed.stdout);
      for (const { reason } of summary.incomplete) expect(reason).toMatch(/\w+ \w+/);
      expect(replayed.code, replayed.stderr).toBe(summary.incomplete.length > 0 ? 3 : 0);
      expect(newViolations(live, captured)).toEqual([]);
      const sessions = Number(recordedValue(recording, 'SELECT count(*) FROM session'));
      expect(summary.sessions).toBe(sessions);
      expect(recordedValue(run, 'SELECT count(*) FROM outcome')).toBe(sessions);
      const callsOf = (logs: readonly ChargerLog[]) => logs.reduce((sum, log) => sum + log.calls.length, 0);
      expect(callsOf(live)).toBeGreaterThan(0);
      expect(callsOf(live) + summary.notSent).toBeGreaterThanOrEqual(
        summary.incomplete.length > 0 ? 1 : callsOf(captured),
      );
    },
  );
});
