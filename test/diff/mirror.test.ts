import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { exitCodeOf } from '../../src/diff/exit-code.ts';
import type { Comparison, FindingKind } from '../../src/diff/finding.ts';
import { RuleBook } from '../../src/diff/rule-book.ts';
import { MOVED, SESSION, TWO_SIDES } from '../support/session-arbitrary.ts';
import { runOf, scripted } from '../support/session-script.ts';

const options = { seed: 20_261_127, numRuns: 60 };

/** What a kind is called from the other side; kinds that are not here are the same. */
const MIRRORED: Partial<Record<FindingKind, FindingKind>> = {
  'field-added': 'field-removed',
  'field-removed': 'field-added',
  'result-to-error': 'error-to-result',
  'error-to-result': 'result-to-error',
  'command-missing': 'command-unexpected',
  'command-unexpected': 'command-missing',
  'call-missing': 'call-unexpected',
  'call-unexpected': 'call-missing',
};

/** Findings as places with values, as this side or the other one would tell them. */
function places({ findings }: Comparison, mirrored: boolean): string[] {
  return findings
    .map(({ kind, caller, action, variety, path, count, baseline, candidate }) =>
      mirrored
        ? [MIRRORED[kind] ?? kind, caller, action, variety, path, count, candidate, baseline]
        : [kind, caller, action, variety, path, count, baseline, candidate],
    )
    .map((facts) => JSON.stringify(facts))
    .sort();
}

describe('a recording', () => {
  it('differs neither from itself, nor from a copy, nor from a run that says the same, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(SESSION, SESSION, async (one, two) => {
        const script = `session A\n${one}\nsession B\n${two}`;
        const recording = scripted(script);
        for (const other of [recording, scripted(script, { uuid: 'copy' }), runOf(recording, script)])
          expect((await compareRecordings(recording, other)).findings).toEqual([]);
      }),
      options,
    );
  });

  it('with a gap is incomplete, and otherwise compared as ever', async () => {
    await fc.assert(
      fc.asyncProperty(SESSION, SESSION, fc.boolean(), async (one, two, ofAll) => {
        const recording = scripted(`session A\n${one}`);
        const whole = runOf(recording, `session A\n${two}`);
        const holed = runOf(recording, `session A\n${two}`);
        const connection = ofAll ? null : 1_001;
        holed.contents.gaps = [{ fromUs: 0, toUs: 1, connection, frames: 3, bytes: 9, reason: 'disk full' }];
        const comparison = await compareRecordings(recording, holed);
        expect(comparison.verdict).toBe('incomplete');
        expect(exitCodeOf(comparison)).toBe(3);
        const { findings } = await compareRecordings(recording, whole);
        expect(comparison.findings.length).toBeLessThanOrEqual(findings.length);
      }),
      options,
    );
  });
});

describe('swapping sides', () => {
  it('mirrors the findings of two captures', async () => {
    const kinds = new Set<FindingKind>();
    await fc.assert(
      fc.asyncProperty(TWO_SIDES, async ([one, two]) => {
        const [left, right] = [scripted(`session A\n${one}`), scripted(`session A\n${two}`, { uuid: 'b' })];
        const forth = await compareRecordings(left, right);
        expect(await compareRecordings(left, right)).toEqual(forth);
        expect(places(await compareRecordings(right, left), true)).toEqual(places(forth, false));
        for (const { kind } of forth.findings) kinds.add(kind);
      }),
      options,
    );
    expect(kinds.size).toBeGreaterThan(12);
  });

  it('keeps one command that moved out of order, and nothing of one that was early or late: it had no certain cause there', async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(MOVED, fc.boolean(), async ({ kind, inPlace, moved }, isRun) => {
        const compare = async (before: string, after: string) => {
          const baseline = scripted(`session A\n${before}`);
          const candidate = isRun
            ? runOf(baseline, `session A\n${after}`)
            : scripted(`session A\n${after}`, { uuid: 'b' });
          const { findings } = await compareRecordings(baseline, candidate);
          return findings.map((finding) => `${finding.kind} ${finding.count}`);
        };
        expect(await compare(inPlace, moved)).toEqual([`${kind} 1`]);
        expect(await compare(moved, inPlace)).toEqual(kind === 'command-order' ? [`${kind} 1`] : []);
        kinds.add(kind);
      }),
      options,
    );
    expect(kinds.size).toBe(3);
  });

  it('mirrors those of a recording and its run', async () => {
    await fc.assert(
      fc.asyncProperty(TWO_SIDES, async ([one, two]) => {
        const compare = (before: string, after: string) => {
          const baseline = scripted(`session A\n${before}`);
          return compareRecordings(baseline, runOf(baseline, `session A\n${after}`));
        };
        expect(places(await compare(two, one), true)).toEqual(places(await compare(one, two), false));
      }),
      options,
    );
  });
});

describe('accepting all findings', () => {
  it('gives exit code 0, and accepts nothing that another comparison finds besides', async () => {
    await fc.assert(
      fc.asyncProperty(TWO_SIDES, TWO_SIDES, async ([one, two], [, three]) => {
        const baseline = scripted(`session A\n${one}`);
        const comparison = await compareRecordings(baseline, scripted(`session A\n${two}`, { uuid: 'b' }));
        const other = await compareRecordings(baseline, scripted(`session A\n${three}`, { uuid: 'c' }));
        const ids = new Set(comparison.findings.map(({ id }) => id));
        const head = { name: 'rule', reason: 'as wanted', expires: null, chargers: null };
        const accepted = [...ids].map((finding) => ({ ...head, target: { finding } }));
        const judge = (judged: Comparison) =>
          new RuleBook({ accepted, expected: [], quarantined: [] }, '2026-11-27').judge(judged, false);
        expect(exitCodeOf(judge(comparison))).toBe(0);
        for (const { id, status } of judge(other).findings)
          expect(status).toBe(ids.has(id) ? 'accepted' : 'new');
      }),
      options,
    );
  });
});
