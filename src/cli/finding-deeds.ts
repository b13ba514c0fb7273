import type { Comparison, Finding } from '../diff/finding.ts';
import { FORMATS } from '../report/formats.ts';
import type { Reader } from '../session/recording.ts';
import { openRecording } from '../store/reader.ts';
import type { FindingDeeds } from '../ui/deeds.ts';
import { author, buildsOf, RULES, readRules } from './accept.ts';
import { stemOf, writeNew } from './new-files.ts';
import { writeWhole } from './output.ts';
import { surroundingsOf } from './surroundings.ts';
import { today } from './today.ts';

/** What the findings screens have done for them. */
export function findingDeeds(
  comparison: Comparison,
  baseline: string,
  candidate: string,
  rules: string = RULES,
): FindingDeeds {
  const around = new Map<string, ReturnType<FindingDeeds['around']>>();
  const read = (findings: Finding[]) =>
    withReader(baseline, (before) =>
      withReader(candidate, (after) => surroundingsOf({ ...comparison, findings }, before, after)),
    );
  return {
    around(id) {
      const finding = comparison.findings.find((one) => one.id === id);
      const known = around.get(id) ?? read(finding ? [finding] : []).then((found) => found.get(id) ?? null);
      around.set(id, known);
      return known;
    },
    bindings: (name) =>
      withReader(candidate, async (run) => {
        for await (const { id, endpoint, identity } of run.sessions()) {
          if (`${endpoint}/${identity}` === name) return run.bindings(id);
        }
        return [];
      }),
    async report(judged) {
      const surroundings = await read(judged.findings);
      return writeNew(`${stemOf(candidate)}.html`, FORMATS.html(judged, surroundings));
    },
    write: writeNew,
    rules: {
      path: rules,
      read: () => readRules(rules),
      write: (text) => writeWhole(rules, text),
      author: author(),
      builds: buildsOf(comparison),
      today: today(),
    },
    files: { baseline, candidate },
  };
}

async function withReader<T>(path: string, use: (reader: Reader) => Promise<T>): Promise<T> {
  const reader = await openRecording(path);
  try {
    return await use(reader);
  } finally {
    reader.close();
  }
}
