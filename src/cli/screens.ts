import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Comparison, Finding } from '../diff/finding.ts';
import { FORMATS } from '../report/formats.ts';
import type { Reader } from '../session/recording.ts';
import { cutRecording } from '../store/cut.ts';
import { openRecording } from '../store/reader.ts';
import type { FindingDeeds, RecordingDeeds } from '../ui/deeds.ts';
import { author, buildsOf, RULES, readRules } from './accept.ts';
import { counted, writeWhole } from './output.ts';
import { surroundingsOf } from './surroundings.ts';
import { today } from './today.ts';
import { TOOL_VERSION } from './version.ts';

/** What the screens of a recording have done for them. Files stand in the folder that the command was started in. */
export function recordingDeeds(path: string): RecordingDeeds {
  return {
    async cut(sessions) {
      const out = freeName(`${stemOf(path)}-cut`, 'db');
      const chosen = new Set(sessions);
      const cut = await withReader(path, (reader) =>
        cutRecording(reader, out, { sessions: ({ id }) => chosen.has(id), toolVersion: TOOL_VERSION }),
      );
      return `cut into ${out}: ${counted(cut.sessions, 'session')}, ${counted(cut.frames, 'frame')}`;
    },
    write: writeNew,
  };
}

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

async function writeNew(name: string, text: string): Promise<string> {
  const dot = name.lastIndexOf('.');
  const file = freeName(name.slice(0, dot), name.slice(dot + 1));
  writeWhole(file, text);
  return `wrote ${file}`;
}

/** A name that no file has yet. */
function freeName(stem: string, extension: string): string {
  for (let number = 1; ; number++) {
    const name = `${stem}${number === 1 ? '' : `-${number}`}.${extension}`;
    if (!existsSync(name)) return name;
  }
}

function stemOf(path: string): string {
  return basename(path).replace(/\.[^.]*$/, '');
}

async function withReader<T>(path: string, use: (reader: Reader) => Promise<T>): Promise<T> {
  const reader = await openRecording(path);
  try {
    return await use(reader);
  } finally {
    reader.close();
  }
}
